/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A claim that is held: a heartbeat goes out every `interval`, and the claim
 * counts as lost when the database says so, or when `stale` has gone by since
 * the last acknowledged heartbeat was *sent*: from then on a sweep may give
 * the build to somebody else, and what was received later proves nothing.
 */
#ifndef CLAIM_HOLD_H
#define CLAIM_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/events.h"
#include "build/claim.h"
#include "database_link.h"

enum claim_hold_state {
	CLAIM_HELD,
	CLAIM_ENDED,	  /* with a verdict, by the chain: nothing to keep */
	CLAIM_SUPERSEDED, /* held, but not worth going on */
	CLAIM_LOST
};

struct claim_hold {
	struct database_link *link;
	const char *heartbeat, *release; /* statements, with the schema */
	const char *max_attempts, *max_give_backs; /* for release */
	const struct claim *claim;
	int64_t interval, stale; /* ns */

	enum claim_hold_state state;
	char answer
	    [40]; /* the database's last word, or for how long none came */
	bool is_asking;
	int64_t sent, due, acknowledged;
};

/*
 * A claim that was taken by a statement sent at `since`. With `is_doubtful`
 * the first heartbeat goes out at once. The rest is filled in before.
 */
void claim_hold_begin(struct claim_hold *hold, int64_t since, bool is_doubtful);

/* Does what is due; to be called after each wait. The state it is in. */
enum claim_hold_state claim_hold_step(struct claim_hold *hold);

/* When the next step is due at the latest. */
int64_t claim_hold_due(const struct claim_hold *hold);

/*
 * Asks the database to take the build back, at most until `until`; once this
 * process is asked to stop, only for one answer more, and asked again, for
 * none; how is of claim.h. How the claim has ended, in the database's own words (release.sql):
 * where the chain has completed the build, nothing is taken back. NULL: no
 * answer came, or it was an error.
 */
const char *claim_hold_release(struct claim_hold *hold, struct events *events,
    const char *how, double delay_s, int64_t until);

#endif
