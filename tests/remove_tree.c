/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of lib/base/remove_tree.c cannot say in shell: the call itself,
 * a tree deeper than any path, and somebody who changes it meanwhile.
 *
 *	remove_tree remove NAME...	removes below the working directory
 *	remove_tree deepen LEVELS	mkdir and chdir, again and again
 *	remove_tree swap A B N		exchanges two names N times
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/remove_tree.h"

static void
remove_names(char **names)
{
	for (; *names != NULL; names++)
		if (remove_tree_at(AT_FDCWD, *names) == -1)
			err(1, "cannot remove '%s'", *names);
}

static void
deepen(long levels)
{
	while (levels-- > 0)
		if (mkdir("d", 0700) == -1 || chdir("d") == -1)
			err(1, "cannot go deeper");
}

static void
swap(const char *a, const char *b, long times)
{
	while (times-- > 0)
		if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) ==
			-1 &&
		    errno != ENOENT)
			err(1, "cannot exchange '%s'", a);
}

int
main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "remove") == 0)
		remove_names(argv + 2);
	else if (argc == 3 && strcmp(argv[1], "deepen") == 0)
		deepen(atol(argv[2]));
	else if (argc == 5 && strcmp(argv[1], "swap") == 0)
		swap(argv[2], argv[3], atol(argv[4]));
	else
		return 2;
	return 0;
}
