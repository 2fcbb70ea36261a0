/* SPDX-License-Identifier: Apache-2.0 */

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/text.h"
#include "environment.h"
#include "limit_options.h"

enum {
	ALLOW_ROOT = 1,
	CGROUP,
	CHDIR,
	DIE_WITH_PARENT,
	GRACE,
	IDLE_TIMEOUT,
	KEEP_ENV,
	KILL_PATIENCE,
	OUTPUT_MAX,
	REPORT,
	REPORT_FD,
	SETENV,
	STDERR,
	STDIN,
	STDOUT,
	TIMEOUT,
	RLIMIT = 100,	 /* + enum limit_index */
	CGROUP_MAX = 200 /* + enum cgroup_limit_index */
};

static const struct cli_option option_table[] = {
    {"timeout-s", "SECONDS", NULL, "wall-clock limit, default 600", TIMEOUT},
    {"idle-timeout-s", "SECONDS", NULL, "limit of time without output",
	IDLE_TIMEOUT},
    {"grace-s", "SECONDS", NULL,
	"from a forwarded signal to SIGKILL, default 5", GRACE},
    {"kill-patience-s", "SECONDS", NULL,
	"from SIGKILL to the death of all, default 60", KILL_PATIENCE},
    {"rlimit-cpu", "SECONDS", NULL,
	"CPU time of each process, default the timeout", RLIMIT + LIMIT_CPU},
    {"rlimit-mem", "SIZE", NULL, "address space of each process, default 4G",
	RLIMIT + LIMIT_MEM},
    {"rlimit-files", "COUNT", NULL, "descriptors of each process, default 1024",
	RLIMIT + LIMIT_FILES},
    {"rlimit-procs", "COUNT", NULL,
	"processes and threads of the user, default 256", RLIMIT + LIMIT_PROCS},
    {"rlimit-fsize", "SIZE", NULL, "size of each file written",
	RLIMIT + LIMIT_FSIZE},
    {"rlimit-stack", "SIZE", NULL, "stack of each process",
	RLIMIT + LIMIT_STACK},
    {"rlimit-core", "SIZE", NULL, "size of a core dump, default 1",
	RLIMIT + LIMIT_CORE},
    {"cgroup", "MODE", NULL,
	"auto, required or off: a cgroup of its own for the command", CGROUP},
    {"cgroup-mem", "SIZE", NULL, "memory of all processes together, tmpfs too",
	CGROUP_MAX + CGROUP_MEM},
    {"cgroup-procs", "COUNT", NULL, "processes and threads together",
	CGROUP_MAX + CGROUP_PROCS},
    {"cgroup-cpu", "PERCENT", NULL,
	"of one processor, for all processes together",
	CGROUP_MAX + CGROUP_CPU},
    {"keep-env", NULL, NULL, "pass the whole environment", KEEP_ENV},
    {"setenv", "NAME=VALUE", NULL, "add to the environment, repeatable",
	SETENV},
    {"chdir", "DIR", NULL, "start the command in it", CHDIR},
    {"stdin", "FILE", NULL, "open as the command's stdin", STDIN},
    {"stdout", "FILE", NULL, "keep the command's stdout in it", STDOUT},
    {"stderr", "FILE", NULL, "keep the command's stderr in it", STDERR},
    {"output-max", "SIZE", NULL,
	"head and tail kept of each of these, default 1M", OUTPUT_MAX},
    {"report", "FILE", NULL, "write what happened as JSON", REPORT},
    {"report-fd", "NUMBER", NULL, "the same to a descriptor above 2",
	REPORT_FD},
    {"die-with-parent", NULL, NULL, "kill everything when the parent dies",
	DIE_WITH_PARENT},
    {"allow-root", NULL, NULL, "run the command also as root", ALLOW_ROOT},
    {0},
};

static void
add_setting(struct limit_options *o)
{
	char shown[120];

	if (!environment_is_setting(optarg))
		cli_wrong("bad value '%s' for --setenv: want NAME=VALUE",
		    text_visible(optarg, strlen(optarg), shown, sizeof shown));
	o->settings[o->settings_count++] = optarg;
}

static enum cgroup_mode
read_cgroup_mode(void)
{
	static const char *const modes[] = {
	    [CGROUP_OFF] = "off",
	    [CGROUP_AUTO] = "auto",
	    [CGROUP_REQUIRED] = "required",
	};
	char shown[120];

	for (int i = CGROUP_OFF; i <= CGROUP_REQUIRED; i++)
		if (strcmp(optarg, modes[i]) == 0)
			return (enum cgroup_mode)i;
	cli_wrong("bad value '%s' for --cgroup: want auto, required or off",
	    text_visible(optarg, strlen(optarg), shown, sizeof shown));
}

/* A stream that goes anywhere but into a file needs no option. */
static const char *
read_kept(const struct cli *cli)
{
	if (strcmp(optarg, "-") == 0)
		cli_wrong("bad value '-' for %s: want a file; without the "
			  "option the stream passes through",
		    cli->source);
	return optarg;
}

