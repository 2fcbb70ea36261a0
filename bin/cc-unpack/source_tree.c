/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
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
	place->parent = open_beneath(root, slash != NULL ? place->path : ".",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
	    RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	return place->parent == -1 ? -1 : 0;
}

/* Closes the descriptor and gives the directory that was changed its time. */
static int
leave_place(const struct source_tree *tree, struct place *place, int result)
{
	if (result != -1 && futimens(place->parent, tree->times) == -1)
		result = -1;
	close_keeping_errno(place->parent);
	return result;
}

int
source_tree_directory(
    const struct source_tree *tree, const char *path, size_t length)
{
	struct place place;

	if (find_place(&place, tree->root, path, length) == -1)
		return -1;
	int result = mkdirat(place.parent, place.name, 0755);
	if (result == 0)
		result = utimensat(
		    place.parent, place.name, tree->times, AT_SYMLINK_NOFOLLOW);
	return leave_place(tree, &place, result);
}

int
source_tree_file(const struct source_tree *tree, const char *path,
    size_t length, bool is_executable)
{
	struct place place;

	if (find_place(&place, tree->root, path, length) == -1)
		return -1;
	int fd = openat(place.parent, place.name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    is_executable ? 0755 : 0644);
	if (leave_place(tree, &place, fd) != -1)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

int
source_tree_close(const struct source_tree *tree, int fd)
{
	if (futimens(fd, tree->times) == 0)
		return close(fd);
	close_keeping_errno(fd);
	return -1;
}
