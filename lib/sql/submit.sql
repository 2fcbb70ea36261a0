-- SPDX-License-Identifier: Apache-2.0
-- $1 package id and $2 registry id, both chosen by the submitter, $3 name,
-- $4 version, $5 archive, $6 its SHA-256: queues a package, and the older
-- ones of its name are superseded. Answers with the id of the package that
-- has this name and version: $1 when it is queued (by this try or by one
-- whose reply was lost), another's when it was there before.
-- The update is done when the insert begins, because that counts its rows; so
-- the unique index on current names holds. Two that submit one name at the
-- same moment: the second gets 23505 and may try again.
WITH present AS MATERIALIZED (
	SELECT id
	FROM :schema.workflow_packages
	WHERE package_name = $3::text AND version = $4::text
), superseded AS (
	UPDATE :schema.workflow_packages
	SET superseded = true,
	    updated_at = clock_timestamp() AT TIME ZONE 'UTC'
	WHERE package_name = $3::text AND NOT superseded
	  AND NOT EXISTS (SELECT FROM present)
	RETURNING id
), stored AS (
	INSERT INTO :schema.workflow_registry (id, data)
	SELECT $2::uuid, $5::bytea
	WHERE NOT EXISTS (SELECT FROM present)
	RETURNING id
), queued AS (
	INSERT INTO :schema.workflow_packages
	    (id, registry_id, package_name, version, content_hash)
	SELECT $1::uuid, stored.id, $3::text, $4::text, $6::text
	FROM stored CROSS JOIN (SELECT count(*) FROM superseded) done
	RETURNING id
)
SELECT id FROM queued UNION ALL SELECT id FROM present;
