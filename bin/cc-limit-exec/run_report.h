/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a command, as the JSON object of cc-limit-exec(1). */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "run.h"

/*
 * The object, one line, a new string; NULL: no memory. error is for people,
 * and NULL where the command could be started.
 */
char *run_report(const struct run_plan *plan, const struct stream streams[2],
    const struct run_result *result, const char *error);

#endif
