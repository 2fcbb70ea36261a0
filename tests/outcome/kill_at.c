/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill_at N COMMAND ...: runs the command and kills it with SIGKILL when it
 * is about to make its Nth system call. 0: it was killed, 1: it had ended
 * before, and so there is no such place.
 */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exit.h"

static void
trace_me(char **command)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		execvp(command[0], command);
	err(EXIT_CANNOT_RUN, "cannot run '%s'", command[0]);
}

/* To the next stop at a system call. False: it ended. */
static int
go_on(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == -1 ||
	    waitpid(pid, &status, 0) == -1)
		err(EXIT_SYSTEM, "cannot trace");
	return WIFSTOPPED(status);
}

int
main(int argc, char **argv)
{
	int status;

	if (argc < 3)
		errx(EXIT_CALLER, "usage: kill_at n command ...");
	pid_t pid = fork();
	if (pid == 0)
		trace_me(argv + 2);
	if (pid == -1 || waitpid(pid, &status, 0) == -1 || !WIFSTOPPED(status))
		errx(EXIT_SYSTEM, "cannot start '%s'", argv[2]);
	/* Each system call stops it twice: before and after. */
	for (long stops = 2 * atol(argv[1]) - 1; stops > 0; stops--)
		if (!go_on(pid))
			return EXIT_NO;
	if (kill(pid, SIGKILL) == -1 || waitpid(pid, &status, 0) == -1)
		err(EXIT_SYSTEM, "cannot kill");
	return EXIT_DONE;
}
