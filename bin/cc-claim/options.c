/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_path.h"
#include "base/clock.h"
#include "base/exit.h"
#include "base/options.h"
#include "base/text.h"
#include "build/attempts.h"
#include "command.h"
#include "database/database_options.h"
#include "options.h"

/* 73 years: no sum of two of them and now overflows. */
#define SPAN_MOST (INT64_C(1) << 61)

/* A word of a command line, which exec wants to be writable. */
static void
take_word(const struct option_value *value)
{
	*(char **)value->to = value->text;
}

static const struct option_table options = {
    .synopsis = "cc-claim [options] [command [arg ...]]",
    .purpose = "claims the oldest pending build and runs a command while "
	       "holding it",
    .rows = (const struct option_row[]){
	DATABASE_ROWS(struct claim_options, database),
	{"home", "DIR", "CLOACINA_COMPILER_HOME",
	    "build directories and logs ($HOME/.cloacina)",
	    OPTION_TEXT(struct claim_options, home)},
	{"audit-log", "FILE", "CLOACINA_COMPILER_AUDIT_LOG",
	    "the audit log (<home>/logs/compiler.log), - for stdout",
	    OPTION_TEXT(struct claim_options, audit_log)},
	{"heartbeat-interval-s", "SECONDS",
	    "CLOACINA_COMPILER_HEARTBEAT_INTERVAL_S",
	    "how often the claim is kept alive",
	    OPTION_SECONDS(struct claim_options, heartbeat)},
	{"stale-threshold-s", "SECONDS", "CLOACINA_COMPILER_STALE_THRESHOLD_S",
	    "a claim without a heartbeat for so long is lost",
	    OPTION_SECONDS(struct claim_options, stale)},
	ATTEMPTS_ROWS(struct claim_options, max_attempts, max_give_backs),
	{"poll-interval-ms", "MS", "CLOACINA_COMPILER_POLL_INTERVAL_MS",
	    "look for a build without a notification",
	    OPTION_INT(struct claim_options, poll_ms, 1, 86400000)},
	{"finally", "COMMAND", NULL,
	    "run it with the directory after a command that was killed",
	    OPTION_CALL(struct claim_options, finally, take_word)},
	{"check", "COMMAND", NULL,
	    "COMMAND --check says whether this host can build",
	    OPTION_CALL(struct claim_options, check, take_word)},
	{"wait", NULL, NULL, "wait until there is a build",
	    OPTION_FLAG(struct claim_options, waits)},
	{"forever", NULL, NULL, "one build after the other until SIGTERM",
	    OPTION_FLAG(struct claim_options, forever)},
	{0},
    }};

static void
check_command(const char *name)
{
	char shown[200];

	if (name != NULL && command_find(name) == -1)
		errx(EXIT_CALLER, "cannot run '%s': %s",
		    text_visible(name, strlen(name), shown, sizeof shown),
		    strerror(errno));
}

static void
check_options(const struct claim_options *o)
{
	if (o->heartbeat >= o->stale)
		errx(EXIT_CALLER,
		    "--heartbeat-interval-s must be less than "
		    "--stale-threshold-s");
	if (o->command == NULL && o->forever)
		errx(EXIT_CALLER, "--forever needs a command");
	if (o->command == NULL && o->finally != NULL)
		errx(EXIT_CALLER, "--finally needs a command");
	if (!o->forever && o->check != NULL)
		errx(EXIT_CALLER, "--check needs --forever");
	if (o->command != NULL)
		check_command(o->command[0]);
	check_command(o->check);
	check_command(o->finally);
}

static void
fill_paths(struct claim_options *o)
{
	const char *user_home = getenv("HOME");
	char *home;

	if (o->home == NULL && (user_home == NULL || *user_home == '\0'))
		errx(EXIT_CALLER, "want --home or $HOME");
	if (o->home == NULL) {
		if (asprintf(&home, "%s/.cloacina", user_home) == -1)
			err(EXIT_SYSTEM, "cannot read the options");
		o->home = home;
	}
	o->audit_log = audit_path(o->audit_log, o->home);
	if (o->audit_log == NULL)
		err(EXIT_SYSTEM, "cannot read the options");
}

static void
copy_command(struct claim_options *o, char **words, size_t count)
{
	if (count == 0)
		return;
	o->command = calloc(count + 2, sizeof *words);
	if (o->command == NULL)
		err(EXIT_SYSTEM, "cannot read the options");
	memcpy(o->command, words, count * sizeof *words);
	o->words = count;
}

struct claim_options
claim_options_parse(int argc, char **argv)
{
	struct claim_options o = {.max_attempts = ATTEMPTS_MOST,
	    .max_give_backs = ATTEMPTS_GIVE_BACKS_MOST,
	    .heartbeat = 10 * CLOCK_SECOND,
	    .stale = 60 * CLOCK_SECOND,
	    .poll_ms = 2000};
	int at = options_read(&options, argc, argv, &o);

	o.waits |= o.forever;
	o.heartbeat = clock_earlier(o.heartbeat, SPAN_MOST);
	o.stale = clock_earlier(o.stale, SPAN_MOST);
	copy_command(&o, argv + at, (size_t)(argc - at));
	check_options(&o);
	fill_paths(&o);
	return o;
}
