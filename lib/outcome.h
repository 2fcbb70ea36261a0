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

enum outcome {
	OUTCOME_SUCCESS,
	OUTCOME_FAILED,
	OUTCOME_TIMEOUT_KILLED,
	OUTCOME_INTERNAL_ERROR
};

enum {
	REASON_MAX = 65536, /* bytes; build_error keeps the tail, the guide */
	SIGNAL_NAME = 16
};

struct verdict {
	enum outcome outcome;
	bool was_killed;   /* internal_error: by a signal; attempt counts */
	bool has_artifact; /* success: DIR/artifact is the library */
	int exit_status;   /* cargo's, -1: none */
	char exit_signal[SIGNAL_NAME]; /* "SIGKILL"; empty: none */
	char *reason; /* valid UTF-8 without NUL; NULL: success */
};

/* The guide's word: success, failed, timeout_killed, internal_error. */
const char *outcome_name(enum outcome outcome);

/*
 * Judges the build in the directory. 0, or -1 with errno when the directory
 * cannot be read at all; a missing, damaged or contradictory file in it is no
 * error but part of the verdict (internal_error, with a reason).
 */
int outcome_judge(int directory, struct verdict *verdict);
void outcome_free(struct verdict *verdict);

#endif
