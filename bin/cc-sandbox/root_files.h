/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of /etc that programs take for granted, in a root of which
 * nothing is the host's: its own, the same on every host, but for a few that
 * tell nothing of the host and are of more use as they are.
 */
#ifndef ROOT_FILES_H
#define ROOT_FILES_H

#include "request.h"

/*
 * Adds a file of the sandbox, whose content is in a descriptor that the
 * program inherits, to bubblewrap's arguments. 0 or -1 with errno.
 */
int root_add_file(struct sandbox_process *process, const char *path,
    const char *content, size_t length);

/* Adds all of /etc. 0 or -1 with errno. */
int root_add_files(struct sandbox_process *process);

#endif
