/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_log.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/sha256.h"
#include "build/outcome.h"
#include "build/reason.h"
#include "build_event.h"

enum { QUOTED = 2000, NUMBER = 24 };

static const char none[] = "<none>";

/* Moves the members over; takes both. NULL where either is. */
static json_t *
join(json_t *event, json_t *members)
{
	if (json_object_update_new(event, members) == 0)
		return event;
	json_decref(event);
	return NULL;
}

static json_t *
describe_package(
    json_t *event, const struct build *build, const struct claim *claim)
{
	return join(event,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "build_claim_id",
		claim->build_claim_id, "package_name", claim->package_name,
		"package_version", claim->package_version, "cargo_toml_hash",
		json_text(build->unpack, "cargo_toml_hash", "<absent>"),
		"cargo_lock_hash",
		json_text(build->unpack, "cargo_lock_hash", none),
		"compiler_instance_id", claim->compiler_instance_id));
}

static json_t *
describe_claim(json_t *event, const struct claim *claim)
{
	return join(event,
	    json_pack("{s:i, s:s}", "attempt", claim->attempt, "claim_token",
		claim->claim_token));
}

json_t *
build_event_started(const struct build *build, const struct claim *claim)
{
	return describe_claim(
	    describe_package(audit_event("INFO", BUILD_STARTED), build, claim),
	    claim);
}

/* Since the claim; suspended time counts, as it does for the heartbeat. */
static json_int_t
wall_clock_ms(const struct claim *claim)
{
	json_int_t ms = clock_boot() / CLOCK_MS - claim->started_boottime_ms;

	return ms > 0 ? ms : 0;
}

/* Why the row does not say what was judged, or may not. */
static char *
explain_unwritten(const struct build *build, const struct verdict *judged)
{
	const char *answer = json_text(build->record, "answer", NULL);
	const char *outcome = outcome_name(judged->outcome);
	char why[120];

	if (answer == NULL)
		snprintf(why, sizeof why,
		    "cc-complete left no record: %s may not be written",
		    outcome);
	else if (strcmp(answer, "unreachable") == 0)
		snprintf(why, sizeof why,
		    "database unreachable: %s may not be written", outcome);
	else
		snprintf(why, sizeof why, "claim lost (%s): %s was not written",
		    answer, outcome);
	return reason_format("%s%s%.*s", why,
	    judged->reason == NULL ? "" : ": ", QUOTED,
	    judged->reason == NULL ? "" : judged->reason);
}

/* 0, or -1: no memory. */
static int
judge(const struct build *build, struct verdict *verdict)
{
	if (outcome_judge(build, verdict) == -1)
		return -1;
	if (verdict->is_written)
		return 0;
	char *reason = explain_unwritten(build, verdict);
	outcome_free(verdict);
	verdict->reason = reason;
	verdict->outcome = OUTCOME_INTERNAL_ERROR;
	return reason == NULL ? -1 : 0;
}

static json_t *
describe_outcome(
    json_t *event, const struct claim *claim, const struct verdict *verdict)
{
	const char *signal = verdict->exit_signal;
	char status[NUMBER];

	snprintf(status, sizeof status, "%d", verdict->exit_status);
	return join(event,
	    json_pack("{s:s, s:s, s:s, s:I, s:s}", "outcome",
		outcome_name(verdict->outcome), "exit_status",
		verdict->exit_status >= 0 ? status : none, "exit_signal",
		*signal != '\0' ? signal : none, "wall_clock_ms",
		wall_clock_ms(claim), "failure_reason",
		verdict->reason != NULL ? verdict->reason : none));
}

/* A number of a report, or null. */
static json_t *
counter(const json_t *report, const char *name)
{
	json_t *number = json_object_get(report, name);

	return json_is_integer(number) ? json_incref(number) : json_null();
}

/*
 * NAME=sha256:...: two builds can be compared, and who knows a value finds it
 * again, but no reader of the log learns one.
 */
static void
print_variable(FILE *out, const char *pair)
{
	size_t name = strcspn(pair, "=");
	const char *value = pair[name] == '=' ? pair + name + 1 : "";
	char hash[SHA256_TEXT];

	if (sha256_bytes(value, strlen(value), hash) == -1)
		snprintf(hash, sizeof hash, "?");
	fprintf(out, "%.*s=sha256:%s", (int)name, pair, hash);
}

static void
print_path(FILE *out, const char *path)
{
	fputs(path, out);
}

/* One a line, "<none>" where there is none. NULL: no memory. */
static json_t *
lines(const json_t *sandbox, const char *name,
    void (*print)(FILE *out, const char *text))
{
	json_t *array = json_object_get(sandbox, name), *line;
	char *text = NULL;
	size_t i, size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	json_array_foreach(array, i, line)
	{
		fputs(i == 0 ? "" : "\n", out);
		if (json_is_string(line))
			print(out, json_string_value(line));
	}
	json_t *result =
	    fclose(out) != 0 ? NULL : json_string(*text == '\0' ? none : text);
	free(text);
	return result;
}

static json_t *
describe_run(json_t *event, const struct build *build, bool is_written)
{
	const json_t *run = build->run, *sandbox = build->sandbox;
	const json_t *record = is_written ? build->record : NULL;

	return join(event,
	    json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
		"sandbox_level", json_text(sandbox, "level", none),
		"artifact_sha256", json_text(record, "artifact_sha256", none),
		"artifact_bytes", counter(record, "artifact_bytes"),
		"memory_peak_bytes", counter(run, "memory_peak_bytes"),
		"max_rss_bytes", counter(run, "max_rss_bytes"), "killed",
		counter(run, "killed"), "sandbox_ro",
		lines(sandbox, "ro", print_path), "sandbox_setenv",
		lines(sandbox, "setenv", print_variable)));
}

static const char *
level(enum outcome outcome)
{
	return outcome == OUTCOME_SUCCESS     ? "INFO" :
	    outcome == OUTCOME_INTERNAL_ERROR ? "ERROR" :
						"WARN";
}

json_t *
build_event_finished(const struct build *build, const struct claim *claim)
{
	struct verdict verdict = {.reason = NULL};
	json_t *event = NULL;

	if (judge(build, &verdict) == 0) {
		event = audit_event(level(verdict.outcome), BUILD_FINISHED);
		event = describe_package(event, build, claim);
		event = describe_outcome(event, claim, &verdict);
		event = describe_claim(event, claim);
		event = describe_run(event, build, verdict.is_written);
	}
	outcome_free(&verdict);
	return event;
}
