/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/files.h"
#include "source_tree.h"

/* A path in two: the directory that holds it, opened, and its name in it. */
struct place {
	char path[PATH_MAX];
	const char *name;
	int parent;
};

static int
find_place(struct place *place, int root, const char *path, size_t length)
{
	struct open_how how = {
	    .flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};

	if (length >= sizeof place->path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(place->path, path, length);
	place->path[length] = '\0';
	char *slash = strrchr(place->path, '/');
	if (slash != NULL)
		*slash = '\0';
	place->name = slash != NULL ? slash + 1 : place->path;
	place->parent = (int)syscall(SYS_openat2, root,
	    slash != NULL ? place->path : ".", &how, sizeof how);
	return place->parent == -1 ? -1 : 0;
}

static int
close_and_return(int fd, int result)
{
	close_keeping_errno(fd);
	return result;
}

int
source_tree_directory(int root, const char *path, size_t length)
{
	struct place place;

	if (find_place(&place, root, path, length) == -1)
		return -1;
	return close_and_return(
	    place.parent, mkdirat(place.parent, place.name, 0755));
}

int
source_tree_file(int root, const char *path, size_t length, bool is_executable)
{
	struct place place;

	if (find_place(&place, root, path, length) == -1)
		return -1;
	return close_and_return(place.parent,
	    openat(place.parent, place.name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		is_executable ? 0755 : 0644));
}
