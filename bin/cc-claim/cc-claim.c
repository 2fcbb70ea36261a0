/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-claim claims the oldest pending build and runs a command while holding
 * it. It promises that a build is held by one process or by none: the claim
 * carries a token, heartbeats keep it, and every process of a build is killed
 * as soon as its claim is lost. The command is trusted with the verdict, which
 * it writes to the row itself; its exit status is not looked at. A host that
 * cannot work takes nothing: the audit log and the build directory are
 * written before a build is claimed.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "audit/audit_log.h"
#include "base/exit.h"
#include "base/notify.h"
#include "database/database_options.h"
#include "database/statements.h"
#include "home.h"
#include "options.h"
#include "process/descendants.h"
#include "work.h"

struct worker {
	struct claim_options options;
	struct events events;
	struct database_link link;
	struct claim_queue queue;
	struct claim_hold hold;
	struct claim_take take;
	struct claim_work work;
	char instance[UUID_TEXT];
};

/*
 * From here on a build of the same user cannot read this process or its
 * environment, and a terminal or a reader that is gone does not end it while
 * it holds a build.
 */
static void
prepare_process(struct worker *w)
{
	if (prctl(PR_SET_DUMPABLE, 0) == -1 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    events_open(&w->events) == -1)
		err(EXIT_SYSTEM, "cannot prepare the process");
	if (descendants_adopt() == -1)
		err(EXIT_SYSTEM, "cannot watch over processes");
}

static void
pass_on(const char *name, const char *value)
{
	if (value != NULL && setenv(name, value, 1) == -1)
		err(EXIT_SYSTEM, "cannot set '%s'", name);
}

/*
 * What the command needs to find the same database, home and log. A resolver
 * that is silent stops the whole process while libpq connects, so it is kept
 * short unless somebody has decided otherwise.
 */
static void
prepare_environment(const struct claim_options *o, const char *url)
{
	pass_on("DATABASE_URL", url);
	(void)unsetenv("CLOACINA_COMPILER_DATABASE_URL_FILE");
	pass_on("CLOACINA_TENANT_SCHEMA", o->database.schema);
	pass_on("CLOACINA_COMPILER_HOME", o->home);
	pass_on("CLOACINA_COMPILER_AUDIT_LOG", o->audit_log);
	if (getenv("RES_OPTIONS") == NULL)
		pass_on("RES_OPTIONS", "timeout:1 attempts:2");
}

static void
log_start(const struct worker *w)
{
	static const char message[] = "cloacina-compiler starting";
	const char *log = w->options.audit_log;
	char hash[SHA256_TEXT];
	json_t *event = audit_event("info", "compiler.starting");
	json_t *members = json_pack("{s:s, s:s, s:s}", "message", message,
	    "compiler_instance_id", w->instance, "version", VERSION);

	if (json_object_update(event, members) == -1)
		errx(EXIT_SYSTEM, "cannot write the audit log: no memory");
	if (audit_log_append(log, event, hash) == -1)
		err(EXIT_SYSTEM, "cannot write the audit log '%s'", log);
	warnx("%s, compiler_instance_id %s", message, w->instance);
}

static const char *
statement(const struct worker *w, const char *sql)
{
	const char *text = database_statement(sql, w->options.database.schema);

	if (text == NULL)
		errx(EXIT_SYSTEM, "cannot prepare a statement: no memory");
	return text;
}

