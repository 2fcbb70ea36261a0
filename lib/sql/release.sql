-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 claim token, $3 how it came back: 'was killed' (the attempt
-- counts), 'was given back', 'was interrupted' (its host was told to stop),
-- $4 seconds until the next claim, $5 most attempts, $6 most give-backs,
-- $7 reason or NULL: back to pending, or failed when one of them is used up.
-- Answers released, given_up, or why neither.
-- Every return counts as a give-back, so that none is without an end, and
-- doubles the delay, to a day at the most. A first interruption costs no time
-- and no place: the package had no part in it, another host may go on.
\ir fence.sql
ending AS MATERIALIZED (
	SELECT held.id, c.give_backs + 1 AS give_backs,
	    c.attempts - ($3::text <> 'was killed')::int AS attempts,
	    (c.history || concat($3::text, ' (' || left($7::text, 200) || ')'))
	        [greatest(cardinality(c.history) - 18, 1):] AS history,
	    CASE WHEN $3::text <> 'was interrupted' OR c.give_backs > 0
	    THEN least($4::float8 * 2 ^ least(c.give_backs, 30), 86400)
	    END AS delay -- NULL: none
	FROM held CROSS JOIN c
), judged AS MATERIALIZED (
	SELECT *, CASE
	    WHEN $3::text = 'was killed' AND attempts >= $5::integer
	    THEN attempts || CASE attempts
	        WHEN 1 THEN ' attempt' ELSE ' attempts' END
	    WHEN give_backs >= $6::integer
	    THEN give_backs || CASE give_backs
	        WHEN 1 THEN ' give-back' ELSE ' give-backs' END
	    END AS used_up
	FROM ending
), done AS (
	UPDATE :schema.workflow_packages w
	SET build_status = CASE WHEN judged.used_up IS NULL
	        THEN 'pending' ELSE 'failed' END,
	    build_claimed_at = NULL,
	    build_error = 'given up after ' || judged.used_up || ': '
	        || array_to_string(judged.history, ', ')
	FROM judged
	WHERE w.id = judged.id
	RETURNING w.id
), noted AS (
	UPDATE :schema.build_claims b
	SET ended_as = CASE WHEN judged.used_up IS NULL
	        THEN 'released' ELSE 'given_up' END,
	    attempts = judged.attempts,
	    give_backs = judged.give_backs,
	    history = judged.history,
	    -- Who resets what was given up need not wait.
	    not_before = CASE WHEN judged.used_up IS NULL
	        THEN coalesce(clock_timestamp() AT TIME ZONE 'UTC'
	            + make_interval(secs => judged.delay), '-infinity')
	        ELSE '-infinity' END
	FROM done JOIN judged ON judged.id = done.id
	WHERE b.package_id = done.id
	RETURNING b.ended_as
)
SELECT coalesce((SELECT ended_as FROM noted),
    (SELECT ended_as FROM c WHERE claim_token = $2::uuid), 'lost') AS answer;
