/* SPDX-License-Identifier: Apache-2.0 */
/* The queue as it is now, asked for and put into one of its forms. */
#ifndef STATUS_VIEW_H
#define STATUS_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "database/database.h"

enum status_form { STATUS_TABLE, STATUS_JSON, STATUS_METRICS };

struct status_source {
	struct database database; /* its error is that of status_view */
	const char *stale_s;	  /* how old a heartbeat may be */
	uint64_t max_age_s;	  /* how long a package may wait, 0: for ever */
	int rows;		  /* of each list, 0: no lists */
};

/*
 * A new string, or NULL and the error, on one line. *is_well: whether nothing
 * is wrong with the queue.
 */
char *status_view(
    struct status_source *source, enum status_form form, bool *is_well);

#endif
