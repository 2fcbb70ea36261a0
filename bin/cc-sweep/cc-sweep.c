/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-sweep puts builds whose heartbeat stopped back into the queue, and fails
 * those that used up their attempts. Each statement decides and acts at once
 * under the row's lock, so any number of sweepers may run beside each other
 * and beside living workers, and one that is killed leaves nothing half done;
 * only the audit events of its last batch may be missing then.
 */

#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit_log.h"
#include "audit/audit_path.h"
#include "audit/audit_tee.h"
#include "base/backoff.h"
#include "base/events.h"
#include "base/exit.h"
#include "base/json.h"
#include "base/options.h"
#include "build/attempts.h"
#include "database/database_options.h"
#include "sweep.h"
#include "swept.h"

#define PATIENCE (10 * CLOCK_SECOND)

struct sweeper {
	struct sweep sweep; /* first */
	struct database_settings database;
	const char *audit_log;
	const char *home;
	int64_t interval; /* ns */
	bool forever;
	bool dry_run;
	bool tees; /* each event to stderr, too */
	bool events_missing;
	bool output_failed;
};

static const struct option_table options = {.synopsis = "cc-sweep [options]",
    .purpose = "puts builds whose worker was lost back into the queue",
    .rows = (const struct option_row[]){
	DATABASE_ROWS(struct sweeper, database),
	{"home", "DIR", "CLOACINA_COMPILER_HOME",
	    "where logs are kept ($HOME/.cloacina)",
	    OPTION_TEXT(struct sweeper, home)},
	{"audit-log", "FILE", "CLOACINA_COMPILER_AUDIT_LOG",
	    "the audit log (<home>/logs/compiler.log), - for stdout",
	    OPTION_TEXT(struct sweeper, audit_log)},
	AUDIT_TEE_ROW(struct sweeper, tees),
	{"stale-threshold-s", "SECONDS", "CLOACINA_COMPILER_STALE_THRESHOLD_S",
	    "a build without a heartbeat for so long is lost",
	    OPTION_SECONDS_TEXT(struct sweeper, sweep.stale_s)},
	ATTEMPTS_ROWS(struct sweeper, sweep.max_attempts, sweep.max_give_backs),
	{"backoff-s", "SECONDS", NULL,
	    "wait before a retry, for each attempt made",
	    OPTION_SECONDS_TEXT(struct sweeper, sweep.backoff_s)},
	{"batch", "COUNT", NULL, "builds in one statement",
	    OPTION_COUNT_TEXT(struct sweeper, sweep.batch, 1, 100000)},
	{"dry-run", NULL, NULL, "show what would be done",
	    OPTION_FLAG(struct sweeper, dry_run)},
	{"forever", NULL, NULL, "sweep until SIGTERM",
	    OPTION_FLAG(struct sweeper, forever)},
	{"sweep-interval-s", "SECONDS", "CLOACINA_COMPILER_SWEEP_INTERVAL_S",
	    "with --forever: between two sweeps",
	    OPTION_SECONDS(struct sweeper, interval)},
	{0},
    }};

static struct sweeper
parse_options(int argc, char **argv)
{
	struct sweeper s = {.sweep = {.stale_s = "60",
				.max_attempts = ATTEMPTS_MOST,
				.max_give_backs = ATTEMPTS_GIVE_BACKS_MOST,
				.backoff_s = "10",
				.batch = "100"},
	    .interval = 30 * CLOCK_SECOND};

	if (options_read(&options, argc, argv, &s) != argc)
		options_usage(&options);
	if (s.forever && s.dry_run)
		errx(EXIT_CALLER, "--dry-run and --forever exclude each other");
	return s;
}

