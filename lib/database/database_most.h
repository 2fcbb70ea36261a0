/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one value of the queue may have in bytes: an archive, a library. A
 * bytea and, before that, the message that carries it with the statement's
 * other parameters stay below PostgreSQL's 1 GiB; tried with version 15, in
 * binary: 1 GiB less 124 bytes is stored, less 5 is not. Read as text, as by
 * pg_dump, it has two digits a byte: above 511M that fails.
 */
#ifndef DATABASE_MOST_H
#define DATABASE_MOST_H

#include <stdint.h>

#define DATABASE_VALUE_MOST (UINT64_C(1023) << 20)

#endif
