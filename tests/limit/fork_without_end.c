/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork_without_end bomb|flight|chain: processes that want to outrun who kills
 * them. The bomb doubles, each process in a group of its own; in flight every
 * process forks and exits at once, several side by side; in the chain each
 * forks one and waits. Ends by itself after a minute.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	const char *manner = argc == 2 ? argv[1] : "";
	time_t end = time(NULL) + 60;

	if (strcmp(manner, "flight") == 0)
		for (int i = 0; i < 3; i++)
			(void)!fork();
	while (time(NULL) < end) {
		pid_t child = fork();
		if (child > 0 && strcmp(manner, "flight") == 0)
			_exit(0);
		if (child > 0 && strcmp(manner, "chain") == 0)
			(void)sleep(60);
		if (child == 0)
			(void)setpgid(0, 0);
	}
	return 0;
}
