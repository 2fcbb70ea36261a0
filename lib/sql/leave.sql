-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 claim token: after a timeout. The package stays building
-- until the sweep finds it, but this claim is over: timeout_killed.
\ir fence.sql
noted AS (
	UPDATE :schema.build_claims b
	SET ended_as = 'timeout_killed'
	FROM held
	WHERE b.package_id = held.id
	RETURNING b.ended_as
)
SELECT coalesce((SELECT ended_as FROM noted),
    (SELECT ended_as FROM c WHERE claim_token = $2::uuid), 'lost') AS answer;
