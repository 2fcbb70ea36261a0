/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of outcome.h: a verdict is found in steps, each of which looks at
 * one file of the build directory and decides or leaves it to the next.
 */
#ifndef OUTCOME_STEP_H
#define OUTCOME_STEP_H

#include "outcome.h"

struct build {
	int directory;
	struct verdict *verdict;
	json_t *unpack, *run, *sandbox; /* later steps need them again */
};

enum { NOT_DECIDED, DECIDED, STEP_FAILED = -1 }; /* no memory */

/* Takes the reason, which may be NULL for a success. */
int step_decide(const struct build *build, enum outcome outcome, char *reason);
int step_error(const struct build *build, const char *reason);

/*
 * NOT_DECIDED: the file was loaded or (*object NULL) is not there. A damaged
 * one is decided: internal_error.
 */
int step_load(const struct build *build, const char *name, json_t **object);

/* Each notes it where it is one. */
void step_note_signal(const struct build *build, const char *name);
void step_note_status(const struct build *build, json_int_t status);

/* The steps about what was built, in their order (outcome_run.c). */
int judge_run(struct build *build);
int judge_sandbox(struct build *build);
int judge_end(struct build *build);
int judge_artifact(struct build *build);

#endif
