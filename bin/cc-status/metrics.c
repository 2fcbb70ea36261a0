/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "status.h"

#define PREFIX "cloacina_compiler_"

static void
describe(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name,
	    help, name, type);
}

static void
print_builds(FILE *out, const json_t *builds)
{
	/* The audit trail's words and the metric's. */
	static const char *const words[][2] = {{"success", "ok"},
	    {"failed", "failed"}, {"timeout_killed", "timed_out"},
	    {"internal_error", "internal_error"}};

	describe(out, "builds_total", "counter", "Builds that ended.");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		fprintf(out, PREFIX "builds_total{status=\"%s\"} %lld\n",
		    words[i][1], json_number(builds, words[i][0], 0));
}

static void
print_durations(FILE *out, const json_t *totals)
{
	const json_t *durations = json_object_get(totals, "durations");
	json_int_t sum = 0;

	describe(out, "build_duration_seconds", "histogram",
	    "Wall clock of builds, from the claim to the verdict.");
	for (size_t i = 0; i < json_array_size(durations); i++) {
		const json_t *bucket = json_array_get(durations, i);
		const json_t *bound = json_object_get(bucket, "le");
		sum += json_number(bucket, "builds", 0);
		fputs(PREFIX "build_duration_seconds_bucket{le=\"", out);
		if (json_is_number(bound))
			fprintf(out, "%g", json_number_value(bound));
		else
			fputs("+Inf", out);
		fprintf(out, "\"} %lld\n", sum);
	}
	fprintf(out,
	    PREFIX "build_duration_seconds_sum %.3f\n" PREFIX
		   "build_duration_seconds_count %lld\n",
	    json_number_value(json_object_get(totals, "duration_s")), sum);
}

static void
print_depth(FILE *out, const json_t *status)
{
	describe(out, "queue_depth", "gauge", "Packages in the queue.");
	fprintf(out,
	    PREFIX "queue_depth{state=\"queued\"} %lld\n" PREFIX
		   "queue_depth{state=\"building\"} %lld\n",
	    json_number(status, "pending", 0),
	    json_number(status, "building", 0));
}

static void
print_number(FILE *out, const char *name, const char *type, const char *help,
    json_int_t value)
{
	describe(out, name, type, help);
	fprintf(out, PREFIX "%s %lld\n", name, value);
}

static void
print_all(FILE *out, const json_t *status, const json_t *totals)
{
	print_builds(out, json_object_get(totals, "builds"));
	print_durations(out, totals);
	print_depth(out, status);
	print_number(out, "sweep_resets_total", "counter",
	    "Stale builds that the sweep took from their worker.",
	    json_number(totals, "swept", 0));
	print_number(out, "heartbeat_failures_total", "counter",
	    "Builds that lost their claim because heartbeats failed.",
	    json_number(totals, "lost", 0));
	print_number(out, "stale_heartbeats", "gauge",
	    "Builds whose heartbeat is stale now.",
	    json_number(status, "stale_heartbeats", 0));
	print_number(out, "heartbeat_age_seconds", "gauge",
	    "Age of the oldest heartbeat of a build, 0 without one.",
	    json_number(status, "heartbeat_age_s", 0));
	print_number(out, "queue_head_age_seconds", "gauge",
	    "How long the oldest package that could be built has waited.",
	    json_number(status, "head_age_s", 0));
	print_number(out, "queue_waiting", "gauge",
	    "Queued packages that wait for the time of their retry.",
	    json_number(status, "waiting_for_retry", 0));
	print_number(out, "paused", "gauge", "Whether nothing is claimed.",
	    json_is_true(json_object_get(status, "paused")));
}

char *
status_metrics(const json_t *status, const json_t *totals)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	print_all(out, status, totals);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
