/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_H
#define CLASSIFY_H

#include <stddef.h>

/*
 * What cargo (0.66 to 1.95) said about a dependency or a lock file, as a
 * reason that an operator can act on: "dependencies not available offline:
 * a, b". The text is hostile: a build script may print the same lines, and
 * so mislabel its own failure, nothing else. A new string of one line, or
 * NULL with errno: 0 (nothing known is in the text) or ENOMEM.
 */
char *classify_cargo(const char *text, size_t length);

#endif
