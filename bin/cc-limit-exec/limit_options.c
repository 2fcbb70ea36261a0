/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/options.h"
#include "environment.h"
#include "limit_options.h"

static const char *const cgroup_modes[] = {
    [CGROUP_AUTO] = "auto",
    [CGROUP_REQUIRED] = "required",
    [CGROUP_OFF] = "off",
    [CGROUP_UNSAID] = NULL,
};

static void
take_setting(const struct option_value *value)
{
	if (!environment_is_setting(value->text))
		option_wrong(value, "want NAME=VALUE");
	arguments_add(value->to, value->text);
}

/* A stream that goes anywhere but into a file needs no option. */
static void
take_kept(const struct option_value *value)
{
	if (strcmp(value->text, "-") == 0)
		option_wrong(value,
		    "want a file; without the option the stream passes "
		    "through");
	*(const char **)value->to = value->text;
}

static const struct option_table options = {
    .synopsis = "cc-limit-exec [options] command [arg ...]",
    .purpose =
	"runs a command under limits, ends all that it started and reports",
    .rows = (const struct option_row[]){
	{"timeout-s", "SECONDS", NULL, "wall-clock limit",
	    OPTION_SECONDS(struct limit_options, plan.timeout_ns)},
	{"idle-timeout-s", "SECONDS", NULL, "limit of time without output",
	    OPTION_SECONDS(struct limit_options, plan.idle_timeout_ns)},
	{"grace-s", "SECONDS", NULL, "from a forwarded signal to SIGKILL",
	    OPTION_SECONDS(struct limit_options, plan.grace_ns)},
	{"kill-patience-s", "SECONDS", NULL, "from SIGKILL to the death of all",
	    OPTION_SECONDS(struct limit_options, plan.kill_patience_ns)},
	{"rlimit-cpu", "SECONDS", NULL,
	    "CPU time of each process (the timeout)",
	    OPTION_SIZE(struct limit_options, plan.limits[LIMIT_CPU].requested,
		1, UINT64_MAX)},
	{"rlimit-mem", "SIZE", NULL, "address space of each process",
	    OPTION_SIZE(struct limit_options, plan.limits[LIMIT_MEM].requested,
		1, UINT64_MAX)},
	{"rlimit-files", "COUNT", NULL, "descriptors of each process",
	    OPTION_SIZE(struct limit_options,
		plan.limits[LIMIT_FILES].requested, 1, UINT64_MAX)},
	{"rlimit-procs", "COUNT", NULL, "processes and threads of the user",
	    OPTION_SIZE(struct limit_options,
		plan.limits[LIMIT_PROCS].requested, 1, UINT64_MAX)},
	{"rlimit-fsize", "SIZE", NULL, "size of each file written",
	    OPTION_SIZE(struct limit_options,
		plan.limits[LIMIT_FSIZE].requested, 1, UINT64_MAX)},
	{"rlimit-stack", "SIZE", NULL, "stack of each process",
	    OPTION_SIZE(struct limit_options,
		plan.limits[LIMIT_STACK].requested, 1, UINT64_MAX)},
	{"rlimit-core", "SIZE", NULL, "size of a core dump",
	    OPTION_SIZE(struct limit_options, plan.limits[LIMIT_CORE].requested,
		1, UINT64_MAX)},
	{"cgroup", "MODE", NULL,
	    "auto, required or off: a cgroup of its own for the command",
	    OPTION_WORD(struct limit_options, plan.cgroup_mode, cgroup_modes)},
	{"cgroup-mem", "SIZE", NULL,
	    "memory of all processes together, tmpfs too",
	    OPTION_SIZE(struct limit_options,
		plan.limits[LIMIT_CGROUP_MEM].requested, 1, INT64_MAX)},
	{"cgroup-procs", "COUNT", NULL, "processes and threads together",
	    OPTION_SIZE(struct limit_options,
		plan.limits[LIMIT_CGROUP_PROCS].requested, 1, INT64_MAX)},
	{"cgroup-cpu", "PERCENT", NULL,
	    "of one processor, for all processes together",
	    OPTION_COUNT(struct limit_options,
		plan.limits[LIMIT_CGROUP_CPU].requested, 1, CGROUP_CPU_MOST)},
	{"keep-env", NULL, NULL, "pass the whole environment",
	    OPTION_FLAG(struct limit_options, keeps_environment)},
	{"setenv", "NAME=VALUE", NULL, "add to the environment, repeatable",
	    OPTION_CALL(struct limit_options, settings, take_setting)},
	{"chdir", "DIR", NULL, "start the command in it",
	    OPTION_TEXT(struct limit_options, plan.launch.directory)},
	{"stdin", "FILE", NULL, "open as the command's stdin",
	    OPTION_TEXT(struct limit_options, plan.launch.input)},
	{"stdout", "FILE", NULL, "keep the command's stdout in it",
	    OPTION_CALL(struct limit_options, kept[0], take_kept)},
	{"stderr", "FILE", NULL, "keep the command's stderr in it",
	    OPTION_CALL(struct limit_options, kept[1], take_kept)},
	{"output-max", "SIZE", NULL, "head and tail kept of each of these",
	    OPTION_SIZE(struct limit_options, output_max, 1, 1 << 30)},
	{"report", "FILE", NULL, "write what happened as JSON",
	    OPTION_TEXT(struct limit_options, report)},
	{"report-fd", "NUMBER", NULL, "the same to a descriptor above 2",
	    OPTION_INT(
		struct limit_options, report_fd, STDERR_FILENO + 1, INT_MAX)},
	{"die-with-parent", NULL, NULL, "kill everything when the parent dies",
	    OPTION_FLAG(struct limit_options, plan.dies_with_parent)},
	{"allow-root", NULL, NULL, "run the command also as root",
	    OPTION_FLAG(struct limit_options, allows_root)},
	{0},
    }};

