-- SPDX-License-Identifier: Apache-2.0
-- $1 stale seconds, $2 batch, $3 most attempts, $4 backoff seconds for each
-- attempt (a day at the most): builds whose heartbeat stopped go back to
-- pending, or fail when their attempts are used up. A row each. What was
-- claimed without a token has no attempts. NOT superseded: the queue's partial
-- index serves it.
WITH stale AS MATERIALIZED (
	SELECT p.id, p.build_claimed_at
	FROM :schema.workflow_packages p
	WHERE p.build_status = 'building' AND NOT p.superseded
	  AND p.build_claimed_at < now() AT TIME ZONE 'UTC'
	      - make_interval(secs => $1::float8)
	ORDER BY p.build_claimed_at
	LIMIT $2::bigint
	FOR NO KEY UPDATE OF p SKIP LOCKED
), c AS MATERIALIZED (
	SELECT c.*
	FROM stale JOIN :schema.build_claims c ON c.package_id = stale.id
	FOR NO KEY UPDATE OF c
), seen AS MATERIALIZED (
	SELECT stale.id, stale.build_claimed_at, c.claim_token,
	    c.compiler_instance_id, c.attempts,
	    (c.history || CASE c.ended_as WHEN 'timeout_killed'
	        THEN 'timed out' ELSE 'lost its worker' END)
	        [greatest(cardinality(c.history) - 18, 1):] AS history,
	    coalesce(c.attempts >= $3::integer, false) AS used_up
	FROM stale LEFT JOIN c ON c.package_id = stale.id
	    AND c.claimed_at = stale.build_claimed_at
), done AS (
	UPDATE :schema.workflow_packages w
	SET build_claimed_at = NULL,
	    build_status = CASE WHEN seen.used_up
	        THEN 'failed' ELSE 'pending' END,
	    build_error = CASE WHEN seen.used_up
	        THEN format('given up after %s attempts: %s', seen.attempts,
	            array_to_string(seen.history, ', '))
	        ELSE '(reset after stale heartbeat)' END
	FROM seen
	WHERE w.id = seen.id
	RETURNING w.id, w.package_name, w.version, w.build_status AS action,
	    seen.attempts, seen.claim_token, seen.compiler_instance_id,
	    to_char(seen.build_claimed_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
	    AS stale_since
), noted AS (
	UPDATE :schema.build_claims b
	SET ended_as = CASE done.action
	        WHEN 'failed' THEN 'given_up' ELSE 'swept' END,
	    not_before = clock_timestamp() AT TIME ZONE 'UTC'
	        + make_interval(secs => least($4::float8 * b.attempts, 86400)),
	    history = seen.history
	FROM done JOIN seen ON seen.id = done.id
	WHERE b.package_id = done.id AND b.claim_token = done.claim_token
)
SELECT * FROM done ORDER BY stale_since;