static void
print_row(struct sweeper *s, const json_t *row)
{
	if (s->output_failed)
		return;
	/* ASCII: a name may hold what turns a terminal's text around. */
	if (json_dumpf(row, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == -1 ||
	    putchar('\n') == EOF || fflush(stdout) == EOF) {
		warn("cannot write to stdout");
		s->output_failed = true;
	}
}

/* To the log and, with the hash of its line, to the database. */
static void
record_event(struct sweeper *s, const json_t *row)
{
	char hash[SHA256_TEXT];
	json_t *event = swept_event(row);

	if (event == NULL)
		errx(EXIT_SYSTEM, "cannot record a build: no memory");
	bool logged = audit_log_append(s->audit_log, event, hash) == 0;
	if (!logged)
		warnx("cannot write the audit log '%s': %s, going on",
		    s->audit_log, strerror(errno));
	if (s->tees)
		(void)audit_tee(STDERR_FILENO, event);
	bool recorded = sweep_record(&s->sweep, row, event,
			    logged ? hash : NULL) == SWEEP_DONE;
	if (!recorded)
		warnx("cannot record that '%s' was swept: %s, going on",
		    json_text(row, "id", ""), s->sweep.database.error);
	s->events_missing |= !logged || !recorded;
	json_decref(event);
}

static void
tell(struct sweep *sweep, const json_t *row)
{
	struct sweeper *s = (struct sweeper *)sweep; /* its first member */

	/* With the log on stdout its line stands for the row. */
	if (s->dry_run || strcmp(s->audit_log, "-") != 0)
		print_row(s, row);
	if (!s->dry_run)
		record_event(s, row);
}

static void
rest(struct events *events, int64_t ns)
{
	int64_t until = clock_after(clock_boot(), ns);

	do
		(void)events_wait(events, -1, 0, until);
	while (events->stops == 0 && clock_boot() < until);
}

/* Whether this failure is of another kind than the one that was told. */
static bool
is_other(const struct sweeper *s, char *told)
{
	const char *state = s->sweep.database.state;

	if (!database_state_lasts(state))
		state = "";
	bool is_new = strcmp(state, told) != 0;
	strcpy(told, state);
	return is_new;
}

static void
sweep_forever(struct sweeper *s)
{
	struct backoff pause = {CLOCK_SECOND, s->interval, 0};
	struct events events;
	bool is_away = false;
	char told[sizeof s->sweep.database.state] = "";

	if (events_open(&events) == -1)
		err(EXIT_SYSTEM, "cannot wait for signals");
	while (events.stops == 0) {
		enum sweep_answer answer = sweep_run(&s->sweep);
		if (answer == SWEEP_FAILED)
			errx(EXIT_SYSTEM, "cannot sweep: %s",
			    s->sweep.database.error);
		bool is_new = answer == SWEEP_AWAY && is_other(s, told);
		if (answer == SWEEP_AWAY && (!is_away || is_new))
			warnx("cannot sweep: %s, trying again",
			    s->sweep.database.error);
		if (answer == SWEEP_DONE && is_away)
			warnx("sweeping again");
		is_away = answer == SWEEP_AWAY;
		if (!is_away)
			backoff_reset(&pause);
		rest(&events, is_away ? backoff_take(&pause) : s->interval);
	}
}

static void
sweep_once(struct sweeper *s)
{
	enum sweep_answer answer =
	    s->dry_run ? sweep_list(&s->sweep) : sweep_run(&s->sweep);

	if (answer != SWEEP_DONE)
		errx(EXIT_SYSTEM, "cannot sweep: %s", s->sweep.database.error);
}

int
main(int argc, char **argv)
{
	struct sweeper s = parse_options(argc, argv);

	/* One that goes on for ever waits where SIGTERM can end it. */
	s.database.wait = s.forever ? 0 : PATIENCE;
	s.sweep.database = database_open(&s.database, NULL);
	if ((s.audit_log = audit_path(s.audit_log, s.home)) == NULL)
		errx(EXIT_CALLER,
		    "cannot name the audit log: want "
		    "--audit-log, --home or $HOME");
	/* A reader that goes away must not end a sweep half recorded. */
	(void)signal(SIGPIPE, SIG_IGN);
	s.sweep.tell = tell;
	if (s.forever)
		sweep_forever(&s);
	else
		sweep_once(&s);
	return s.events_missing || s.output_failed ? EXIT_SYSTEM : EXIT_DONE;
}
