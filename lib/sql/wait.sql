-- SPDX-License-Identifier: Apache-2.0
-- $1 package: how far it is. The ages are in seconds; that of the heartbeat
-- is NULL where nobody builds it.
SELECT package_name, version, build_status, superseded,
    CASE build_status WHEN 'failed' THEN build_error END AS reason,
    extract(epoch FROM clock_timestamp() AT TIME ZONE 'UTC'
        - created_at)::bigint AS age,
    extract(epoch FROM clock_timestamp() AT TIME ZONE 'UTC'
        - build_claimed_at)::bigint AS heartbeat_age
FROM :schema.workflow_packages
WHERE id = $1::uuid;
