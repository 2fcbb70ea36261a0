/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/list.h"
#include "tree.h"

int
tree_open(const struct tree *tree, const char *path)
{
	return open_beneath(tree->root, path, O_RDONLY | O_NONBLOCK, 0);
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

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Whether a directory is one of those in which the entry lies: 1, 0, -1. */
static int
is_above(const struct tree *tree, const struct tree_entry *entry,
    const struct stat *directory)
{
	struct stat root;

	for (size_t p = entry->parent; p > 0; p = tree->entries[p - 1].parent)
		if (is_same(&tree->entries[p - 1].st, directory))
			return 1;
	return fstat(tree->root, &root) == -1 ? -1 : is_same(&root, directory);
}

/* Looks at what a symlink points to, or notes why that cannot be. */
static int
follow(const struct tree *tree, struct tree_entry *entry)
{
	struct stat st;
	int fd = open_beneath(tree->root, entry->path, O_PATH, 0);

	if (fd == -1) {
		entry->why = errno;
		return errno == EXDEV || errno == ELOOP || errno == ENOENT ||
			errno == ENOTDIR ?
		    0 :
		    -1;
	}
	int result = fstat(fd, &st);
	close_keeping_errno(fd);
	if (result == 0 && S_ISDIR(st.st_mode))
		result = is_above(tree, entry, &st);
	if (result == 1)
		entry->why = ELOOP;
	else if (result == 0)
		entry->st = st;
	return result == -1 ? -1 : 0;
}

/* Adds one name of the directory, unless it is not wanted. */
static int
add_name(struct tree *tree, int directory, const char *path, size_t parent,
    const char *name)
{
	struct tree_entry entry = {.parent = parent};

	if (asprintf(&entry.path, "%s%s%s", path, *path == '\0' ? "" : "/",
		name) == -1)
		return -1;
	tree->failed = entry.path;
	if (fstatat(directory, name, &entry.st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    (S_ISLNK(entry.st.st_mode) && follow(tree, &entry) == -1))
		return -1;
	if (!tree->wants(tree->context, &entry)) {
		free(entry.path);
		return 0;
	}
	return append(tree, &entry);
}

static int
add_directory(struct tree *tree, const char *path, size_t parent)
{
	const struct dirent *found;
	int result = 0;

	tree->failed = *path == '\0' ? "." : path;
	DIR *list = list_directory(tree_open(tree, tree->failed));
	if (list == NULL)
		return -1;
	while (result == 0 && (found = list_next(list)) != NULL)
		result =
		    add_name(tree, dirfd(list), path, parent, found->d_name);
	if (result == 0 && errno != 0)
		result = -1;
	list_close(list);
	return result;
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
	if (add_directory(tree, "", 0) == -1)
		return -1;
	/* The list grows at its end by what each of its directories holds. */
	for (size_t i = 0; i < tree->count; i++)
		if (S_ISDIR(tree->entries[i].st.st_mode) &&
		    add_directory(tree, tree->entries[i].path, i + 1) == -1)
			return -1;
	if (tree->count > 0)
		qsort(
		    tree->entries, tree->count, sizeof *tree->entries, compare);
	return 0;
}
