/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "confine.h"
#include "confine/landlock_rules.h"

static int
compare(const void *a, const void *b)
{
	const int *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

int
unpack_close_others(int *kept, size_t count)
{
	unsigned next = 0;

	qsort(kept, count, sizeof *kept, compare);
	for (size_t i = 0; i < count; i++) {
		unsigned fd = (unsigned)kept[i];
		if (fd > next && close_range(next, fd - 1, 0) == -1)
			return -1;
		next = fd + 1;
	}
	return close_range(next, ~0U, 0);
}

void
unpack_forget_environment(void)
{
	for (char **at = environ; at != NULL && *at != NULL; at++)
		explicit_bzero(*at, strlen(*at));
	(void)clearenv();
}

/*
 * A new file appears by its rename, so the directory's other names are in
 * reach of a write; what they hold is not to be read.
 */
static int
grant(
    int ruleset, const struct landlock_rights *handled, int directory, int root)
{
	if (landlock_allow_fd(ruleset, handled, directory, LANDLOCK_WRITE) ==
	    -1)
		return -1;
	return landlock_allow_fd(
	    ruleset, handled, root, LANDLOCK_READ | LANDLOCK_WRITE);
}

int
unpack_confine_files(int directory, int root)
{
	int abi = landlock_abi();

	if (abi == 0) {
		errno = ENOSYS;
		return -1;
	}
	struct landlock_rights handled = landlock_all_rights(abi, false);
	int ruleset = landlock_begin(&handled);
	if (ruleset == -1)
		return -1;
	int result = grant(ruleset, &handled, directory, root);
	if (result == 0)
		result = landlock_confine(ruleset);
	close_keeping_errno(ruleset);
	return result;
}
