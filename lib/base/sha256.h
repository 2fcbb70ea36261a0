/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits and a NUL. */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>

enum { SHA256_TEXT = 65 };

/* Each returns 0, or -1 with errno (ENOMEM, or what read(2) gave). */
int sha256_bytes(const void *data, size_t length, char text[SHA256_TEXT]);
int sha256_file(int fd, char text[SHA256_TEXT]); /* from its offset on */

#endif
