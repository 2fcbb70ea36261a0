/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TREE_SIZE_H
#define TREE_SIZE_H

#include <stdint.h>

/* What a tree takes in a tmpfs: whole pages of its files. 0 or -1, errno. */
int tree_size(const char *path, uint64_t *bytes);

#endif
