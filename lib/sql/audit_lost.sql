-- SPDX-License-Identifier: Apache-2.0
-- $1 grace in seconds, $2 batch: writes the finished event of builds whose
-- host died. A started event is open while finish_due is not NULL. Where its
-- claim no longer holds, its own host has the grace, counted from the first
-- time it is seen here, to write finished itself; a swept claim has had it.
-- What the package's row got is what the event says.
WITH open AS MATERIALIZED (
	SELECT s.id, s.claim_token, s.build_claim_id, s.finish_due
	FROM :schema.build_audit s
	WHERE s.finish_due IS NOT NULL
	  AND NOT EXISTS (SELECT FROM :schema.build_claims c
	      JOIN :schema.workflow_packages p ON p.id = c.package_id
	      WHERE c.claim_token = s.claim_token AND c.ended_as IS NULL
	        AND p.build_status = 'building'
	        AND p.build_claimed_at = c.claimed_at)
	  AND (s.finish_due = 'infinity'
	      OR s.finish_due <= clock_timestamp() AT TIME ZONE 'UTC')
	ORDER BY s.id
	LIMIT $2::bigint
	FOR NO KEY UPDATE OF s SKIP LOCKED
), judged AS MATERIALIZED (
	SELECT open.id, c.ended_as,
	    coalesce(c.ended_as IN ('swept', 'given_up'), false)
	    OR open.finish_due < 'infinity' AS lost
	FROM open LEFT JOIN :schema.build_claims c
	    ON c.claim_token = open.claim_token
), written AS (
	INSERT INTO :schema.build_audit (claim_token, build_claim_id,
	    event_type, compiler_instance_id, event)
	SELECT s.claim_token, s.build_claim_id, 'compiler.build.finished',
	    s.compiler_instance_id,
	    s.event - 'prev' || jsonb_build_object(
	        'timestamp', to_char(clock_timestamp() AT TIME ZONE 'UTC',
	            'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
	        'event_type', 'compiler.build.finished',
	        'outcome', CASE WHEN judged.ended_as IN
	            ('success', 'failed', 'timeout_killed')
	            THEN judged.ended_as ELSE 'internal_error' END,
	        'exit_status', '<none>',
	        'exit_signal', '<none>',
	        'wall_clock_ms', round(extract(epoch FROM clock_timestamp()
	            AT TIME ZONE 'UTC' - s.recorded_at) * 1000)::bigint,
	        'failure_reason', CASE judged.ended_as WHEN 'success'
	            THEN '<none>' ELSE 'worker lost' END)
	FROM judged JOIN :schema.build_audit s ON s.id = judged.id
	WHERE judged.lost
	ON CONFLICT DO NOTHING
	RETURNING build_claim_id, claim_token, event ->> 'outcome' AS outcome
), marked AS (
	UPDATE :schema.build_audit a
	SET finish_due = CASE WHEN NOT judged.lost
	    THEN clock_timestamp() AT TIME ZONE 'UTC'
	        + make_interval(secs => $1::float8) END
	FROM judged
	WHERE a.id = judged.id
)
SELECT * FROM written;
