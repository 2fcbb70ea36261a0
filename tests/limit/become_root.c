/* SPDX-License-Identifier: Apache-2.0 */
/* become_root SECONDS: setuid root, it gives up the user who could kill it. */

#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	if (setresuid(0, 0, 0) == -1)
		return 1;
	(void)sleep(argc == 2 ? (unsigned)atoi(argv[1]) : 0);
	return 0;
}