/* One that the caller has opened to be written, and that is not inherited. */
static int
usable_descriptor(const struct cli *cli, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || (flags & O_ACCMODE) == O_RDONLY ||
	    (flags & O_PATH) != 0)
		cli_wrong("bad value '%s' for %s: it is not open for writing",
		    optarg, cli->source);
	if (fd > STDERR_FILENO)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static void
take_report(struct limit_options *o, const struct cli *cli)
{
	if (strcmp(optarg, "-") != 0) {
		o->report = optarg;
		return;
	}
	o->report = NULL;
	o->report_fd = usable_descriptor(cli, STDOUT_FILENO);
}

static void
take_cgroup_limit(struct limit_options *o, const struct cli *cli,
    enum cgroup_limit_index index)
{
	uint64_t value = index == CGROUP_CPU ?
	    cli_count(cli, 1, CGROUP_CPU_MOST) :
	    cli_size(cli, 1, INT64_MAX);

	o->plan.cgroup_limits[index] =
	    (struct cgroup_limit){.is_asked = true, .requested = value};
}

static void
take_option(struct limit_options *o, const struct cli *cli, int option)
{
	switch (option) {
	case ALLOW_ROOT:
		o->allows_root = true;
		break;
	case CGROUP:
		o->plan.cgroup_mode = read_cgroup_mode();
		o->has_cgroup_mode = true;
		break;
	case CHDIR:
		o->plan.launch.directory = optarg;
		break;
	case DIE_WITH_PARENT:
		o->plan.dies_with_parent = true;
		break;
	case GRACE:
		o->plan.grace_ns = cli_seconds(cli);
		break;
	case IDLE_TIMEOUT:
		o->plan.idle_timeout_ns = cli_seconds(cli);
		break;
	case KEEP_ENV:
		o->keeps_environment = true;
		break;
	case KILL_PATIENCE:
		o->plan.kill_patience_ns = cli_seconds(cli);
		break;
	case OUTPUT_MAX:
		o->output_max = cli_size(cli, 1, 1 << 30);
		break;
	case REPORT:
		take_report(o, cli);
		break;
	case REPORT_FD:
		o->report_fd = usable_descriptor(
		    cli, (int)cli_count(cli, STDERR_FILENO + 1, INT_MAX));
		break;
	case SETENV:
		add_setting(o);
		break;
	case STDERR:
		o->kept[1] = read_kept(cli);
		break;
	case STDIN:
		o->plan.launch.input = strcmp(optarg, "-") == 0 ? NULL : optarg;
		break;
	case STDOUT:
		o->kept[0] = read_kept(cli);
		break;
	case TIMEOUT:
		o->plan.timeout_ns = cli_seconds(cli);
		break;
	default:
		if (option >= CGROUP_MAX)
			take_cgroup_limit(o, cli,
			    (enum cgroup_limit_index)(option - CGROUP_MAX));
		else
			limits_ask(o->limits,
			    (enum limit_index)(option - RLIMIT),
			    cli_size(cli, 1, UINT64_MAX));
	}
}

/* The operator's guide: CPU time follows the wall clock. */
static void
follow_timeout(struct limit_options *o)
{
	uint64_t seconds = (uint64_t)(o->plan.timeout_ns / CLOCK_SECOND) +
	    (o->plan.timeout_ns % CLOCK_SECOND != 0);

	if (!o->limits[LIMIT_CPU].is_asked)
		limits_ask(o->limits, LIMIT_CPU, seconds);
}

/* Who asks for a limit gets it or nothing, when no mode is given. */
static void
follow_cgroup_limits(struct limit_options *o)
{
	for (int i = 0; i < CGROUP_LIMITS; i++)
		if (o->plan.cgroup_limits[i].is_asked && !o->has_cgroup_mode)
			o->plan.cgroup_mode = CGROUP_REQUIRED;
}

int
limit_options_parse(struct limit_options *o, int argc, char **argv)
{
	struct cli cli = {
	    .synopsis = "cc-limit-exec [options] command [arg ...]",
	    .purpose = "runs a command under limits, ends all that it "
		       "started and reports",
	    .options = option_table,
	};
	int option;

	*o = (struct limit_options){.output_max = 1 << 20,
	    .plan = {.timeout_ns = 600 * CLOCK_SECOND,
		.grace_ns = 5 * CLOCK_SECOND,
		.kill_patience_ns = 60 * CLOCK_SECOND},
	    .report_fd = -1,
	    .settings = calloc((size_t)argc + 1, sizeof *o->settings)};
	if (o->settings == NULL)
		return -1;
	limits_ask(o->limits, LIMIT_MEM, UINT64_C(4) << 30);
	limits_ask(o->limits, LIMIT_FILES, 1024);
	limits_ask(o->limits, LIMIT_PROCS, 256);
	/* A core handler behind a pipe is not stopped by 0, but by 1. */
	limits_ask(o->limits, LIMIT_CORE, 1);
	while ((option = cli_next(&cli, argc, argv)) != -1)
		take_option(o, &cli, option);
	if (optind >= argc)
		cli_usage(&cli);
	if (o->report != NULL && o->report_fd != -1)
		cli_wrong("there is one report: give --report or --report-fd");
	follow_timeout(o);
	follow_cgroup_limits(o);
	o->plan.launch.arguments = argv + optind;
	o->plan.launch.limits = o->limits;
	return 0;
}
