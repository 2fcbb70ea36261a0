/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory-race HOME: makes 1000 build directories while two others sweep
 * without pause, as workers do that start. Says how many of the directories
 * somebody took away from their living maker.
 */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cc-claim/directory.h"
#include "cc-claim/home.h"

static pid_t
start_sweeping(int home)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	for (;;)
		if (claim_home_sweep(home) == -1)
			err(111, "cannot sweep");
}

int
main(int argc, char **argv)
{
	struct claim_directory directory;
	struct stat st;
	char *path;
	int lost = 0, home = argc == 2 ? claim_home_open(argv[1], &path) : -1;

	if (home < 0)
		errx(111, "cannot open the home");
	pid_t sweepers[] = {start_sweeping(home), start_sweeping(home)};
	for (int i = 0; i < 1000; i++) {
		if (claim_directory_make(home, &directory) == -1)
			err(111, "cannot make a directory");
		lost += fstat(directory.fd, &st) == -1 || st.st_nlink == 0;
		if (claim_directory_remove(&directory) == -1)
			err(111, "cannot remove a directory");
	}
	for (int i = 0; i < 2; i++)
		(void)kill(sweepers[i], SIGKILL);
	printf("%d lost\n", lost);
	return EXIT_SUCCESS;
}
