-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 claim token: the holder lives. Answers held, superseded
-- (held too, but not worth going on), success, failed, timeout_killed,
-- released, swept, given_up or lost.
-- The package row is locked first, the claim row second, and only what the
-- locks returned is compared: a plain join of the two would compare an old
-- claim row with the package row that it had to wait for.
WITH p AS MATERIALIZED (
	SELECT id, build_status, build_claimed_at, superseded
	FROM :schema.workflow_packages
	WHERE id = $1::uuid
	FOR NO KEY UPDATE
), c AS MATERIALIZED (
	SELECT c.claim_token, c.claimed_at, c.ended_as
	FROM p JOIN :schema.build_claims c ON c.package_id = p.id
	FOR NO KEY UPDATE OF c
), held AS MATERIALIZED (
	SELECT p.id
	FROM p CROSS JOIN c
	WHERE c.claim_token = $2::uuid AND c.ended_as IS NULL
	  AND p.build_status = 'building'
	  AND p.build_claimed_at = c.claimed_at
), done AS (
	UPDATE :schema.workflow_packages w
	SET build_claimed_at = clock_timestamp() AT TIME ZONE 'UTC'
	FROM held
	WHERE w.id = held.id
	RETURNING w.id, w.build_claimed_at
), noted AS (
	UPDATE :schema.build_claims b
	SET claimed_at = done.build_claimed_at
	FROM done
	WHERE b.package_id = done.id
	RETURNING b.package_id
)
SELECT CASE
    WHEN NOT EXISTS (SELECT FROM noted)
    THEN coalesce((SELECT ended_as FROM c WHERE claim_token = $2::uuid), 'lost')
    WHEN p.superseded THEN 'superseded'
    ELSE 'held' END AS answer
FROM (SELECT 1) one LEFT JOIN p ON true;
