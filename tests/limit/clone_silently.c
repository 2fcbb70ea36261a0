/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clone_silently PROGRAM COMMAND [ARG ...]: becomes the command, with a child
 * that runs the program and whose end sends no signal to its parent.
 */

#include <sys/syscall.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	if (argc < 3)
		return 100;
	if (syscall(SYS_clone, 0, NULL, NULL, NULL, NULL) == 0) {
		(void)execl(argv[1], argv[1], "60", (char *)NULL);
		_exit(111);
	}
	(void)execvp(argv[2], argv + 2);
	return 111;
}
