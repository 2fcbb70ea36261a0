/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_BESIDE_H
#define AUDIT_BESIDE_H

/*
 * Where has the log been renamed to? Calls `look` with each regular file of
 * its directory, the log among them, until it says other than 0, which is
 * then returned. 0: none, -1 with errno.
 */
int audit_beside(
    const char *path, int (*look)(int fd, void *context), void *context);

#endif
