/* SPDX-License-Identifier: Apache-2.0 */
/*
 * artifact TREE PATH TO MOST: artifact_take() by hand, to TO/artifact. Prints
 * the result, and the size where it was taken.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/files.h"
#include "base/parse.h"
#include "cc-sandbox/artifact.h"

int
main(int argc, char **argv)
{
	uint64_t most, bytes = 0;

	if (argc != 5 || parse_size(argv[4], 1, UINT64_MAX, &most) == -1)
		errx(EXIT_CALLER, "usage: artifact tree path to most");
	int tree = open_directory(argv[1]), to = open_directory(argv[3]);
	if (tree == -1 || to == -1)
		err(EXIT_SYSTEM, "cannot open the directories");
	enum artifact_result result = artifact_take(
	    tree, argv[2], ARTIFACT_LIBRARY, to, "artifact", most, &bytes);
	if (result == ARTIFACT_FAILED)
		printf("failed %s\n", strerrorname_np(errno));
	else
		printf("%s %" PRIu64 "\n", artifact_word(result), bytes);
	return EXIT_DONE;
}
