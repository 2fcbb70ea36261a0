/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working off the queue: one build, or one after the other. A host that
 * cannot work makes longer and longer pauses, so that it does not draw the
 * whole queue through itself. What a row can bring about is no reason for a
 * pause; where several different rows came back for the same reason the
 * host's own check decides, and without one they count as proof.
 */
#ifndef CLAIM_WORK_H
#define CLAIM_WORK_H

#include "base/backoff.h"
#include "suspicion.h"
#include "take.h"

enum claim_work_result {
	WORK_DONE,	 /* with a verdict, or the claim was lost */
	WORK_OF_ROW,	 /* given back for what is its row's own */
	WORK_GIVEN_BACK, /* the chain completed nothing */
	WORK_SUSPECT,	 /* nor did it for the rows before */
	WORK_UNKNOWN,	 /* the database did not say */
	WORK_SICK,	 /* this host cannot work */
	WORK_NOTHING,	 /* no build, or asked to stop */
	WORK_FAILED	 /* as CLAIM_REFUSED and CLAIM_UNREACHABLE */
};

struct claim_work {
	struct claim_take *take;
	char **command, **command_path; /* the latter is the former's end */
	char *last_command[3];		/* the first is NULL: none */
	char *check[3];			/* the same; says whether this host */
	int64_t checked;		/* is well, and did so last at */
	struct suspicion suspicion;
	struct backoff pause; /* ns */
};

enum claim_work_result claim_work_once(struct claim_work *work);

/* Until asked to stop (WORK_NOTHING), or WORK_FAILED. */
enum claim_work_result claim_work_forever(struct claim_work *work);

#endif
