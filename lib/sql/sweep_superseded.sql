-- SPDX-License-Identifier: Apache-2.0
-- $1 stale seconds, $2 batch: superseded builds whose heartbeat stopped. They
-- fail; nobody would claim them again. Found through our own table: the
-- queue's partial indexes leave superseded rows out.
WITH stale AS MATERIALIZED (
	SELECT p.id, p.build_claimed_at
	FROM :schema.build_claims c
	JOIN :schema.workflow_packages p ON p.id = c.package_id
	WHERE (c.ended_as IS NULL OR c.ended_as = 'timeout_killed')
	  AND p.build_status = 'building' AND p.superseded
	  AND p.build_claimed_at < now() AT TIME ZONE 'UTC'
	      - make_interval(secs => $1::float8)
	LIMIT $2::bigint
	FOR NO KEY UPDATE OF p SKIP LOCKED
), c AS MATERIALIZED (
	SELECT c.*
	FROM stale JOIN :schema.build_claims c ON c.package_id = stale.id
	FOR NO KEY UPDATE OF c
), done AS (
	UPDATE :schema.workflow_packages w
	SET build_status = 'failed', build_claimed_at = NULL,
	    build_error = 'superseded by a newer version'
	FROM stale LEFT JOIN c ON c.package_id = stale.id
	    AND c.claimed_at = stale.build_claimed_at
	WHERE w.id = stale.id
	RETURNING w.id, w.package_name, w.version, w.build_status AS action,
	    c.attempts, c.claim_token, c.compiler_instance_id,
	    to_char(stale.build_claimed_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
	    AS stale_since
), noted AS (
	UPDATE :schema.build_claims b
	SET ended_as = 'given_up'
	FROM done
	WHERE b.package_id = done.id
)
SELECT * FROM done ORDER BY stale_since;
