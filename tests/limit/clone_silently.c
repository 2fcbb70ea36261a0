/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clone_silently COMMAND [ARG ...]: becomes the command, with a child whose
 * end sends no signal to its parent.
 */

#include <sys/syscall.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	if (argc < 2)
		return 100;
	if (syscall(SYS_clone, 0, NULL, NULL, NULL, NULL) == 0) {
		(void)sleep(60);
		_exit(0);
	}
	(void)execvp(argv[1], argv + 1);
	return 111;
}
