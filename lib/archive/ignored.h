/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a package brings along for cargo and a build does not heed, because
 * cargo runs outside of the source with a home of the service's.
 */
#ifndef IGNORED_H
#define IGNORED_H

#include <stdbool.h>
#include <stddef.h>

enum { IGNORED_MAX = 4 };

/*
 * Whether the entry makes its directory a crate as `cargo vendor` leaves it;
 * the package itself, which may be one, is none of its own.
 */
bool ignored_is_vendored(const char *path, size_t length);

/*
 * A line for each such thing in the package: what it is, and what counts
 * instead. NULL ends them.
 */
void ignored_find(
    int source, bool has_vendored, const char *lines[static IGNORED_MAX]);

#endif
