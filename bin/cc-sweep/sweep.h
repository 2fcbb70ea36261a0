/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sweep: the statements of lib/sql/sweep*.sql in batches until nothing
 * stale is left, then the finished events of hosts that died.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include <jansson.h>

#include "database/database.h"

struct sweep {
	struct database database;
	/* The statements' parameters, as text. */
	const char *stale_s, *batch, *max_attempts, *backoff_s;
	const char *max_give_backs;
	bool is_checked; /* that the role sees the queue */
	/* Is told of each build (swept.h). */
	void (*tell)(struct sweep *sweep, const json_t *row);
	/* Why it is not SWEEP_DONE is the database's error. */
};

enum sweep_answer {
	SWEEP_DONE,
	SWEEP_AWAY, /* a failure that will pass; some of it may be done */
	SWEEP_FAILED
};

enum sweep_answer sweep_run(struct sweep *sweep);

/* Tells of what sweep_run would do, and does nothing. */
enum sweep_answer sweep_list(struct sweep *sweep);

/* Adds the event of a row to the audit trail, for `tell`; hash or NULL. */
enum sweep_answer sweep_record(struct sweep *sweep, const json_t *row,
    const json_t *event, const char *hash);

#endif
