/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold_exit PID...: keeps these processes from dying, whatever kills them, as
 * one with much memory to give back is kept: each is killed and lives, stopped
 * on its way out by the tracer that we are. Prints "held" and lets them go at
 * the end of stdin.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	char byte;

	for (int i = 1; i < argc; i++)
		if (ptrace(PTRACE_SEIZE, atoi(argv[i]), NULL,
			PTRACE_O_TRACEEXIT) == -1)
			err(1, "cannot trace %s", argv[i]);
	puts("held");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}
