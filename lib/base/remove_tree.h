/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing a tree that a stranger wrote: any depth, any mode, no recursion,
 * no symlink followed, no other file system entered.
 */
#ifndef REMOVE_TREE_H
#define REMOVE_TREE_H

/*
 * Removes `name` in `directory`, whatever it is; directories with all they
 * hold, also with mode 000 or deeper than PATH_MAX. Absent is done. Memory
 * and descriptors stay constant. 0, or -1 with the first errno, after
 * removing all that could be removed.
 */
int remove_tree_at(int directory, const char *name);

#endif
