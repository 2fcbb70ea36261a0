/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_LINE_H
#define AUDIT_LINE_H

#include <jansson.h>
#include <stddef.h>

/*
 * The event as one line of the log, with a newline at both ends: the caller
 * leaves out the first where the log needs none. Compact, members in their
 * order; what a terminal would hide or obey is escaped, so that a hostile
 * name cannot disguise a line that is read with grep. A new string, or NULL
 * with errno (EMSGSIZE: longer than a line may be).
 */
char *audit_line(const json_t *event, size_t *length);

#endif
