/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of outcome.h: a verdict is found in steps, each of which looks at
 * one file of the build directory and decides or leaves it to the next.
 */
#ifndef OUTCOME_STEP_H
#define OUTCOME_STEP_H

#include "outcome.h"

enum { NOT_DECIDED, DECIDED, STEP_FAILED = -1 }; /* no memory */

/* Takes the reason, which may be NULL for a success. */
int step_decide(struct verdict *verdict, enum outcome outcome, char *reason);

/* For internal_error. */
int step_error(struct verdict *verdict, const char *reason);
int step_damaged(struct verdict *verdict, const char *file);

/* Each notes it where it is one. */
void step_note_signal(struct verdict *verdict, const char *name);
void step_note_status(struct verdict *verdict, json_int_t status);

/* The steps about what was built, in their order (outcome_run.c). */
int judge_run(const struct build *build, struct verdict *verdict);
int judge_sandbox(const struct build *build, struct verdict *verdict);
int judge_cargo_end(const struct build *build, struct verdict *verdict);
int judge_artifact(const struct build *build, struct verdict *verdict);

#endif
