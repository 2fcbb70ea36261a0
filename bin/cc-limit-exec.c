/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-limit-exec runs a command under resource limits and a wall-clock limit,
 * and reports what became of it. It never ends before the last process below
 * it is dead, so what the command wrote is final when the report appears; and
 * nothing in the report is of the command's choosing but its exit status.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "descendants.h"
#include "environment.h"
#include "exit.h"
#include "files.h"
#include "kept_file.h"
#include "output.h"
#include "rlimits.h"
#include "run.h"
#include "run_explain.h"
#include "run_report.h"
#include "text.h"

enum {
	ALLOW_ROOT = 1,
	CHDIR,
	DIE_WITH_PARENT,
	GRACE,
	IDLE_TIMEOUT,
	KEEP_ENV,
	OUTPUT_MAX,
	REPORT,
	SETENV,
	STDERR,
	STDIN,
	STDOUT,
	TIMEOUT,
	RLIMIT = 100 /* + enum limit_index */
};

static const struct cli_option option_table[] = {
    {"timeout-s", "SECONDS", NULL, "wall-clock limit, default 600", TIMEOUT},
    {"idle-timeout-s", "SECONDS", NULL, "limit of time without output",
	IDLE_TIMEOUT},
    {"grace-s", "SECONDS", NULL,
	"from a forwarded signal to SIGKILL, default 5", GRACE},
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
    {"die-with-parent", NULL, NULL, "kill everything when the parent dies",
	DIE_WITH_PARENT},
    {"allow-root", NULL, NULL, "run the command also as root", ALLOW_ROOT},
    {0},
};

struct options {
	struct run_plan plan;
	struct limit limits[LIMITS];
	const char *kept[2]; /* --stdout, --stderr */
	const char *report;
	size_t output_max;
	bool keeps_environment;
	bool allows_root;
	char **settings;
	size_t settings_count;
};

static void
add_setting(struct options *o)
{
	char shown[120];

	if (!environment_is_setting(optarg))
		cli_wrong("bad value '%s' for --setenv: want NAME=VALUE",
		    text_visible(optarg, strlen(optarg), shown, sizeof shown));
	o->settings[o->settings_count++] = optarg;
}

static void
take_option(struct options *o, const struct cli *cli, int option)
{
	switch (option) {
	case ALLOW_ROOT:
		o->allows_root = true;
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
	case OUTPUT_MAX:
		o->output_max = cli_size(cli, 1, 1 << 30);
		break;
	case REPORT:
		o->report = optarg;
		break;
	case SETENV:
		add_setting(o);
		break;
	case STDERR:
		o->kept[1] = optarg;
		break;
	case STDIN:
		o->plan.launch.input = optarg;
		break;
	case STDOUT:
		o->kept[0] = optarg;
		break;
	case TIMEOUT:
		o->plan.timeout_ns = cli_seconds(cli);
		break;
	default:
		limits_ask(o->limits, (enum limit_index)(option - RLIMIT),
		    cli_size(cli, 1, UINT64_MAX));
	}
}

/* The operator's guide: CPU time follows the wall clock. */
static void
follow_timeout(struct options *o)
{
	uint64_t seconds = (uint64_t)(o->plan.timeout_ns / CLOCK_SECOND) +
	    (o->plan.timeout_ns % CLOCK_SECOND != 0);

	if (!o->limits[LIMIT_CPU].is_asked)
		limits_ask(o->limits, LIMIT_CPU, seconds);
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	struct cli cli = {
	    .synopsis = "cc-limit-exec [options] command [arg ...]",
	    .purpose = "runs a command under limits, ends all that it "
		       "started and reports",
	    .options = option_table,
	};
	int option;

	*o = (struct options){.output_max = 1 << 20,
	    .plan = {.timeout_ns = 600 * CLOCK_SECOND,
		.grace_ns = 5 * CLOCK_SECOND},
	    .settings = calloc((size_t)argc + 1, sizeof *o->settings)};
	if (o->settings == NULL)
		err(EXIT_SYSTEM, "cannot read the options");
	limits_ask(o->limits, LIMIT_MEM, UINT64_C(4) << 30);
	limits_ask(o->limits, LIMIT_FILES, 1024);
	limits_ask(o->limits, LIMIT_PROCS, 256);
	/* A core handler behind a pipe is not stopped by 0, but by 1. */
	limits_ask(o->limits, LIMIT_CORE, 1);
	while ((option = cli_next(&cli, argc, argv)) != -1)
		take_option(o, &cli, option);
	if (optind >= argc)
		cli_usage(&cli);
	follow_timeout(o);
	o->plan.launch.arguments = argv + optind;
	o->plan.launch.limits = o->limits;
}

