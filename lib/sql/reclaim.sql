-- SPDX-License-Identifier: Apache-2.0
-- $1 claim token: what claim.sql answered, if its reply was lost (also after
-- SQLSTATE 23505 on build_claims_claim_token_key) and the claim still holds.
SELECT p.id, p.registry_id, p.package_name, p.version, p.storage_type,
    p.created_at, p.build_claimed_at, c.attempts
FROM :schema.build_claims c
JOIN :schema.workflow_packages p ON p.id = c.package_id
WHERE c.claim_token = $1::uuid AND c.ended_as IS NULL
  AND p.build_status = 'building' AND p.build_claimed_at = c.claimed_at;
