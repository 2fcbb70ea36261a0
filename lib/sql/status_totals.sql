-- SPDX-License-Identifier: Apache-2.0
-- What the audit trail adds up to, as one JSON object. durations: how many
-- builds took longer than the bound before and at most this one (null: no
-- bound), in seconds. A heartbeat has failed where a build lost its claim, as
-- its own worker or the sweep found out.
WITH finished AS MATERIALIZED (
	-- Counts the bounds from above: width_bucket takes a bound itself for
	-- too high.
	SELECT outcome, 12 - width_bucket(-wall_clock_ms / 1000, ARRAY[-3600,
	    -1200, -600, -300, -120, -60, -30, -10, -5, -2.5, -1]::float8[])
	    AS n, count(*) AS builds, sum(wall_clock_ms) / 1000 AS seconds
	FROM :schema.build_audit
	WHERE event_type = 'compiler.build.finished'
	GROUP BY 1, 2
), durations AS (
	SELECT n, le, (SELECT coalesce(sum(builds), 0) FROM finished
	    WHERE finished.n = bounds.n) AS builds
	FROM unnest(ARRAY[1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 3600,
	    NULL]) WITH ORDINALITY bounds (le, n)
)
SELECT json_build_object(
    'builds', coalesce((SELECT json_object_agg(outcome, builds) FROM (
        SELECT outcome, sum(builds) AS builds FROM finished
        WHERE outcome IS NOT NULL GROUP BY 1) o), '{}'),
    'durations', (SELECT json_agg(json_build_object('le', le,
        'builds', builds) ORDER BY n) FROM durations),
    'duration_s', (SELECT coalesce(sum(seconds), 0) FROM finished),
    'swept', (SELECT count(*) FROM :schema.build_audit
        WHERE event_type = 'compiler.build.swept'),
    'lost', (SELECT count(*) FROM :schema.build_audit
        WHERE event_type = 'compiler.build.finished'
          AND outcome = 'internal_error'
          AND event ->> 'failure_reason' ~ '^(claim|worker) lost'));
