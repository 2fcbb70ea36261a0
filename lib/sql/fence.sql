-- SPDX-License-Identifier: Apache-2.0
-- The fence, first part of every statement of a holder: $1 package, $2 claim
-- token. held is the package while the claim holds it, else empty.
-- The package row is locked first, the claim row second, and only what the
-- locks returned is compared: a plain join of the two would compare an old
-- claim row with the package row that it had to wait for.
WITH p AS MATERIALIZED (
	SELECT id, build_status, build_claimed_at, superseded
	FROM :schema.workflow_packages
	WHERE id = $1::uuid
	FOR NO KEY UPDATE
), c AS MATERIALIZED (
	SELECT c.claim_token, c.claimed_at, c.ended_as, c.attempts, c.give_backs,
	    c.history
	FROM p JOIN :schema.build_claims c ON c.package_id = p.id
	FOR NO KEY UPDATE OF c
), held AS MATERIALIZED (
	SELECT p.id
	FROM p CROSS JOIN c
	WHERE c.claim_token = $2::uuid AND c.ended_as IS NULL
	  AND p.build_status = 'building'
	  AND p.build_claimed_at = c.claimed_at
),
