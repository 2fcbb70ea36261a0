/* SPDX-License-Identifier: Apache-2.0 */
/* hide FILE: a daemon that hidepid hides also from its own user; its pid. */

#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	FILE *file = fopen(argv[argc - 1], "w");

	if (fork() != 0)
		return 0;
	(void)setsid();
	if (fork() != 0)
		return 0;
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (file != NULL && fprintf(file, "%d\n", getpid()) > 0)
		(void)fclose(file);
	return (int)sleep(60);
}
