/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact.h"
#include "base/files.h"
#include "elf_check.h"

enum { BLOCK = 1 << 18 };

/*
 * What the tree's author can bring about is his own failure. EPERM he cannot:
 * it is a container's filter that does not know openat2.
 */
static enum artifact_result
judge_open(int reason)
{
	switch (reason) {
	case ENOENT:
	case ENOTDIR:
		return ARTIFACT_MISSING;
	case ELOOP:  /* a symlink */
	case EXDEV:  /* a way out of the tree */
	case EACCES: /* made unreadable */
	case ENXIO:  /* a socket, a device without a driver */
	case ENODEV:
		return ARTIFACT_NOT_REGULAR;
	default:
		return ARTIFACT_FAILED;
	}
}

/*
 * Copies until end of file: what fstat said is not believed, a file may be
 * sparse, or changing.
 */
static enum artifact_result
copy(int from, int to, uint64_t most, uint64_t *bytes)
{
	char *block = malloc(BLOCK);
	enum artifact_result result = ARTIFACT_TAKEN;
	uint64_t total = 0;
	ssize_t n = -1;

	while (block != NULL && result == ARTIFACT_TAKEN &&
	    (n = read_full(from, block, BLOCK)) > 0) {
		total += (uint64_t)n;
		if (total > most)
			result = ARTIFACT_TOO_LARGE;
		else if (write_all(to, block, (size_t)n) == -1)
			result = ARTIFACT_FAILED;
	}
	if (n == -1)
		result = ARTIFACT_FAILED;
	free(block);
	*bytes = total;
	return result;
}

static enum artifact_result
copy_checked(
    int from, enum artifact_kind kind, int to, uint64_t most, uint64_t *bytes)
{
	enum artifact_result result = copy(from, to, most, bytes);

	if (result != ARTIFACT_TAKEN || kind == ARTIFACT_ANY)
		return result;
	switch (elf_check_library(to, *bytes)) {
	case 1:
		return ARTIFACT_TAKEN;
	case 0:
		return ARTIFACT_NOT_LIBRARY;
	default:
		return ARTIFACT_FAILED;
	}
}

static enum artifact_result
take(int from, enum artifact_kind kind, int to, const char *name, uint64_t most,
    uint64_t *bytes)
{
	struct stat st;

	if (fstat(from, &st) == -1)
		return ARTIFACT_FAILED;
	if (!S_ISREG(st.st_mode))
		return ARTIFACT_NOT_REGULAR;
	if ((uint64_t)st.st_size > most)
		return ARTIFACT_TOO_LARGE;
	int copied = create_at(to, name);
	if (copied == -1)
		return ARTIFACT_FAILED;
	enum artifact_result result =
	    copy_checked(from, kind, copied, most, bytes);
	if (result != ARTIFACT_TAKEN)
		close_keeping_errno(copied);
	else if (close(copied) == -1 || publish_at(to, name) == -1)
		result = ARTIFACT_FAILED;
	if (result != ARTIFACT_TAKEN)
		discard_at(to, name);
	return result;
}

enum artifact_result
artifact_take(int tree, const char *path, enum artifact_kind kind, int to,
    const char *name, uint64_t most, uint64_t *bytes)
{
	/* O_NONBLOCK: neither a FIFO nor a device may keep us waiting. */
	int from = open_beneath(tree, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, RESOLVE_NO_SYMLINKS);

	if (from == -1)
		return judge_open(errno);
	uint64_t size;
	enum artifact_result result = take(from, kind, to, name, most, &size);
	close_keeping_errno(from);
	if (result == ARTIFACT_TAKEN)
		*bytes = size;
	return result;
}
