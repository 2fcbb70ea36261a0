/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look_once: one look of lib/process/process_tree.c at three generations below a
 * subreaper, which has a sibling: "below: dead, sibling: lives".
 */

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/process_tree.h"

enum { GENERATIONS = 3 };

/* Each writes a byte when it is there, and keeps the pipe open. */
static void
grow(int generations, int pipe_end)
{
	(void)!write(pipe_end, "x", 1);
	if (generations > 1 && fork() == 0)
		grow(generations - 1, pipe_end);
	for (;;)
		(void)pause();
}

static int
look(void)
{
	int ends[2];
	char byte;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1 || pipe(ends) == -1)
		return 1;
	if (fork() == 0)
		grow(GENERATIONS, ends[1]);
	(void)close(ends[1]);
	for (int n = 0; n < GENERATIONS; n++)
		if (read(ends[0], &byte, 1) != 1)
			return 1;
	/* Who is as young as the look, to a hundredth of a second, is not
	 * judged by it. */
	(void)usleep(50000);
	struct pid_set killed = pid_set_new();
	if (process_tree_kill(&killed) == -1 || killed.count != GENERATIONS)
		return 1;
	(void)alarm(20);
	return read(ends[0], &byte, 1) == 0 ? 0 : 1;
}

int
main(void)
{
	int status = 1;
	pid_t sibling = fork();

	if (sibling == 0)
		for (;;)
			(void)pause();
	pid_t looker = fork();
	if (looker == 0)
		_exit(look());
	(void)waitpid(looker, &status, 0);
	printf("below: %s, sibling: %s\n", status == 0 ? "dead" : "lives",
	    waitpid(sibling, NULL, WNOHANG) == 0 ? "lives" : "dead");
	fflush(stdout);
	(void)kill(sibling, SIGKILL);
	return 0;
}
