/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a build: a pure function of its directory. Two programs
 * call it, cc-complete and cc-audit, so that the row and the audit trail
 * cannot disagree. No exit status takes part but those that the trusted
 * reports in the directory hold, and these only name a failure.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdbool.h>

#include "base/json.h"
#include "build.h"

enum outcome {
	OUTCOME_SUCCESS,
	OUTCOME_FAILED,
	OUTCOME_TIMEOUT_KILLED,
	OUTCOME_INTERNAL_ERROR
};

enum { SIGNAL_NAME = 16 };

struct verdict {
	enum outcome outcome;
	bool was_killed;   /* internal_error: by a signal; attempt counts */
	bool interrupted;  /* internal_error: asked to stop; retry at once */
	bool of_row;	   /* internal_error: says nothing of this host */
	bool has_artifact; /* success: DIR/artifact is for the row */
	bool is_written;   /* record.json says that the row got it */
	int exit_status;   /* cargo's, -1: none */
	char exit_signal[SIGNAL_NAME]; /* "SIGKILL"; empty: none */
	char *reason;		       /* as reason.h says; NULL: success */
};

/* The guide's word: success, failed, timeout_killed, internal_error. */
const char *outcome_name(enum outcome outcome);

/*
 * The database's answer where this outcome is written: "released" for
 * internal_error, which gives the row back, else the same word.
 */
const char *outcome_answer(enum outcome outcome);

/* The outcome with that answer, or -1. */
int outcome_find_answer(const char *answer);

/* Whether it is that word, or given_up: the last attempt was given back. */
bool outcome_is_answer(enum outcome outcome, const char *answer);

/*
 * 0, or -1 with errno (no memory); a missing, damaged or contradictory file is
 * no error but part of the verdict (internal_error, with a reason).
 */
int outcome_judge(const struct build *build, struct verdict *verdict);

void outcome_free(struct verdict *verdict);

#endif
