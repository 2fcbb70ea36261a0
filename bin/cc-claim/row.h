/* SPDX-License-Identifier: Apache-2.0 */
/* The row that claim.sql and reclaim.sql answer with. */
#ifndef CLAIM_ROW_H
#define CLAIM_ROW_H

#include <libpq-fe.h>
#include <stddef.h>

#include "build/claim.h"

/*
 * Reads the only row into a claim and its created_at, as text. 0, or -1 with
 * errno EBADMSG (not such a row) or ENOMEM; both are then untouched.
 */
int claim_row_read(
    const PGresult *result, struct claim *claim, char *created_at, size_t size);

#endif
