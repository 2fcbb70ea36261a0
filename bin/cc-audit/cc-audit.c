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
#include "base/cli.h"
#include "base/clock.h"
#include "base/exit.h"
#include "base/text.h"
#include "build/directory.h"
#include "build_event.h"
#include "database/database_options.h"
#include "database/statements.h"

enum { MESSAGE = 512 };

struct audit {
	struct claim claim;
	struct build build;
	char *path;
	struct database_settings settings;
	struct database database; /* url is NULL: the log alone */
	bool tees;		  /* each event to stderr, too */
	bool failed;		  /* some event is missing somewhere */
};

static struct audit
parse_options(int argc, char **argv)
{
	enum { AUDIT_LOG = 1, AUDIT_TEE, HOME };
	static const struct cli_option table[] = {
	    DATABASE_OPTIONS,
	    {"audit-log", "FILE", "CLOACINA_COMPILER_AUDIT_LOG",
		"the log (<home>/logs/compiler.log), - for stdout", AUDIT_LOG},
	    AUDIT_TEE_OPTION(AUDIT_TEE),
	    DATABASE_WAIT_OPTION(60),
	    {"home", "DIR", "CLOACINA_COMPILER_HOME",
		"where logs are kept ($HOME/.cloacina)", HOME},
	    {NULL, NULL, NULL, NULL, 0},
	};
	struct cli cli = {.synopsis = "cc-audit [options] event dir",
	    .purpose = "appends an event of a build, started or finished, "
		       "to the audit trail",
	    .options = table};
	struct audit a = {.settings = {.wait = 60 * CLOCK_SECOND}};
	const char *audit_log = NULL, *home = NULL;
	int value;

	while ((value = cli_next(&cli, argc, argv)) != -1) {
		if (value == AUDIT_LOG)
			audit_log = optarg;
		else if (value == AUDIT_TEE)
			a.tees = cli_yes(&cli);
		else if (value == HOME)
			home = optarg;
		else
			(void)database_option(&cli, value, &a.settings);
	}
	if (argc - optind != 2)
		cli_usage(&cli);
	if ((a.path = audit_path(audit_log, home)) == NULL)
		cli_wrong("cannot find the audit log: want --audit-log, "
			  "--home or $HOME");
	return a;
}

/* Without a URL there is no table to write to; a wrong one is a failure. */
static void
prepare_database(struct audit *a)
{
	const char *schema = a->settings.schema;

	a->database.schema = schema != NULL ? schema : a->claim.schema;
	a->database.wait_ms = a->settings.wait / CLOCK_MS;
	a->database.url = database_url(&a->settings);
	if (a->database.url == NULL && errno != EINVAL) {
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
	    a->path, event, a->build.directory, marker, hash);
	if (written == -1) {
		warn("cannot write the %s event to '%s'", type,
		    text_visible(
			a->path, strlen(a->path), shown, sizeof shown));
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
load(struct audit *a, const char *path)
{
	if (build_load(path, &a->build) == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", path);
	if (claim_load(a->build.directory, &a->claim) == -1)
		err(EXIT_SYSTEM, "cannot read '%s/%s'", path, CLAIM_FILE);
	/* A full disk and a closed pipe are to be told, not to be died of. */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	prepare_database(a);
}

int
main(int argc, char **argv)
{
	struct audit a = parse_options(argc, argv);
	const char *event = argv[optind];
	bool finished = strcmp(event, "finished") == 0;
	char shown[MESSAGE];

	if (!finished && strcmp(event, "started") != 0)
		cli_wrong("bad event '%s': want started or finished",
		    text_visible(event, strlen(event), shown, sizeof shown));
	load(&a, argv[optind + 1]);
	record(&a, BUILD_STARTED, AUDIT_STARTED_FILE,
	    build_event_started(&a.build, &a.claim));
	if (finished)
		record(&a, BUILD_FINISHED, AUDIT_FINISHED_FILE,
		    build_event_finished(&a.build, &a.claim));
	database_close(&a.database);
	return a.failed ? EXIT_SYSTEM : EXIT_DONE;
}