/* One that the caller has opened to be written, and that is not inherited. */
static bool
is_usable(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || (flags & O_ACCMODE) == O_RDONLY ||
	    (flags & O_PATH) != 0)
		return false;
	if (fd > STDERR_FILENO)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return true;
}

static void
check_report(struct limit_options *o)
{
	if (o->report != NULL && o->report_fd != -1)
		errx(EXIT_CALLER,
		    "there is one report: give --report or --report-fd");
	if (o->report_fd != -1 && !is_usable(o->report_fd))
		errx(EXIT_CALLER,
		    "bad value '%d' for --report-fd: it is not open for "
		    "writing",
		    o->report_fd);
	if (o->report == NULL || strcmp(o->report, "-") != 0)
		return;
	if (!is_usable(STDOUT_FILENO))
		errx(EXIT_CALLER,
		    "bad value '-' for --report: it is not open for "
		    "writing");
	o->report = NULL;
	o->report_fd = STDOUT_FILENO;
}

/* The operator's guide: CPU time follows the wall clock. */
static void
follow_timeout(struct run_plan *plan)
{
	struct limit *cpu = &plan->limits[LIMIT_CPU];

	if (cpu->requested == 0)
		cpu->requested = (uint64_t)(plan->timeout_ns / CLOCK_SECOND) +
		    (plan->timeout_ns % CLOCK_SECOND != 0);
}

/* Who asks for a limit gets it or nothing, when no mode is given. */
static void
follow_cgroup_limits(struct run_plan *plan)
{
	if (plan->cgroup_mode != CGROUP_UNSAID)
		return;
	plan->cgroup_mode = CGROUP_OFF;
	for (int i = RLIMITS; i < LIMITS; i++)
		if (plan->limits[i].requested != 0)
			plan->cgroup_mode = CGROUP_REQUIRED;
}

void
limit_options_parse(struct limit_options *o, int argc, char **argv)
{
	*o = (struct limit_options){.output_max = 1 << 20,
	    .report_fd = -1,
	    .plan = {.timeout_ns = 600 * CLOCK_SECOND,
		.grace_ns = 5 * CLOCK_SECOND,
		.kill_patience_ns = 60 * CLOCK_SECOND,
		.cgroup_mode = CGROUP_UNSAID,
		.limits = {[LIMIT_MEM].requested = UINT64_C(4) << 30,
		    [LIMIT_FILES].requested = 1024,
		    [LIMIT_PROCS].requested = 256,
		    /* A core handler behind a pipe is stopped not by 0 but
		     * by 1. */
		    [LIMIT_CORE].requested = 1}}};
	int at = options_read(&options, argc, argv, o);

	if (at >= argc)
		options_usage(&options);
	if (o->settings.error != 0)
		errx(EXIT_SYSTEM, "cannot remember the options");
	check_report(o);
	follow_timeout(&o->plan);
	follow_cgroup_limits(&o->plan);
	if (o->plan.launch.input != NULL &&
	    strcmp(o->plan.launch.input, "-") == 0)
		o->plan.launch.input = NULL;
	o->plan.launch.arguments = argv + at;
	o->plan.launch.limits = o->plan.limits;
}
