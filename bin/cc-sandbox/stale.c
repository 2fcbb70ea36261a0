/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/remove_tree.h"
#include "stale.h"

/* An absent directory holds nothing. */
static int
remove_in(int tree, const char *directory, const char *name)
{
	int fd =
	    open_beneath(tree, directory, O_PATH | O_DIRECTORY | O_NOFOLLOW,
		RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	int result = remove_tree_at(fd, name);
	close_keeping_errno(fd);
	return result;
}

/* The file and its namesake, where every directory is one. */
static int
remove_both(int tree, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	int length = (int)(name - path);
	char *beside = NULL;

	if (asprintf(&beside, "./%.*sdeps", length, path) == -1)
		return -1;
	int result = remove_in(tree, beside, name);
	beside[length + 2] = '\0';
	if (result == 0)
		result = remove_in(tree, beside, name);
	free(beside);
	return result;
}

static int
remove_first(int tree, const char *path)
{
	char *first = strndup(path, strcspn(path, "/"));

	if (first == NULL)
		return -1;
	int result = remove_tree_at(tree, first);
	free(first);
	return result;
}

int
stale_remove(const char *directory, const char *path)
{
	/* Its mode is the only thing of it that the command could change. */
	if (access(directory, R_OK | W_OK | X_OK) == -1 &&
	    (errno != EACCES || chmod(directory, S_IRWXU) == -1))
		return -1;
	int tree = open_directory(directory);
	if (tree == -1)
		return -1;
	int result = remove_both(tree, path);
	if (result == -1)
		result = remove_first(tree, path);
	close_keeping_errno(tree);
	return result;
}
