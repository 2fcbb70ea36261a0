/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_BESIDE_H
#define AUDIT_BESIDE_H

#include <stdbool.h>

/*
 * Where has the log been renamed to? Calls `look` with each regular file of
 * its directory, the log among them, until it says yes. What cannot be read
 * is not it.
 */
bool audit_beside(
    const char *path, bool (*look)(int fd, void *context), void *context);

#endif
