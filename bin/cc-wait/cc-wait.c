/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-wait follows a queued package until it is built, or never will be, and
 * exits by the outcome; with --output it then fetches the artifact, whole or
 * not at all. It only reads, so any number may follow one package, and one
 * that is stopped can be run again. It asks every half second: notifications
 * tell of pending rows, not of finished ones, and die behind a pooler.
 */

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/options.h"
#include "base/output.h"
#include "base/text.h"
#include "base/text_lines.h"
#include "build/claim.h"
#include "database/archive_copy.h"
#include "database/database_options.h"
#include "database/statements.h"

enum { MESSAGE = 512, WORD = 64 };

/* The columns of wait.sql. */
enum column { NAME, VERSION_TEXT, STATUS, SUPERSEDED, REASON, AGE, HEARTBEAT };

struct wait {
	struct database_settings settings;
	const char *output; /* NULL: do not fetch */
	int poll_ms;
	int64_t timeout; /* ns; 0: for ever */
	const char *id;
	struct database database;
	int64_t patience_ms; /* with it */
	int64_t end;	     /* CLOCK_NEVER, or clock_now()'s then */
	bool shows_progress;
};

static void
take_output(const struct option_value *value)
{
	if (strcmp(value->text, "-") == 0)
		option_wrong(
		    value, "want a file, which appears whole or not at all");
	*(const char **)value->to = value->text;
}

static const struct option_table options = {.synopsis = "cc-wait [options] id",
    .purpose = "follows a queued package and exits by its outcome",
    .rows = (const struct option_row[]){
	{"o,output", "FILE", NULL, "fetch the artifact",
	    OPTION_CALL(struct wait, output, take_output)},
	{"timeout-s", "SECONDS", NULL, "how long to wait (for ever)",
	    OPTION_SECONDS(struct wait, timeout)},
	{"poll-interval-ms", "MS", NULL, "how often to ask",
	    OPTION_INT(struct wait, poll_ms, 1, 3600000)},
	DATABASE_ROWS(struct wait, settings),
	DATABASE_WAIT_ROW(struct wait, settings),
	{0},
    }};

static struct wait
parse_options(int argc, char **argv)
{
	struct wait w = {
	    .poll_ms = 500, .settings = {.wait = 60 * CLOCK_SECOND}};
	int at = options_read(&options, argc, argv, &w);
	char shown[MESSAGE];

	if (argc - at != 1)
		options_usage(&options);
	w.id = argv[at];
	if (!uuid_is_valid(w.id))
		errx(EXIT_CALLER, "bad id '%s': want a UUID",
		    text_visible(w.id, strlen(w.id), shown, sizeof shown));
	return w;
}

static int64_t
left_ms(const struct wait *w)
{
	int64_t left = (w->end - clock_now()) / CLOCK_MS;

	return left > 0 ? left : 0;
}

/* Each line of progress overwrites the one before it. */
static void
clear_progress(const struct wait *w)
{
	if (w->shows_progress)
		fputs("\r\033[K", stderr);
}

static void
show_progress(const struct wait *w, const PGresult *row)
{
	char shown[WORD];
	const char *status = PQgetvalue(row, 0, STATUS);

	if (!w->shows_progress)
		return;
	text_visible(status, strlen(status), shown, sizeof shown);
	fprintf(stderr, "\r%s, %s s since it was queued", shown,
	    PQgetvalue(row, 0, AGE));
	if (!PQgetisnull(row, 0, HEARTBEAT))
		fprintf(stderr, ", heartbeat %s s ago",
		    PQgetvalue(row, 0, HEARTBEAT));
	fputs("\033[K", stderr);
}

/* The row as it is now; does not come back where there is none. */
static PGresult *
ask(struct wait *w)
{
	const struct database_parameter id = {.value = w->id};
	int64_t left = left_ms(w), patience = w->patience_ms;

	w->database.wait_ms = left < patience ? left : patience;
	PGresult *row = database_ask(&w->database, statement_wait, 1, &id);
	if (row == NULL) {
		clear_progress(w);
		errx(EXIT_SYSTEM, "cannot ask for '%s': %s", w->id,
		    w->database.error);
	}
	if (PQntuples(row) == 1)
		return row;
	clear_progress(w);
	if (database_check(&w->database) == -1)
		errx(EXIT_SYSTEM, "cannot ask for '%s': %s", w->id,
		    w->database.error);
	errx(EXIT_CALLER, "cannot find '%s': no such package", w->id);
}

