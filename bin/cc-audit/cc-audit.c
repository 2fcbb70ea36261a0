/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-audit appends one event of a build to the audit log, and to the audit
 * table where a database is named. Either may fail without keeping the other
 * from its event. Run again, after a kill at any moment, it completes what is
 * missing: the log has one line for a claim's event (audit_log.h), the table
 * one row. A finished event is never without its started one.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit_log.h"
#include "audit/audit_path.h"
#include "audit/audit_tee.h"
#include "base/clock.h"
#include "base/exit.h"
#include "base/options.h"
#include "base/text.h"
#include "build/directory.h"
#include "build_event.h"
#include "database/database_options.h"
#include "database/statements.h"

enum { MESSAGE = 512 };

struct audit {
	struct database_settings settings;
	const char *log, *home;
	const char *path; /* of the build directory */
	bool is_finished; /* the event; else it is started */
	struct claim claim;
	struct build build;
	struct database database; /* url is NULL: the log alone */
	bool tees;		  /* each event to stderr, too */
	bool failed;		  /* some event is missing somewhere */
};

static const struct option_table options = {
    .synopsis = "cc-audit [options] event dir",
    .purpose = "appends an event of a build, started or finished, to the "
	       "audit trail",
    .rows = (const struct option_row[]){
	DATABASE_ROWS(struct audit, settings),
	{"audit-log", "FILE", "CLOACINA_COMPILER_AUDIT_LOG",
	    "the log (<home>/logs/compiler.log), - for stdout",
	    OPTION_TEXT(struct audit, log)},
	AUDIT_TEE_ROW(struct audit, tees),
	DATABASE_WAIT_ROW(struct audit, settings),
	{"home", "DIR", "CLOACINA_COMPILER_HOME",
	    "where logs are kept ($HOME/.cloacina)",
	    OPTION_TEXT(struct audit, home)},
	{0},
    }};

static struct audit
parse_options(int argc, char **argv)
{
	struct audit a = {.settings = {.wait = 60 * CLOCK_SECOND}};
	int at = options_read(&options, argc, argv, &a);
	char shown[MESSAGE];

	if (argc - at != 2)
		options_usage(&options);
	const char *event = argv[at];
	a.is_finished = strcmp(event, "finished") == 0;
	if (!a.is_finished && strcmp(event, "started") != 0)
		errx(EXIT_CALLER, "bad event '%s': want started or finished",
		    text_visible(event, strlen(event), shown, sizeof shown));
	a.path = argv[at + 1];
	if ((a.log = audit_path(a.log, a.home)) == NULL)
		errx(EXIT_CALLER,
		    "cannot find the audit log: want --audit-log, "
		    "--home or $HOME");
	return a;
}

/* Without a URL there is no table to write to; a wrong one is a failure. */
static void
prepare_database(struct audit *a)
{
	if (database_find(&a->settings, a->claim.schema, &a->database) == -1 &&
	    errno != EINVAL) {
		warnx("cannot use the database URL: %s",
		    database_url_error(errno));
		a->failed = true;
	}
}

static void
insert(struct audit *a, const char *type, const char *event, const char *hash)
{
	const struct database_parameter parameters[] = {
	    {.value = a->claim.claim_token},
	    {.value = a->claim.build_claim_id},
	    {.value = type},
	    {.value = a->claim.compiler_instance_id},
	    {.value = event},
	    {.value = hash},
	};
	PGresult *result =
	    database_ask(&a->database, statement_audit_insert, 6, parameters);

	if (result == NULL) {
		warnx("cannot write the %s event to the database: %s", type,
		    a->database.error);
		a->failed = true;
		/* It was waited for; the next one asks once. */
		a->database.wait_ms = 0;
	}
	PQclear(result);
}

/* Takes the event. */
static void
record(struct audit *a, const char *type, const char *marker, json_t *event)
{
	char hash[SHA256_TEXT], shown[MESSAGE];

	if (event == NULL)
		errx(EXIT_SYSTEM, "cannot write the %s event: no memory", type);
	int written = audit_log_append_once(
	    a->log, event, a->build.directory, marker, hash);
	if (written == -1) {
		warn("cannot write the %s event to '%s'", type,
		    text_visible(a->log, strlen(a->log), shown, sizeof shown));
		a->failed = true;
	}
	/* What stood in the log already was told when it was written. */
	if (a->tees && written != 1)
		(void)audit_tee(STDERR_FILENO, event);
	if (a->database.url != NULL) {
		char *text = json_dumps(event, JSON_COMPACT);
		if (text == NULL)
			errx(EXIT_SYSTEM,
			    "cannot write the %s event: no memory", type);
		insert(a, type, text, written != -1 ? hash : NULL);
		free(text);
	}
	json_decref(event);
}

static void
load(struct audit *a)
{
	if (build_load(a->path, &a->build) == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", a->path);
	if (claim_load(a->build.directory, &a->claim) == -1)
		err(EXIT_SYSTEM, "cannot read '%s/%s'", a->path, CLAIM_FILE);
	/* A full disk and a closed pipe are to be told, not to be died of. */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	prepare_database(a);
}

int
main(int argc, char **argv)
{
	struct audit a = parse_options(argc, argv);

	load(&a);
	record(&a, BUILD_STARTED, AUDIT_STARTED_FILE,
	    build_event_started(&a.build, &a.claim));
	if (a.is_finished)
		record(&a, BUILD_FINISHED, AUDIT_FINISHED_FILE,
		    build_event_finished(&a.build, &a.claim));
	database_close(&a.database);
	return a.failed ? EXIT_SYSTEM : EXIT_DONE;
}
