-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 claim token: after a timeout. The package stays building
-- until the sweep finds it, but this claim is over: timeout_killed.
-- Locks and compares as heartbeat.sql does.
WITH p AS MATERIALIZED (
	SELECT id, build_status, build_claimed_at
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
), noted AS (
	UPDATE :schema.build_claims b
	SET ended_as = 'timeout_killed'
	FROM held
	WHERE b.package_id = held.id
	RETURNING b.ended_as
)
SELECT coalesce((SELECT ended_as FROM noted),
    (SELECT ended_as FROM c WHERE claim_token = $2::uuid), 'lost') AS answer;
