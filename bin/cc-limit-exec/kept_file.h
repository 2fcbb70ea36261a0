/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a command's output is kept in while it runs. */
#ifndef KEPT_FILE_H
#define KEPT_FILE_H

#include <stdbool.h>

/*
 * Opens or creates it, without emptying it. The descriptor, close-on-exec,
 * or -1 with errno; EEXIST: it is no regular file.
 */
int kept_file_open(const char *path);

/* Whether the path leads to the file that fd is open on. */
bool kept_file_is(int fd, const char *path);

#endif
