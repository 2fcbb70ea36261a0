-- SPDX-License-Identifier: Apache-2.0
-- $1 claim token, $2 compiler instance, $3 watermark or '-infinity': takes
-- the oldest pending build. No row: nothing pending, or paused.
-- A build that came back queues anew, at the moment from which on it may be
-- claimed: retries, however many, never stand before what is there already.
WITH returned AS MATERIALIZED (
	SELECT p.id, c.not_before
	FROM :schema.build_claims c
	JOIN :schema.workflow_packages p ON p.id = c.package_id
	WHERE c.ended_as IN ('released', 'swept')
	  AND c.not_before <= clock_timestamp() AT TIME ZONE 'UTC'
	  AND p.build_status = 'pending' AND NOT p.superseded
	  AND NOT EXISTS (SELECT FROM :schema.build_control WHERE paused)
	ORDER BY c.not_before
	LIMIT 1
	FOR NO KEY UPDATE OF p SKIP LOCKED
), fresh AS MATERIALIZED (
	SELECT p.id
	FROM :schema.workflow_packages p
	WHERE p.build_status = 'pending' AND NOT p.superseded
	  AND p.created_at >= $3::timestamp
	  AND p.created_at < coalesce((SELECT not_before FROM returned),
	      'infinity')
	  AND NOT EXISTS (SELECT FROM :schema.build_control WHERE paused)
	  AND NOT EXISTS (SELECT FROM :schema.build_claims c
	      WHERE c.package_id = p.id
	        AND (c.ended_as IN ('released', 'swept') OR c.not_before
	            > clock_timestamp() AT TIME ZONE 'UTC'))
	ORDER BY p.created_at, p.id
	LIMIT 1
	FOR NO KEY UPDATE OF p SKIP LOCKED
), next AS MATERIALIZED (
	SELECT id, false AS came_back FROM fresh
	UNION ALL
	SELECT id, true FROM returned WHERE NOT EXISTS (SELECT FROM fresh)
), won AS (
	UPDATE :schema.workflow_packages p
	SET build_status = 'building', build_error = NULL,
	    build_claimed_at = clock_timestamp() AT TIME ZONE 'UTC'
	FROM next
	WHERE p.id = next.id
	RETURNING p.id, p.registry_id, p.package_name, p.version,
	    p.storage_type, p.build_claimed_at, CASE WHEN next.came_back
	    -- As a watermark it would pass over what is older.
	    THEN '-infinity' ELSE p.created_at END AS created_at
), noted AS (
	INSERT INTO :schema.build_claims AS c (package_id, claim_token,
	    compiler_instance_id, attempts, claimed_at, first_claimed_at)
	SELECT id, $1::uuid, $2::uuid, 1, build_claimed_at, build_claimed_at
	FROM won
	-- A verdict before this claim means that somebody reset the package.
	ON CONFLICT (package_id) DO UPDATE
	SET claim_token = excluded.claim_token,
	    compiler_instance_id = excluded.compiler_instance_id,
	    claimed_at = excluded.claimed_at,
	    ended_as = NULL,
	    attempts = CASE WHEN c.ended_as IN ('success', 'failed', 'given_up')
	        THEN 1 ELSE c.attempts + 1 END,
	    give_backs = CASE WHEN c.ended_as IN ('success', 'failed', 'given_up')
	        THEN 0 ELSE c.give_backs END,
	    history = CASE WHEN c.ended_as IN ('success', 'failed', 'given_up')
	        THEN '{}' ELSE c.history END,
	    first_claimed_at = CASE
	        WHEN c.ended_as IN ('success', 'failed', 'given_up')
	        THEN excluded.claimed_at ELSE c.first_claimed_at END
	RETURNING package_id, attempts
)
SELECT won.id, won.registry_id, won.package_name, won.version,
    won.storage_type, won.created_at, won.build_claimed_at, noted.attempts
FROM won JOIN noted ON noted.package_id = won.id;
