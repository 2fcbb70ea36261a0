/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the directories and files of an archive below a directory that is
 * held open. What exists is never opened or changed, no symlink is followed,
 * nothing outside is reached, whatever the path; times are the moment's and
 * modes 0755 or 0644 (the umask must allow them).
 */
#ifndef SOURCE_TREE_H
#define SOURCE_TREE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The path has no NUL and no "." or ".." and its parents exist. 0, or a
 * descriptor, or -1 with errno.
 */
int source_tree_directory(int root, const char *path, size_t length);
int source_tree_file(
    int root, const char *path, size_t length, bool is_executable);

#endif
