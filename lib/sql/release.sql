-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 claim token, $3 whether the attempt counts, $4 seconds until
-- the next one (0: nothing happened that is worth a word), longer each time,
-- $5 most attempts: back to pending, or failed when they are used up. Answers
-- released, given_up, or why neither.
\ir fence.sql
ending AS MATERIALIZED (
	SELECT held.id, c.attempts - (NOT $3::boolean)::int AS attempts,
	    $3::boolean AND c.attempts >= $5::integer AS used_up,
	    CASE WHEN $3::boolean OR $4::float8 > 0
	    THEN (c.history || CASE WHEN $3::boolean
	        THEN 'was killed' ELSE 'was given back' END)
	        [greatest(cardinality(c.history) - 18, 1):]
	    ELSE c.history END AS history
	FROM held CROSS JOIN c
), done AS (
	UPDATE :schema.workflow_packages w
	SET build_status = CASE WHEN ending.used_up
	        THEN 'failed' ELSE 'pending' END,
	    build_claimed_at = NULL,
	    build_error = CASE WHEN ending.used_up
	        THEN format('given up after %s attempts: %s', ending.attempts,
	            array_to_string(ending.history, ', ')) END
	FROM ending
	WHERE w.id = ending.id
	RETURNING w.id, ending.used_up, ending.attempts, ending.history
), noted AS (
	UPDATE :schema.build_claims b
	SET ended_as = CASE WHEN done.used_up
	        THEN 'given_up' ELSE 'released' END,
	    attempts = done.attempts,
	    history = done.history,
	    not_before = clock_timestamp() AT TIME ZONE 'UTC'
	        + make_interval(secs => least($4::float8
	            * greatest(cardinality(done.history), 1), 86400))
	FROM done
	WHERE b.package_id = done.id
	RETURNING b.ended_as
)
SELECT coalesce((SELECT ended_as FROM noted),
    (SELECT ended_as FROM c WHERE claim_token = $2::uuid), 'lost') AS answer;
