/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a command from a clean state: only the environment it is given, no
 * descriptor above 2, no signal blocked or ignored, umask 022, a session of
 * its own, first choice of the OOM killer; it dies when the caller is killed.
 * What fails on the way comes back over a pipe that closes when the command
 * begins, so the command's own exit status 126 is not taken for ours.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <stddef.h>
#include <sys/types.h>

#include "cgroup.h"
#include "limit.h"

struct launch {
	char *const *arguments;
	char **environment;    /* its PATH is searched */
	const char *directory; /* to start in, or NULL */
	const char *input;     /* opened as stdin, or NULL */
	int output, error;     /* become stdout, stderr; -1: pass */
	const struct limit *limits;
	const struct cgroup *cgroup; /* to start in, or NULL */
};

enum launch_step {
	LAUNCH_BEGUN, /* nothing failed */
	LAUNCH_FORK,
	LAUNCH_NO_CGROUP, /* never reached: it was required */
	LAUNCH_CGROUP,
	LAUNCH_SESSION,
	LAUNCH_SCORE,
	LAUNCH_INPUT,
	LAUNCH_OUTPUT,
	LAUNCH_DIRECTORY,
	LAUNCH_DESCRIPTORS,
	LAUNCH_LIMIT,
	LAUNCH_EXEC
};

struct launch_failure {
	enum launch_step step;
	enum limit_index limit; /* of LAUNCH_LIMIT */
	int error;		/* errno */
};

/*
 * Starts the child. *told is then the pipe's end to read from, non-blocking
 * and close-on-exec. Its pid, or -1 with *failure.
 */
pid_t launch_start(
    const struct launch *launch, int *told, struct launch_failure *failure);

/* Sets *failure to what the child has told; untouched when it did not. */
void launch_read_failure(int told, struct launch_failure *failure);

/* "cannot run 'x': No such file or directory", for people. */
void launch_explain(const struct launch *launch,
    const struct launch_failure *failure, char *text, size_t size);

#endif