static void
connect_to_queue(struct worker *w, const struct database *database)
{
	const struct claim_options *o = &w->options;

	w->link = database_link_new(database, o->heartbeat);
	w->queue = (struct claim_queue){.link = &w->link,
	    .events = &w->events,
	    .check = statement(w, statement_check),
	    .claim = statement(w, statement_claim),
	    .reclaim = statement(w, statement_reclaim),
	    .wake_ups = statement(w, statement_wake_ups),
	    .prefix = statement(w, ":schema."),
	    .table = statement(w, ":schema.workflow_packages"),
	    .instance = w->instance,
	    .waits = o->waits,
	    .poll = o->poll_ms * CLOCK_MS,
	    .patience = o->stale};
	w->hold = (struct claim_hold){.link = &w->link,
	    .heartbeat = statement(w, statement_heartbeat),
	    .release = statement(w, statement_release),
	    .max_attempts = o->max_attempts,
	    .max_give_backs = o->max_give_backs,
	    .interval = o->heartbeat,
	    .stale = o->stale};
}

static void
open_home(struct worker *w)
{
	const struct claim_options *o = &w->options;
	char *path;
	int fd = claim_home_open(o->home, &path);

	if (fd == -2)
		errx(EXIT_SYSTEM,
		    "cannot use '%s/build-tmp': others can write there",
		    o->home);
	if (fd == -1)
		err(EXIT_SYSTEM, "cannot use '%s/build-tmp'", o->home);
	w->take = (struct claim_take){.queue = &w->queue,
	    .hold = &w->hold,
	    .home = fd,
	    .home_path = path,
	    .prefix = o->command != NULL ? "" : CLAIM_DIRECTORY_HELD,
	    .instance = w->instance,
	    .schema = o->database.schema};
}

static void
remove_dead_builds(const struct worker *w)
{
	if (claim_home_sweep(w->take.home) == -1)
		warn("cannot remove all dead builds below '%s', going on",
		    w->take.home_path);
}

static int
work_off(struct worker *w)
{
	char check_word[] = "--check";
	const struct claim_options *o = &w->options;

	w->work = (struct claim_work){.take = &w->take,
	    .command = o->command,
	    .command_path = &o->command[o->words],
	    .last_command = {o->finally},
	    .check = {o->check, check_word},
	    .pause = {CLOCK_SECOND, 60 * CLOCK_SECOND, 0}};
	w->take.delay_s = 1;
	if (notify("READY=1") == -1)
		warn("cannot tell the service manager, going on");
	switch (o->forever ? claim_work_forever(&w->work) :
			     claim_work_once(&w->work)) {
	case WORK_DONE:
	case WORK_GIVEN_BACK:
	case WORK_OF_ROW:
	case WORK_SUSPECT:
		return EXIT_DONE;
	case WORK_NOTHING: /* of a service: it was asked to stop */
		return o->forever ? EXIT_DONE : EXIT_NO;
	default:
		return EXIT_SYSTEM;
	}
}

/* The caller gets the build, with its directory; nobody keeps it alive. */
static int
hand_out(struct worker *w)
{
	switch (claim_take(&w->take)) {
	case CLAIM_TAKEN:
		break;
	case CLAIM_NONE:
		return EXIT_NO;
	default:
		return EXIT_SYSTEM;
	}
	bool is_printed = claim_take_write(&w->take, STDOUT_FILENO) == 0;
	if (!is_printed) {
		warn("cannot write to stdout");
		claim_take_give_back(&w->take, CLAIM_WAS_GIVEN_BACK);
	}
	if (claim_take_end(&w->take, is_printed) == -1)
		warn("cannot remove the build directory");
	return is_printed ? EXIT_DONE : EXIT_SYSTEM;
}

int
main(int argc, char **argv)
{
	struct worker w;
	const struct claim_options *o = &w.options;

	w.options = claim_options_parse(argc, argv);
	struct database database = database_open(&o->database, NULL);
	if (uuid_new(w.instance) == -1)
		err(EXIT_SYSTEM, "cannot make an instance id");
	prepare_process(&w);
	prepare_environment(o, database.url);
	open_home(&w);
	if (o->command != NULL)
		log_start(&w);
	remove_dead_builds(&w);
	connect_to_queue(&w, &database);
	int status = o->command != NULL ? work_off(&w) : hand_out(&w);
	database_link_close(&w.link);
	return status;
}
