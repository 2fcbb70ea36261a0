/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "status.h"

/* Columns are counted in characters, the rooms for text in bytes. */
enum {
	TITLE_WIDTH = 36,
	AGE_WIDTH = 12,
	NAME_ROOM = 24,
	VERSION_ROOM = 12,
	WORKER_ROOM = 9,
	WORD_ROOM = 24,
	REASON_ROOM = 80
};

static void
print_title(FILE *out, const char *title)
{
	int used = 0;

	for (const char *at = title; *at != '\0'; at++)
		used += (*at & 0xc0) != 0x80;
	fprintf(out, "%s%*s", title,
	    used < TITLE_WIDTH ? TITLE_WIDTH - used : 0, "");
}

static const char *
visible(const json_t *row, const char *member, char *shown, size_t size)
{
	const char *text = json_text(row, member, "-");

	return text_visible(text, strlen(text), shown, size);
}

static void
print_package(FILE *out, const json_t *row)
{
	char name[NAME_ROOM], version[VERSION_ROOM];
	char both[NAME_ROOM + VERSION_ROOM];

	snprintf(both, sizeof both, "%s %s",
	    visible(row, "package_name", name, sizeof name),
	    visible(row, "version", version, sizeof version));
	print_title(out, both);
}

static const char *
show_age(const json_t *age, char shown[static WORD_ROOM])
{
	json_int_t s = json_integer_value(age);

	if (!json_is_integer(age))
		return "-";
	if (s < 120)
		snprintf(shown, WORD_ROOM, "%lld s", s);
	else if (s < 7200)
		snprintf(shown, WORD_ROOM, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(
		    shown, WORD_ROOM, "%lld h %lld min", s / 3600, s / 60 % 60);
	else
		snprintf(shown, WORD_ROOM, "%lld d %lld h", s / 86400,
		    s / 3600 % 24);
	return shown;
}

static void
print_age(FILE *out, const json_t *age)
{
	char shown[WORD_ROOM];

	fprintf(out, "%*s", AGE_WIDTH, show_age(age, shown));
}

static void
print_build(FILE *out, const json_t *row)
{
	const char *end = json_text(row, "ended_as", "");
	char worker[WORKER_ROOM];

	print_package(out, row);
	print_age(out, json_object_get(row, "age_s"));
	print_age(out, json_object_get(row, "heartbeat_age_s"));
	snprintf(worker, sizeof worker, "%s",
	    json_text(row, "compiler_instance_id", "other"));
	fprintf(out, "%9lld  %-8s%s%s%s\n", json_number(row, "attempt", 1),
	    worker,
	    json_is_true(json_object_get(row, "stale")) ? "  STALE" : "",
	    strcmp(end, "timeout_killed") == 0 ? "  timed out" : "",
	    json_is_true(json_object_get(row, "superseded")) ? "  superseded" :
							       "");
}

static void
print_pending(FILE *out, const json_t *row)
{
	char end[WORD_ROOM];

	print_package(out, row);
	print_age(out, json_object_get(row, "age_s"));
	print_age(out, json_object_get(row, "retry_in_s"));
	fprintf(out, "%9lld  %s\n", json_number(row, "attempts", 0),
	    visible(row, "ended_as", end, sizeof end));
}

static void
print_finished(FILE *out, const json_t *row)
{
	char outcome[WORD_ROOM], reason[REASON_ROOM];
	bool failed = strcmp(json_text(row, "outcome", ""), "success") != 0;

	print_package(out, row);
	print_age(out, json_object_get(row, "age_s"));
	fprintf(out, "%*.1f s", AGE_WIDTH - 2,
	    json_number_value(json_object_get(row, "wall_clock_ms")) / 1000);
	fprintf(out, "  %s%s%s\n",
	    visible(row, "outcome", outcome, sizeof outcome),
	    failed ? ": " : "",
	    failed ? visible(row, "failure_reason", reason, sizeof reason) :
		     "");
}

static void
print_list(FILE *out, const json_t *rows, const char *title,
    const char *columns, void (*print)(FILE *, const json_t *))
{
	if (json_array_size(rows) == 0)
		return;
	fputc('\n', out);
	print_title(out, title);
	fprintf(out, "%s\n", columns);
	for (size_t i = 0; i < json_array_size(rows); i++)
		print(out, json_array_get(rows, i));
}

static void
print_summary(FILE *out, const json_t *status, const char *problem)
{
	const char *outcome;
	json_t *builds;
	char shown[REASON_ROOM], age[WORD_ROOM];

	if (*problem != '\0')
		fprintf(out, "DEGRADED: %s\n", problem);
	if (json_is_true(json_object_get(status, "paused")))
		fprintf(out, "PAUSED: %s\n",
		    visible(status, "paused_reason", shown, sizeof shown));
	fprintf(out,
	    "%lld pending, %lld of them waiting for a retry; "
	    "%lld building\n",
	    json_number(status, "pending", 0),
	    json_number(status, "waiting_for_retry", 0),
	    json_number(status, "building", 0));
	fprintf(out, "oldest that could be built: %s\n",
	    show_age(json_object_get(status, "head_age_s"), age));
	fputs("last hour:", out);
	json_object_foreach(json_object_get(status, "last_hour"), outcome,
	    builds) fprintf(out, " %lld %s", json_integer_value(builds),
	    text_visible(outcome, strlen(outcome), shown, WORD_ROOM));
	if (json_object_size(json_object_get(status, "last_hour")) == 0)
		fputs(" no build", out);
	fputc('\n', out);
}

char *
status_table(const json_t *status, const char *problem)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	print_summary(out, status, problem);
	print_list(out, json_object_get(status, "builds"), "BUILDING",
	    "         AGE   HEARTBEAT  ATTEMPT  WORKER", print_build);
	print_list(out, json_object_get(status, "queue"), "PENDING",
	    "         AGE    RETRY IN ATTEMPTS  LAST END", print_pending);
	print_list(out, json_object_get(status, "finished"), "LAST BUILDS",
	    "         AGO        TOOK  OUTCOME", print_finished);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
