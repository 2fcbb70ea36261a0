-- SPDX-License-Identifier: Apache-2.0
-- $1 stale seconds, $2 most attempts, $3 most give-backs: what sweep.sql and
-- sweep_superseded.sql would do now. Changes nothing, locks nothing.
WITH stale AS (
	SELECT p.id, p.package_name, p.version, p.superseded,
	    p.build_claimed_at
	FROM :schema.workflow_packages p
	WHERE p.build_status = 'building' AND NOT p.superseded
	UNION ALL
	SELECT p.id, p.package_name, p.version, p.superseded,
	    p.build_claimed_at
	FROM :schema.build_claims c
	JOIN :schema.workflow_packages p ON p.id = c.package_id
	WHERE (c.ended_as IS NULL OR c.ended_as = 'timeout_killed')
	  AND p.build_status = 'building' AND p.superseded
)
SELECT stale.id, stale.package_name, stale.version,
    CASE WHEN stale.superseded OR own.attempts >= $2::integer
        OR CASE WHEN c.ended_as IN ('success', 'failed', 'given_up')
        THEN 0 ELSE coalesce(c.give_backs, 0) END + 1 >= $3::integer
    THEN 'failed' ELSE 'pending' END AS action,
    own.attempts, own.claim_token, own.compiler_instance_id,
    to_char(stale.build_claimed_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    AS stale_since
FROM stale LEFT JOIN :schema.build_claims c ON c.package_id = stale.id
LEFT JOIN :schema.build_claims own ON own.package_id = stale.id
    AND own.claimed_at = stale.build_claimed_at
WHERE stale.build_claimed_at < now() AT TIME ZONE 'UTC'
    - make_interval(secs => $1::float8)
ORDER BY stale.build_claimed_at;
