/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last trusted step before the command, cc-confine, as an argument
 * vector.
 */
#ifndef CONFINE_COMMAND_H
#define CONFINE_COMMAND_H

#include "request.h"

/*
 * The version of Landlock without which a level is not what it says: before
 * 2, no file can be renamed into another directory, which rustc does.
 */
enum { CONFINE_ABI = 2 };

/*
 * cc-confine's file, beside our own program's. A new string, or NULL with
 * errno.
 */
char *confine_program(void);

/* The options that do not depend on paths, for the process. */
void confine_add_options(
    struct sandbox_process *process, const struct sandbox_request *request);

/* "--ro path" for everything of the host that the command may read. */
void confine_add_readable(
    struct arguments *list, const struct sandbox_request *request);

/* "--rw path" for where the command may write. */
void confine_add_writable(
    struct arguments *list, const struct sandbox_view *view);

#endif
