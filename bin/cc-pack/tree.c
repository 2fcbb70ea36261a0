/* SPDX-License-Identifier: Apache-2.0 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tree.h"

int
tree_open(const struct tree *tree, const char *path)
{
	struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, tree->root, path, &how, sizeof how);
}

static int
append(struct tree *tree, const struct tree_entry *entry)
{
	if (tree->count == tree->most) {
		errno = E2BIG;
		return -1;
	}
	/* Doubles at each power of two. */
	if ((tree->count & (tree->count - 1)) == 0) {
		size_t room = tree->count == 0 ? 1 : tree->count * 2;
		void *grown =
		    reallocarray(tree->entries, room, sizeof *tree->entries);
		if (grown == NULL)
			return -1;
		tree->entries = grown;
	}
	tree->entries[tree->count++] = *entry;
	return 0;
}

/* Adds one name of the directory, unless it is not wanted. */
static int
add_name(struct tree *tree, int directory, const char *parent, const char *name)
{
	struct tree_entry entry;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (asprintf(&entry.path, "%s%s%s", parent, *parent == '\0' ? "" : "/",
		name) == -1)
		return -1;
	tree->failed = entry.path;
	if (fstatat(directory, name, &entry.st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (!tree->wants(tree->context, &entry)) {
		free(entry.path);
		return 0;
	}
	return append(tree, &entry);
}

static int
add_directory(struct tree *tree, const char *path)
{
	const struct dirent *found;

	tree->failed = *path == '\0' ? "." : path;
	int fd = tree_open(tree, tree->failed);
	DIR *directory = fd == -1 ? NULL : fdopendir(fd);
	if (directory == NULL)
		return -1;
	do {
		errno = 0; /* the only way to tell readdir's end from failure */
		found = readdir(directory);
	} while (found != NULL && add_name(tree, fd, path, found->d_name) == 0);
	int saved = errno;
	(void)closedir(directory);
	errno = saved;
	return found == NULL && saved == 0 ? 0 : -1;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct tree_entry *)a)->path,
	    ((const struct tree_entry *)b)->path);
}

int
tree_read(struct tree *tree)
{
	tree->entries = NULL;
	tree->count = 0;
	if (add_directory(tree, "") == -1)
		return -1;
	/* The list grows at its end by what each of its directories holds. */
	for (size_t i = 0; i < tree->count; i++)
		if (S_ISDIR(tree->entries[i].st.st_mode) &&
		    add_directory(tree, tree->entries[i].path) == -1)
			return -1;
	if (tree->count > 0)
		qsort(
		    tree->entries, tree->count, sizeof *tree->entries, compare);
	return 0;
}
