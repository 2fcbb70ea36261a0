-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 claim token, $3 whether the attempt counts, $4 seconds until
-- the next one: back to pending. Answers released, or why not.
\ir fence.sql
done AS (
	UPDATE :schema.workflow_packages w
	SET build_status = 'pending', build_claimed_at = NULL
	FROM held
	WHERE w.id = held.id
	RETURNING w.id
), noted AS (
	UPDATE :schema.build_claims b
	SET ended_as = 'released',
	    attempts = b.attempts - (NOT $3::boolean)::int,
	    not_before = clock_timestamp() AT TIME ZONE 'UTC'
	        + make_interval(secs => $4::float8)
	FROM done
	WHERE b.package_id = done.id
	RETURNING b.ended_as
)
SELECT coalesce((SELECT ended_as FROM noted),
    (SELECT ended_as FROM c WHERE claim_token = $2::uuid), 'lost') AS answer;
