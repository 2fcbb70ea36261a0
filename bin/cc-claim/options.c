/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_path.h"
#include "base/cli.h"
#include "base/events.h"
#include "base/text.h"
#include "command.h"
#include "database/database_options.h"
#include "options.h"

enum {
	AUDIT_LOG = 1,
	CHECK,
	FINALLY,
	FOREVER,
	HEARTBEAT,
	HOME,
	MAX_ATTEMPTS,
	MAX_GIVE_BACKS,
	POLL,
	STALE,
	WAIT,
	POLL_MAX_MS = 86400000
};

static const struct cli_option table[] = {
    DATABASE_OPTIONS,
    {"home", "DIR", "CLOACINA_COMPILER_HOME",
	"build directories and logs ($HOME/.cloacina)", HOME},
    {"audit-log", "FILE", "CLOACINA_COMPILER_AUDIT_LOG",
	"the audit log (<home>/logs/compiler.log), - for stdout", AUDIT_LOG},
    {"heartbeat-interval-s", "SECONDS",
	"CLOACINA_COMPILER_HEARTBEAT_INTERVAL_S",
	"how often the claim is kept alive (10)", HEARTBEAT},
    {"stale-threshold-s", "SECONDS", "CLOACINA_COMPILER_STALE_THRESHOLD_S",
	"a claim without a heartbeat for so long is lost (60)", STALE},
    {"max-attempts", "COUNT", "CLOACINA_COMPILER_MAX_ATTEMPTS",
	"attempts before a build is given up (3)", MAX_ATTEMPTS},
    {"max-give-backs", "COUNT", "CLOACINA_COMPILER_MAX_GIVE_BACKS",
	"times it comes back before a build is given up (20)", MAX_GIVE_BACKS},
    {"poll-interval-ms", "MS", "CLOACINA_COMPILER_POLL_INTERVAL_MS",
	"look for a build without a notification (2000)", POLL},
    {"finally", "COMMAND", NULL,
	"run it with the directory after a command that was killed", FINALLY},
    {"check", "COMMAND", NULL,
	"COMMAND --check says whether this host can build", CHECK},
    {"wait", NULL, NULL, "wait until there is a build", WAIT},
    {"forever", NULL, NULL, "one build after the other until SIGTERM", FOREVER},
    {NULL, NULL, NULL, NULL, 0},
};

/* At most 73 years, so that no sum of two of them and now overflows. */
static int64_t
take_seconds(const struct cli *cli)
{
	const int64_t most = INT64_C(1) << 61;
	int64_t taken = cli_seconds(cli);

	return taken < most ? taken : most;
}

static void
take_option(struct claim_options *o, const struct cli *cli, int option)
{
	switch (option) {
	case AUDIT_LOG:
		o->audit_log = optarg;
		break;
	case CHECK:
		o->check = optarg;
		break;
	case FINALLY:
		o->finally = optarg;
		break;
	case FOREVER:
		o->waits = o->forever = true;
		break;
	case HEARTBEAT:
		o->heartbeat = take_seconds(cli);
		break;
	case HOME:
		o->home = optarg;
		break;
	case MAX_ATTEMPTS:
		(void)cli_count(cli, 1, 1000000);
		o->max_attempts = optarg;
		break;
	case MAX_GIVE_BACKS:
		(void)cli_count(cli, 1, 1000000);
		o->max_give_backs = optarg;
		break;
	case POLL:
		o->poll = (int64_t)cli_count(cli, 1, POLL_MAX_MS) * CLOCK_MS;
		break;
	case STALE:
		o->stale = take_seconds(cli);
		break;
	case WAIT:
		o->waits = true;
		break;
	default:
		(void)database_option(cli, option, &o->database);
	}
}

static void
check_command(const char *name)
{
	char shown[200];

	if (name != NULL && command_find(name) == -1)
		cli_wrong("cannot run '%s': %s",
		    text_visible(name, strlen(name), shown, sizeof shown),
		    strerror(errno));
}

static void
check_options(const struct claim_options *o)
{
	if (o->heartbeat >= o->stale)
		cli_wrong("--heartbeat-interval-s must be less than "
			  "--stale-threshold-s");
	if (o->command == NULL && o->forever)
		cli_wrong("--forever needs a command");
	if (o->command == NULL && o->finally != NULL)
		cli_wrong("--finally needs a command");
	if (!o->forever && o->check != NULL)
		cli_wrong("--check needs --forever");
	if (o->command != NULL)
		check_command(o->command[0]);
	check_command(o->check);
	check_command(o->finally);
}

/* 0 or -1. */
static int
fill_paths(struct claim_options *o)
{
	const char *user_home = getenv("HOME");
	char *home;

	if (o->home == NULL && (user_home == NULL || *user_home == '\0'))
		cli_wrong("want --home or $HOME");
	if (o->home == NULL) {
		if (asprintf(&home, "%s/.cloacina", user_home) == -1)
			return -1;
		o->home = home;
	}
	o->audit_log = audit_path(o->audit_log, o->home);
	return o->audit_log == NULL ? -1 : 0;
}

/* 0 or -1. */
static int
copy_command(struct claim_options *o, char **words, size_t count)
{
	if (count == 0)
		return 0;
	o->command = calloc(count + 2, sizeof *words);
	if (o->command == NULL)
		return -1;
	memcpy(o->command, words, count * sizeof *words);
	o->words = count;
	return 0;
}

int
claim_options_parse(int argc, char **argv, struct claim_options *options)
{
	struct cli cli = {.synopsis = "cc-claim [options] [command [arg ...]]",
	    .purpose = "claims the oldest pending build and runs a command "
		       "while holding it",
	    .options = table};
	struct claim_options o = {.max_attempts = "3",
	    .max_give_backs = "20",
	    .heartbeat = 10 * CLOCK_SECOND,
	    .stale = 60 * CLOCK_SECOND,
	    .poll = 2 * CLOCK_SECOND};
	int option;

	while ((option = cli_next(&cli, argc, argv)) != -1)
		take_option(&o, &cli, option);
	if (copy_command(&o, argv + optind, (size_t)(argc - optind)) == -1)
		return -1;
	check_options(&o);
	if (fill_paths(&o) == -1)
		return -1;
	*options = o;
	return 0;
}
