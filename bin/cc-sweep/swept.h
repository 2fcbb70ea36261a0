/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of the sweep statements (lib/sql/sweep*.sql) says, as JSON. */
#ifndef SWEPT_H
#define SWEPT_H

#include <jansson.h>
#include <libpq-fe.h>

/*
 * id, package_name, version, action (pending or failed), attempts,
 * claim_token, compiler_instance_id, stale_since; null: claimed by a service
 * that knows no tokens. NULL: no memory.
 */
json_t *swept_row(const PGresult *result, int row);

/* The event compiler.build.swept of such an object. NULL: no memory. */
json_t *swept_event(const json_t *row);

#endif
