/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-limit-exec runs a command under resource limits and a wall-clock limit,
 * and reports what became of it. When the report appears, the last process
 * below it is dead, so what the command wrote is final; or the report says how
 * many are not, and those are waited for. Nothing in it is of the command's
 * choosing but its exit status.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/files.h"
#include "base/output.h"
#include "base/text.h"
#include "cgroup.h"
#include "environment.h"
#include "kept_file.h"
#include "limit_options.h"
#include "process/descendants.h"
#include "run.h"
#include "run_explain.h"
#include "run_report.h"

/* For the command /dev/null, where options_read holds the place. */
enum { REPORT_ROOM = 4 << 10 };

static void
open_closed_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int held = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
		if ((fcntl(fd, F_GETFL) & O_ACCMODE) != held)
			continue;
		(void)close(fd);
		if (open("/dev/null", O_RDWR) != fd)
			err(EXIT_SYSTEM, "cannot open '/dev/null'");
	}
}

static void
prepare(struct limit_options *o)
{
	if (getuid() == 0 && !o->allows_root)
		errx(EXIT_CALLER,
		    "refusing to run a command as root, whom limits do not "
		    "bind: choose a user with setpriv(1) or User=, or give "
		    "--allow-root");
	if (descendants_adopt() == -1)
		err(EXIT_SYSTEM, "cannot watch processes in /proc");
	if (limit_resolve(o->plan.limits) == -1)
		err(EXIT_SYSTEM, "cannot prepare the limits");
	o->plan.launch.environment = environment_build(environ,
	    o->keeps_environment, o->settings.words, o->settings.count);
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
open_kept(const struct limit_options *o, int files[2])
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
			errx(EXIT_CALLER,
			    "--stdout, --stderr and --report need a "
			    "file each");
	}
}

/* Output is looked at only where it must be: a relay costs time. */
static void
open_streams(struct limit_options *o, struct stream streams[2])
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
open_report(const struct limit_options *o, struct output *report)
{
	if (o->report == NULL)
		return;
	if (output_open(report, o->report) == -1)
		refuse_output(o->report);
	/*
	 * The command may fill the disk: room for the report is taken before.
	 * Beyond a limit of ours that is an error, and not our death.
	 */
	(void)signal(SIGXFSZ, SIG_IGN);
	errno = posix_fallocate(report->fd, 0, REPORT_ROOM);
	if (errno != 0) {
		output_discard(report);
		refuse_output(o->report);
	}
	/* An earlier run's must not be taken for this one's. */
	if (unlinkat(report->directory, report->name, 0) == -1 &&
	    errno != ENOENT) {
		output_discard(report);
		refuse_output(o->report);
	}
}

/* The descriptor is the caller's, who may want it not to block. */
static int
write_whole(int fd, const char *text)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	while (*text != '\0') {
		ssize_t n = write(fd, text, strlen(text));
		if (n == -1 && errno == EAGAIN)
			(void)poll(&room, 1, -1);
		else if (n == -1 && errno != EINTR)
			return -1;
		text += n == -1 ? 0 : n;
	}
	return 0;
}

/* Closed, so that a reader has the end before the stragglers have theirs. */
static void
hand_out_report(int fd, const char *text)
{
	if (text == NULL || write_whole(fd, text) == -1 ||
	    (fd > STDERR_FILENO && close(fd) == -1))
		err(EXIT_SYSTEM, "cannot write the report");
}

static void
publish_report(
    const struct limit_options *o, struct output *report, const char *text)
{
	if (text == NULL || write_all(report->fd, text, strlen(text)) == -1 ||
	    ftruncate(report->fd, (off_t)strlen(text)) == -1) {
		output_discard(report);
		refuse_output(o->report);
	}
	if (output_publish(report) == -1)
		refuse_output(o->report);
}

/* 0, or -1: it was required, and there is none, or not all of it. */
static int
prepare_cgroup(struct run_plan *plan)
{
	bool is_whole = true;

	if (plan->cgroup_mode == CGROUP_OFF)
		return 0;
	if (cgroup_open(&plan->cgroup, plan->limits) == 0)
		plan->launch.cgroup = &plan->cgroup;
	for (int i = RLIMITS; i < LIMITS; i++)
		is_whole = is_whole &&
		    (plan->limits[i].requested == 0 ||
			plan->limits[i].is_enforced);
	return plan->cgroup_mode == CGROUP_AUTO ||
		(plan->launch.cgroup != NULL && is_whole) ?
	    0 :
	    -1;
}

/* In a cgroup of its own, where that is asked for. */
static int
run(struct run_plan *plan, struct stream streams[2], struct run_result *result)
{
	*result = (struct run_result){.outcome = RUN_SETUP_FAILED,
	    .failure = {.step = LAUNCH_NO_CGROUP},
	    .use = cgroup_use_unknown};
	return prepare_cgroup(plan) == -1 ? 0 :
					    run_command(plan, streams, result);
}

/* The end of whoever is left, as far as it is waited for, and of the cgroup. */
static void
finish(struct run_plan *plan, struct run_result *result)
{
	run_await_stragglers(plan, result);
	if (result->stragglers > 0)
		warnx("cannot end all processes of the command: %s",
		    descendants_error(result->straggler_error));
	if (plan->launch.cgroup != NULL &&
	    cgroup_close(&plan->cgroup, result->kill_end) == -1)
		warn("cannot remove the cgroup '%s'", plan->cgroup.name);
}

static void
explain_failure(const struct run_plan *plan, const struct run_result *result,
    char *text, size_t size)
{
	if (result->trouble != NULL)
		(void)snprintf(text, size, "cannot %s: %s", result->trouble,
		    strerror(result->trouble_errno));
	else if (result->failure.step != LAUNCH_NO_CGROUP)
		launch_explain(&plan->launch, &result->failure, text, size);
	else
		(void)snprintf(text, size,
		    "no cgroup as required: %s; start in one that is "
		    "delegated, as with systemd-run --user --scope -p "
		    "Delegate=yes",
		    plan->cgroup.missing);
}

/* With a report, only what is wrong with the call is worth a line. */
static void
tell(const struct limit_options *o, struct output *report,
    const struct stream streams[2], const struct run_result *result)
{
	char text[600];
	bool has_report = o->report != NULL || o->report_fd != -1;
	bool is_failed = result->outcome == RUN_SETUP_FAILED ||
	    result->outcome == RUN_EXEC_FAILED;

	if (is_failed) {
		explain_failure(&o->plan, result, text, sizeof text);
		warnx("%s", text);
	} else if (!has_report &&
	    run_explain(&o->plan, result, text, sizeof text)) {
		warnx("%s", text);
	}
	if (!has_report)
		return;
	char *json =
	    run_report(&o->plan, streams, result, is_failed ? text : NULL);
	if (o->report != NULL)
		publish_report(o, report, json);
	else
		hand_out_report(o->report_fd, json);
}

int
main(int argc, char **argv)
{
	struct limit_options options;
	struct stream streams[2];
	struct output report;
	struct run_result result;

	limit_options_parse(&options, argc, argv);
	open_closed_descriptors();
	prepare(&options);
	open_streams(&options, streams);
	open_report(&options, &report);
	/* What of our own fails on the way is told like what fails before. */
	if (run(&options.plan, streams, &result) == -1)
		result.outcome = RUN_SETUP_FAILED;
	tell(&options, &report, streams, &result);
	finish(&options.plan, &result);
	return run_exit_status(&result);
}
