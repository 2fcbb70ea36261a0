/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/text.h"
#include "cgroup_file.h"
#include "launch.h"
#include "process/signals.h"

static int
die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return -1;
	/* It may have died before it was asked for. */
	if (getppid() != parent)
		_exit(EXIT_SYSTEM);
	return 0;
}

static int
invite_oom_killer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return -1;
	return write(fd, "1000", 4) == 4 && close(fd) == 0 ? 0 : -1;
}

/* Here and not in the caller: a FIFO may keep it waiting, and the caller's
 * time limit is already running. */
static int
open_input(const char *path)
{
	/* The leader of a session without a terminal would get this one. */
	int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);

	return fd == -1 ? -1 : dup2(fd, STDIN_FILENO);
}

static int
take_outputs(const struct launch *launch)
{
	if (launch->output != -1 && dup2(launch->output, STDOUT_FILENO) == -1)
		return -1;
	if (launch->error != -1 && dup2(launch->error, STDERR_FILENO) == -1)
		return -1;
	return 0;
}

/* Returns only when a step failed: which. */
static struct launch_failure
become(const struct launch *launch, pid_t parent)
{
	struct launch_failure failure = {.step = LAUNCH_SESSION};

	if (die_with(parent) == -1 || setsid() == -1)
		return failure;
	signals_reset();
	(void)umask(022);
	failure.step = LAUNCH_SCORE;
	if (invite_oom_killer() == -1)
		return failure;
	failure.step = LAUNCH_INPUT;
	if (launch->input != NULL && open_input(launch->input) == -1)
		return failure;
	failure.step = LAUNCH_OUTPUT;
	if (take_outputs(launch) == -1)
		return failure;
	failure.step = LAUNCH_DIRECTORY;
	if (launch->directory != NULL && chdir(launch->directory) == -1)
		return failure;
	failure.step = LAUNCH_DESCRIPTORS;
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == -1)
		return failure;
	failure.step = LAUNCH_LIMIT;
	failure.limit = limit_apply(launch->limits);
	if (failure.limit != RLIMITS)
		return failure;
	failure.step = LAUNCH_EXEC;
	environ = launch->environment;
	(void)execvp(launch->arguments[0], launch->arguments);
	return failure;
}

/*
 * Born in the leaf (5.7), so nothing is to be moved, which stops the forks of
 * the whole machine for milliseconds. A filter of system calls that does not
 * know clone3(2) leaves the child to move itself before all else.
 */
static pid_t
fork_into(const struct cgroup *cgroup, bool *is_inside)
{
	*is_inside = true;
	if (cgroup == NULL)
		return fork();
	struct clone_args how = {.flags = CLONE_INTO_CGROUP,
	    .exit_signal = SIGCHLD,
	    .cgroup = (unsigned)cgroup->leaf};
	pid_t child = (pid_t)syscall(SYS_clone3, &how, sizeof how);
	if (child != -1 || (errno != ENOSYS && errno != EPERM))
		return child;
	*is_inside = false;
	return fork();
}

static struct launch_failure
enter_and_become(const struct launch *launch, pid_t parent, bool is_inside)
{
	if (!is_inside &&
	    cgroup_write(launch->cgroup->leaf, "cgroup.procs", "0") == -1)
		return (struct launch_failure){.step = LAUNCH_CGROUP};
	return become(launch, parent);
}

static pid_t
start_child(const struct launch *launch, int told)
{
	bool is_inside;
	pid_t parent = getpid();
	pid_t child = fork_into(launch->cgroup, &is_inside);

	if (child != 0)
		return child;
	struct launch_failure failure =
	    enter_and_become(launch, parent, is_inside);
	failure.error = errno;
	(void)!write(told, &failure, sizeof failure);
	_exit(EXIT_SYSTEM);
}

pid_t
launch_start(
    const struct launch *launch, int *told, struct launch_failure *failure)
{
	int ends[2];
	pid_t child = -1;

	*failure = (struct launch_failure){.step = LAUNCH_FORK};
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1) {
		failure->error = errno;
		return -1;
	}
	child = start_child(launch, ends[1]);
	failure->error = errno;
	(void)close(ends[1]);
	if (child == -1) {
		(void)close(ends[0]);
		return -1;
	}
	failure->step = LAUNCH_BEGUN;
	*told = ends[0];
	return child;
}

void
launch_read_failure(int told, struct launch_failure *failure)
{
	struct launch_failure found;

	if (read(told, &found, sizeof found) == sizeof found)
		*failure = found;
}

static void
quote(char *text, size_t size, const char *what, const char *name)
{
	char shown[200];

	text_visible(name, strlen(name), shown, sizeof shown);
	snprintf(text, size, "%s '%s'", what, shown);
}

void
launch_explain(const struct launch *launch,
    const struct launch_failure *failure, char *text, size_t size)
{
	static const char *const plain[] = {
	    [LAUNCH_FORK] = "start a process",
	    [LAUNCH_CGROUP] = "enter the cgroup",
	    [LAUNCH_SESSION] = "start a session",
	    [LAUNCH_SCORE] = "write '/proc/self/oom_score_adj'",
	    [LAUNCH_OUTPUT] = "connect the output",
	    [LAUNCH_DESCRIPTORS] = "close the descriptors",
	};
	char what[260];

	switch (failure->step) {
	case LAUNCH_INPUT:
		quote(what, sizeof what, "open", launch->input);
		break;
	case LAUNCH_DIRECTORY:
		quote(what, sizeof what, "change to", launch->directory);
		break;
	case LAUNCH_LIMIT:
		quote(what, sizeof what, "set the limit",
		    limit_kinds[failure->limit].by);
		break;
	case LAUNCH_EXEC:
		quote(what, sizeof what, "run", launch->arguments[0]);
		break;
	default:
		snprintf(what, sizeof what, "%s", plain[failure->step]);
	}
	snprintf(text, size, "cannot %s: %s", what, strerror(failure->error));
}
