/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms in which the queue is shown. `status` is what status.sql
 * answered, `totals` what status_totals.sql did. Names and reasons in them
 * are hostile: no form lets a terminal obey them. Each function returns a new
 * string, or NULL: no memory.
 */
#ifndef STATUS_H
#define STATUS_H

#include <jansson.h>

/*
 * What is wrong with the queue, in a clause; empty: nothing. max_age_s: how
 * long a package may wait for its build, 0: for ever.
 */
char *status_problem(const json_t *status, long long max_age_s);

/* For people, also under watch(1). */
char *status_table(const json_t *status, const char *problem);

/* The original service's /v1/status, then what else there is. */
char *status_json(json_t *status, const char *problem);

/* Prometheus' text format, with the original service's metrics first. */
char *status_metrics(const json_t *status, const json_t *totals);

#endif
