-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 claim token: the holder lives. Answers held, superseded
-- (held too, but not worth going on), success, failed, timeout_killed,
-- released, swept, given_up or lost.
\ir fence.sql
done AS (
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
