-- SPDX-License-Identifier: Apache-2.0
-- $1 stale seconds, $2 batch, $3 most attempts, $4 backoff seconds for each
-- attempt (a day at the most), $5 most give-backs: builds whose heartbeat
-- stopped go back to pending, or fail when one of them is used up. A row each.
-- What was claimed without a token has no attempts; its give-backs are
-- counted here, in a claim row that is made for them where there is none.
-- NOT superseded: the queue's partial index serves it.
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
), counted AS MATERIALIZED (
	-- A verdict before a claim without a token: somebody reset the package.
	SELECT stale.id, stale.build_claimed_at, own.claim_token,
	    own.compiler_instance_id, own.attempts,
	    coalesce(since.give_backs, 0) + 1 AS give_backs,
	    (coalesce(since.history, '{}') || CASE own.ended_as
	        WHEN 'timeout_killed' THEN 'timed out'
	        ELSE 'lost its worker' END)
	        [greatest(cardinality(since.history) - 18, 1):] AS history
	FROM stale
	LEFT JOIN c own ON own.package_id = stale.id
	    AND own.claimed_at = stale.build_claimed_at
	LEFT JOIN c since ON since.package_id = stale.id
	    AND coalesce(since.ended_as, '')
	        NOT IN ('success', 'failed', 'given_up')
), seen AS MATERIALIZED (
	SELECT *, CASE
	    WHEN attempts >= $3::integer
	    THEN attempts || CASE attempts
	        WHEN 1 THEN ' attempt' ELSE ' attempts' END
	    WHEN give_backs >= $5::integer
	    THEN give_backs || CASE give_backs
	        WHEN 1 THEN ' give-back' ELSE ' give-backs' END
	    END AS used_up
	FROM counted
), done AS (
	UPDATE :schema.workflow_packages w
	SET build_claimed_at = NULL,
	    build_status = CASE WHEN seen.used_up IS NULL
	        THEN 'pending' ELSE 'failed' END,
	    build_error = coalesce('given up after ' || seen.used_up || ': '
	        || array_to_string(seen.history, ', '),
	        '(reset after stale heartbeat)')
	FROM seen
	WHERE w.id = seen.id
	RETURNING w.id, w.package_name, w.version, w.build_status AS action,
	    seen.attempts, seen.claim_token, seen.compiler_instance_id,
	    to_char(seen.build_claimed_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
	    AS stale_since
), noted AS (
	INSERT INTO :schema.build_claims AS b (package_id, claim_token,
	    compiler_instance_id, attempts, give_backs, claimed_at,
	    first_claimed_at, not_before, history, ended_as)
	SELECT id, coalesce(done.claim_token, gen_random_uuid()),
	    coalesce(done.compiler_instance_id,
	        '00000000-0000-0000-0000-000000000000'),
	    coalesce(done.attempts, 0), seen.give_backs,
	    seen.build_claimed_at, seen.build_claimed_at,
	    CASE WHEN seen.used_up IS NULL
	        THEN clock_timestamp() AT TIME ZONE 'UTC'
	            + make_interval(secs => least($4::float8
	                * coalesce(done.attempts, seen.give_backs), 86400))
	        ELSE '-infinity' END,
	    seen.history,
	    CASE WHEN seen.used_up IS NULL THEN 'swept' ELSE 'given_up' END
	FROM done JOIN seen USING (id)
	ON CONFLICT (package_id) DO UPDATE
	SET ended_as = excluded.ended_as,
	    attempts = CASE WHEN b.ended_as IN ('success', 'failed', 'given_up')
	        THEN 0 ELSE b.attempts END,
	    not_before = excluded.not_before,
	    give_backs = excluded.give_backs,
	    history = excluded.history
)
SELECT * FROM done ORDER BY stale_since;
