/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator lets into the sandbox beyond what a command needs: paths,
 * --ro, and variables, --setenv. Neither may undo the sandbox, stand in the
 * place of what the sandbox sets itself, or show what it was told to
 * withhold. A path is judged resolved, by its text: a second mount of the
 * same files is the operator's business.
 */
#ifndef LET_IN_H
#define LET_IN_H

#include <jansson.h>

#include "request.h"

/* All of it together, so that report and event stay what a reader takes. */
enum { LET_IN_MAX = 1 << 14 };

/* Why such a path, which is resolved, or NAME=VALUE is refused, or NULL. */
const char *let_in_refuse_path(const char *path);
const char *let_in_refuse_variable(const char *pair);

/* Remembers a path, which need not exist, as one to withhold. */
void let_in_withhold(struct sandbox_request *request, const char *path);

/* A path that shows, or is below, what is to be withheld, or NULL. */
const char *let_in_withheld(const struct sandbox_request *request);

/* Whether it is more than LET_IN_MAX bytes. */
bool let_in_is_too_much(const struct sandbox_request *request);

/* Adds "ro" and "setenv" where there are any. 0, or -1: no memory. */
int let_in_report(json_t *object, const struct sandbox_request *request);

#endif
