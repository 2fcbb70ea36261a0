/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_EXPLAIN_H
#define RUN_EXPLAIN_H

#include "run.h"

/*
 * Why the command was interfered with, one line for people. 1, or 0 when it
 * was not.
 */
int run_explain(const struct run_plan *plan, const struct run_result *result,
    char *text, size_t size);

#endif
