/* SPDX-License-Identifier: Apache-2.0 */
/* What a directory holds, name by name. */
#ifndef LIST_H
#define LIST_H

#include <dirent.h>

/*
 * Takes over the descriptor of a directory that is open for reading; -1 keeps
 * its errno. NULL with errno. dirfd(3) is for the names' *at() calls.
 */
DIR *list_directory(int fd);

/* The next entry but "." and "..". NULL: the end, or errno is not 0. */
const struct dirent *list_next(DIR *list);

/* Keeps errno. */
void list_close(DIR *list);

#endif
