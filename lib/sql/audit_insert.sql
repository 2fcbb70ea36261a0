-- SPDX-License-Identifier: Apache-2.0
-- $1 claim token or NULL, $2 package, $3 event type, $4 compiler instance or
-- NULL, $5 event (JSON without NUL), $6 SHA-256 of its log line or NULL:
-- answers recorded, or already. The started event is locked before its
-- finished one is added, as audit_lost.sql does, so that they never deadlock.
WITH started AS MATERIALIZED (
	SELECT id
	FROM :schema.build_audit
	WHERE claim_token = $1::uuid AND event_type = 'compiler.build.started'
	  AND $3::text = 'compiler.build.finished'
	FOR NO KEY UPDATE
), recorded AS (
	INSERT INTO :schema.build_audit (claim_token, build_claim_id,
	    event_type, compiler_instance_id, event, line_hash, finish_due)
	SELECT $1::uuid, $2::uuid, $3::text, $4::uuid, $5::jsonb, $6::text,
	    CASE $3::text WHEN 'compiler.build.started'
	    THEN 'infinity'::timestamp END
	FROM (SELECT count(*) FROM started) locked
	ON CONFLICT DO NOTHING
	RETURNING id
), closed AS (
	UPDATE :schema.build_audit a
	SET finish_due = NULL
	FROM started
	WHERE a.id = started.id
)
SELECT CASE WHEN EXISTS (SELECT FROM recorded)
    THEN 'recorded' ELSE 'already' END AS answer;
