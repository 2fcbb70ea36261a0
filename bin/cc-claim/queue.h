/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking the oldest pending build, or waiting for one. A claim is made with a
 * token that is chosen here and kept until its fate is known: a claim whose
 * answer was lost is asked for again by that token, so no build is held by
 * somebody who does not know of it, for longer than an outage lasts.
 *
 * Idle, it listens for notifications and looks every `poll` besides, for
 * what no notification announces: a build whose not_before has come, a queue
 * without triggers, a pooler that swallows notifications.
 */
#ifndef CLAIM_QUEUE_H
#define CLAIM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/events.h"
#include "build/claim.h"
#include "database_link.h"

enum claim_queue_result {
	CLAIM_NOT_YET, /* never returned */
	CLAIM_TAKEN,
	CLAIM_NONE,	   /* nothing pending; or asked to stop */
	CLAIM_UNREACHABLE, /* only where it does not wait; told already */
	CLAIM_REFUSED,	   /* an error that will not pass; told already */
	CLAIM_UNWRITABLE   /* of claim_take.h */
};

enum claim_queue_step {
	CLAIM_FIT, /* check.sql, once: can the work be done here? */
	CLAIM_ASK,
	CLAIM_ASK_AGAIN, /* reclaim.sql: was the lost claim carried out? */
	CLAIM_LISTEN,
	CLAIM_CHECK, /* whether notifications can come */
	CLAIM_REST
};

struct claim_queue {
	struct database_link *link;
	struct events *events;
	const char *check, *claim, *reclaim, *wake_ups; /* statements */
	const char *prefix; /* the schema with a dot, or "" */
	const char *table;  /* workflow_packages, with the schema */
	const char *instance;
	bool waits;	  /* until there is a build */
	int64_t poll;	  /* ns */
	int64_t patience; /* ns, for a claim whose fate is unknown */

	char token[UUID_TEXT]; /* of the next claim */
	enum claim_queue_step step;
	bool is_fit;
	bool is_asked;	    /* the step's statement is on its way */
	bool is_uncertain;  /* a claim with this token had no answer */
	bool is_used;	    /* the database knows the token already */
	bool is_checked;    /* whether notifications come: told once */
	unsigned listening; /* the link's generation that listens; 0: none */
	int64_t asked, uncertain_since, rest_until, stop_at;
	char watermark[40]; /* created_at of the last; empty: none */
	int64_t looked_at_all;
};

/*
 * The next build: `claim` is filled in but for compiler_instance_id, schema
 * and the time, and *sent is when the statement was sent that took it;
 * *is_doubtful: it was carried out some time before.
 */
enum claim_queue_result claim_queue_take(struct claim_queue *queue,
    struct claim *claim, int64_t *sent, bool *is_doubtful);

#endif