/* A file that we open must not become the command's stdin, stdout, stderr. */
static void
fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) == -1)
			err(EXIT_SYSTEM, "cannot open '/dev/null'");
}

static void
prepare(struct options *o)
{
	if (getuid() == 0 && !o->allows_root)
		errx(EXIT_CALLER,
		    "refusing to run a command as root, whom limits do not "
		    "bind: choose a user with setpriv(1) or User=, or give "
		    "--allow-root");
	if (descendants_adopt() == -1)
		err(EXIT_SYSTEM, "cannot watch processes in /proc");
	if (limits_resolve(o->limits) == -1)
		err(EXIT_SYSTEM, "cannot prepare the limits");
	o->plan.launch.environment = environment_build(
	    environ, o->keeps_environment, o->settings, o->settings_count);
	if (o->plan.launch.environment == NULL)
		err(EXIT_SYSTEM, "cannot make the environment");
}

/* Ends the program with the errno of an output that cannot be opened. */
static void
refuse_output(const char *path)
{
	int error = errno;
	char shown[200];

	errx(error == EEXIST ? EXIT_CALLER : EXIT_SYSTEM,
	    "cannot write '%s': %s",
	    text_visible(path, strlen(path), shown, sizeof shown),
	    output_error(error));
}

/* Nothing is emptied before all of them are known to be different files. */
static void
open_kept(const struct options *o, int files[2])
{
	for (int i = 0; i < 2; i++) {
		files[i] = -1;
		if (o->kept[i] == NULL)
			continue;
		files[i] = kept_file_open(o->kept[i]);
		if (files[i] == -1)
			refuse_output(o->kept[i]);
		if ((i == 1 && kept_file_is(files[0], o->kept[1])) ||
		    (o->report != NULL && kept_file_is(files[i], o->report)))
			cli_wrong("--stdout, --stderr and --report need a "
				  "file each");
	}
}

/* Output is looked at only where it must be: a relay costs time. */
static void
open_streams(struct options *o, struct stream streams[2])
{
	int files[2], result = 0;

	open_kept(o, files);
	for (int i = 0; i < 2 && result == 0; i++) {
		streams[i] = (struct stream){.pipe = -1, .command = -1};
		if (files[i] != -1)
			result = ftruncate(files[i], 0) == -1 ?
			    -1 :
			    stream_keep(&streams[i], files[i], o->output_max);
		else if (o->plan.idle_timeout_ns != 0)
			result = stream_relay(&streams[i], STDOUT_FILENO + i);
	}
	if (result == -1)
		err(EXIT_SYSTEM, "cannot prepare the output");
	o->plan.launch.output = streams[0].command;
	o->plan.launch.error = streams[1].command;
}

static void
open_report(const struct options *o, struct output *report)
{
	if (o->report == NULL)
		return;
	if (output_open(report, o->report) == -1)
		refuse_output(o->report);
	/* An earlier run's must not be taken for this one's. */
	if (unlinkat(report->directory, report->name, 0) == -1 &&
	    errno != ENOENT) {
		output_discard(report);
		refuse_output(o->report);
	}
}

static void
publish_report(const struct options *o, struct output *report,
    const struct stream streams[2], const struct run_result *result,
    const char *error)
{
	char *text = run_report(&o->plan, streams, result, error);

	if (text == NULL || write_all(report->fd, text, strlen(text)) == -1) {
		output_discard(report);
		refuse_output(o->report);
	}
	if (output_publish(report) == -1)
		refuse_output(o->report);
}

/* With a report, only what is wrong with the call is worth a line. */
static void
tell(const struct options *o, struct output *report,
    const struct stream streams[2], const struct run_result *result)
{
	char text[600];
	bool is_failed = result->outcome == RUN_SETUP_FAILED ||
	    result->outcome == RUN_EXEC_FAILED;

	if (is_failed) {
		launch_explain(
		    &o->plan.launch, &result->failure, text, sizeof text);
		warnx("%s", text);
	} else if (o->report == NULL &&
	    run_explain(&o->plan, result, text, sizeof text)) {
		warnx("%s", text);
	}
	if (o->report != NULL)
		publish_report(
		    o, report, streams, result, is_failed ? text : NULL);
}

int
main(int argc, char **argv)
{
	struct options options;
	struct stream streams[2];
	struct output report;
	struct run_result result;

	fill_standard_descriptors();
	parse_options(&options, argc, argv);
	prepare(&options);
	open_streams(&options, streams);
	open_report(&options, &report);
	if (run_command(&options.plan, streams, &result) == -1) {
		if (options.report != NULL)
			output_discard(&report);
		err(EXIT_SYSTEM, "cannot %s", result.trouble);
	}
	tell(&options, &report, streams, &result);
	return run_exit_status(&result);
}
