-- SPDX-License-Identifier: Apache-2.0
-- $1 stale seconds, $2 rows of each list: the queue at one moment, as one
-- JSON object. Lists are cut, counts are not; ages are whole seconds. A build
-- whose time was up waits for the sweep, so its heartbeat is stale only when
-- no sweep came for as long again. What the queue's partial indexes leave out,
-- the superseded builds, comes by the open claims.
WITH clock AS MATERIALIZED (
	SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now
), held AS MATERIALIZED (
	SELECT id
	FROM :schema.workflow_packages
	WHERE build_status = 'building' AND NOT superseded
	UNION ALL
	SELECT p.id
	FROM :schema.build_claims c
	JOIN :schema.workflow_packages p ON p.id = c.package_id
	WHERE (c.ended_as IS NULL OR c.ended_as = 'timeout_killed')
	  AND p.build_status = 'building' AND p.superseded
), building AS MATERIALIZED (
	SELECT p.id, p.package_name, p.version, p.superseded,
	    p.build_claimed_at, c.compiler_instance_id, c.attempts, c.ended_as,
	    extract(epoch FROM clock.now - coalesce(a.recorded_at,
	        CASE c.attempts WHEN 1 THEN c.first_claimed_at END,
	        p.build_claimed_at))::bigint AS age_s,
	    extract(epoch FROM clock.now - p.build_claimed_at)::bigint
	        AS heartbeat_age_s,
	    coalesce(clock.now - p.build_claimed_at > make_interval(
	        secs => $1::float8 * CASE c.ended_as
	        WHEN 'timeout_killed' THEN 2 ELSE 1 END), true) AS stale
	FROM clock CROSS JOIN held
	JOIN :schema.workflow_packages p ON p.id = held.id
	LEFT JOIN :schema.build_claims c ON c.package_id = p.id
	    AND c.claimed_at = p.build_claimed_at
	LEFT JOIN :schema.build_audit a ON a.claim_token = c.claim_token
	    AND a.event_type = 'compiler.build.started'
), pending AS (
	SELECT p.id, p.package_name, p.version,
	    extract(epoch FROM clock.now - p.created_at)::bigint AS age_s,
	    coalesce(c.attempts, 0) AS attempts, c.ended_as,
	    CASE WHEN c.not_before > clock.now THEN ceil(extract(
	        epoch FROM c.not_before - clock.now))::bigint END AS retry_in_s
	FROM clock CROSS JOIN :schema.workflow_packages p
	LEFT JOIN :schema.build_claims c ON c.package_id = p.id
	    AND c.ended_as IN ('timeout_killed', 'released', 'swept')
	WHERE p.build_status = 'pending' AND NOT p.superseded
	ORDER BY p.created_at, p.id
	LIMIT $2::bigint
), finished AS (
	SELECT a.build_claim_id AS id, a.event ->> 'package_name' AS package_name,
	    a.event ->> 'package_version' AS version,
	    extract(epoch FROM clock.now - a.recorded_at)::bigint AS age_s,
	    a.outcome, a.wall_clock_ms,
	    left(a.event ->> 'failure_reason', 300) AS failure_reason
	FROM clock CROSS JOIN :schema.build_audit a
	WHERE a.event_type = 'compiler.build.finished'
	ORDER BY a.recorded_at DESC
	LIMIT $2::bigint
), recent AS (
	SELECT a.outcome, count(*) AS builds
	FROM clock CROSS JOIN :schema.build_audit a
	WHERE a.event_type = 'compiler.build.finished'
	  AND a.recorded_at > clock.now - interval '1 hour'
	GROUP BY 1
)
SELECT json_build_object(
    'pending', (SELECT count(*) FROM :schema.workflow_packages
        WHERE build_status = 'pending' AND NOT superseded),
    'building', (SELECT count(*) FROM building WHERE NOT superseded),
    'last_success_at', to_char(coalesce(
        (SELECT max(recorded_at) FROM :schema.build_audit
        WHERE event_type = 'compiler.build.finished'
          AND outcome = 'success'),
        (SELECT max(compiled_at) FROM :schema.workflow_packages)),
        'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
    'last_failure_at', to_char(
        (SELECT max(recorded_at) FROM :schema.build_audit
        WHERE event_type = 'compiler.build.finished'
          AND outcome IN ('failed', 'timeout_killed')),
        'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
    'heartbeat_at', to_char((SELECT max(build_claimed_at) FROM building),
        'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
    'waiting_for_retry', (SELECT count(*)
        FROM :schema.build_claims c
        JOIN :schema.workflow_packages p ON p.id = c.package_id
        WHERE c.not_before > clock.now
          AND p.build_status = 'pending' AND NOT p.superseded),
    'head_age_s', (SELECT extract(epoch FROM clock.now - p.created_at)::bigint
        FROM :schema.workflow_packages p
        WHERE p.build_status = 'pending' AND NOT p.superseded
          AND NOT EXISTS (SELECT FROM :schema.build_claims c
              WHERE c.package_id = p.id AND c.not_before > clock.now)
        ORDER BY p.created_at, p.id LIMIT 1),
    'heartbeat_age_s', (SELECT max(heartbeat_age_s) FROM building),
    'stale_heartbeats', (SELECT count(*) FROM building WHERE stale),
    'paused', coalesce((SELECT paused FROM :schema.build_control), false),
    'paused_reason', (SELECT reason FROM :schema.build_control WHERE paused),
    'last_hour', coalesce((SELECT json_object_agg(outcome, builds)
        FROM recent WHERE outcome IS NOT NULL), '{}'),
    'builds', coalesce((SELECT json_agg(b) FROM (SELECT id, package_name,
        version, age_s, heartbeat_age_s, stale, superseded,
        attempts AS attempt, compiler_instance_id, ended_as
        FROM building ORDER BY age_s DESC, id LIMIT $2::bigint) b), '[]'),
    'queue', coalesce((SELECT json_agg(pending) FROM pending), '[]'),
    'finished', coalesce((SELECT json_agg(finished) FROM finished), '[]'))
FROM clock;
