/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the directories and files of an archive below a directory that is
 * held open. No file that exists is opened or changed, no symlink is
 * followed, nothing outside is reached, whatever the path; modes are 0755 or
 * 0644 (the umask must allow them). The whole tree has one time, so that
 * make(1) finds nothing in it older than what it was made from, whatever the
 * order of the archive.
 */
#ifndef SOURCE_TREE_H
#define SOURCE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct source_tree {
	int root;
	struct timespec times[2]; /* its time, for access and for change */
};

/*
 * The path has no NUL and no "." or ".." and its parents exist. 0, or a
 * descriptor, or -1 with errno.
 */
int source_tree_directory(
    const struct source_tree *tree, const char *path, size_t length);
int source_tree_file(const struct source_tree *tree, const char *path,
    size_t length, bool is_executable);

/* Closes a file that has all of its content. 0, or -1 with errno. */
int source_tree_close(const struct source_tree *tree, int fd);

#endif