/* Whether nothing will happen to the row any more. */
static bool
has_ended(const PGresult *row)
{
	const char *status = PQgetvalue(row, 0, STATUS);

	/* What is pending and superseded, nobody claims. */
	if (strcmp(status, "pending") == 0)
		return *PQgetvalue(row, 0, SUPERSEDED) == 't';
	return strcmp(status, "building") != 0;
}

static PGresult *
follow(struct wait *w)
{
	for (;;) {
		PGresult *row = ask(w);
		if (has_ended(row)) {
			clear_progress(w);
			return row;
		}
		show_progress(w, row);
		int64_t left = left_ms(w), pause = w->poll_ms;
		if (left == 0) {
			clear_progress(w);
			errx(EXIT_TIMED_OUT, "timed out: '%s' is still %s",
			    w->id, PQgetvalue(row, 0, STATUS));
		}
		PQclear(row);
		pause = pause < left ? pause : left;
		struct timespec sleep = {
		    pause / 1000, (pause % 1000) * 1000000};
		(void)nanosleep(&sleep, NULL);
	}
}

static void __attribute__((noreturn))
say_failed(const struct wait *w, const PGresult *row)
{
	char name[MESSAGE], version[MESSAGE];
	const char *reason = *PQgetvalue(row, 0, STATUS) == 'p' ?
	    "superseded by a newer version" :
	    PQgetvalue(row, 0, REASON);
	char *lines =
	    text_lines_visible(*reason != '\0' ? reason : "no reason given");

	if (lines == NULL)
		err(EXIT_SYSTEM, "cannot show why '%s' failed", w->id);
	text_visible(PQgetvalue(row, 0, NAME),
	    (size_t)PQgetlength(row, 0, NAME), name, sizeof name);
	text_visible(PQgetvalue(row, 0, VERSION_TEXT),
	    (size_t)PQgetlength(row, 0, VERSION_TEXT), version, sizeof version);
	warnx("'%s' %s failed:", name, version);
	size_t length = strlen(lines);
	fprintf(stderr, "%s%s", lines, lines[length - 1] == '\n' ? "" : "\n");
	exit(EXIT_NO);
}

/* Does not come back unless all of it is in the file. */
static void
copy_artifact(struct wait *w, struct output *out)
{
	const struct archive_row row = {.database = &w->database,
	    .statement = statement_artifact,
	    .registry_id = w->id,
	    .most = INT64_MAX};

	w->database.wait_ms = w->patience_ms;
	enum archive_answer answer = archive_copy_row(&row, out->fd);
	if (answer == ARCHIVE_WHOLE)
		return;
	output_discard(out);
	if (answer == ARCHIVE_UNWRITABLE)
		err(EXIT_SYSTEM, "cannot write '%s'", w->output);
	errx(EXIT_SYSTEM, "cannot fetch the artifact: %s",
	    answer == ARCHIVE_MISSING	  ? "the package has none" :
		answer == ARCHIVE_CHANGED ? "it changed meanwhile" :
					    w->database.error);
}

static void
fetch_artifact(struct wait *w)
{
	struct output out;

	if (output_open(&out, w->output) == -1)
		errx(EXIT_SYSTEM, "cannot create '%s': %s", w->output,
		    output_error(errno));
	copy_artifact(w, &out);
	if (lseek(out.fd, 0, SEEK_CUR) == 0)
		warnx("'%s' is empty: the package has nothing to compile",
		    w->output);
	if (output_publish(&out) == -1)
		err(EXIT_SYSTEM, "cannot write '%s'", w->output);
}

int
main(int argc, char **argv)
{
	struct wait w = parse_options(argc, argv);
	char shown[WORD];

	w.database = database_open(&w.settings, NULL);
	w.patience_ms = w.database.wait_ms;
	w.shows_progress = isatty(STDERR_FILENO);
	w.end =
	    w.timeout == 0 ? CLOCK_NEVER : clock_after(clock_now(), w.timeout);
	const PGresult *row = follow(&w);
	const char *status = PQgetvalue(row, 0, STATUS);
	if (strcmp(status, "failed") == 0 || strcmp(status, "pending") == 0)
		say_failed(&w, row);
	if (strcmp(status, "success") != 0)
		errx(EXIT_SYSTEM, "cannot tell what became of '%s': '%s'", w.id,
		    text_visible(status, strlen(status), shown, sizeof shown));
	if (w.output != NULL)
		fetch_artifact(&w);
	return EXIT_DONE;
}
