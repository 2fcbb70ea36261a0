-- SPDX-License-Identifier: Apache-2.0
-- $1 package, $2 claim token, $3 success or failed, $4 artifact or NULL,
-- $5 reason or NULL: the verdict. The answer $3: it is written (by this try
-- or by one whose reply was lost); any other word: it is not.
-- Two updates, so that the role need not be able to read an artifact.
\ir fence.sql
succeeded AS (
	UPDATE :schema.workflow_packages w
	SET build_status = 'success', build_error = NULL,
	    compiled_data = $4::bytea,
	    compiled_at = clock_timestamp() AT TIME ZONE 'UTC'
	FROM held
	WHERE w.id = held.id AND $3::text = 'success'
	RETURNING w.id
), failed AS (
	UPDATE :schema.workflow_packages w
	SET build_status = 'failed', build_error = $5::text
	FROM held
	WHERE w.id = held.id AND $3::text = 'failed'
	RETURNING w.id
), noted AS (
	UPDATE :schema.build_claims b
	SET ended_as = $3::text
	FROM (SELECT id FROM succeeded UNION ALL SELECT id FROM failed) done
	WHERE b.package_id = done.id
	RETURNING b.ended_as
)
SELECT coalesce((SELECT ended_as FROM noted),
    (SELECT ended_as FROM c WHERE claim_token = $2::uuid), 'lost') AS answer;
