/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdio.h>

#include "database_pipe.h"

enum { STATEMENTS = 2 }; /* in one go: the limit's and the caller's */

int
database_pipe_open(PGconn *connection)
{
	return PQsetnonblocking(connection, 1) == 0 &&
		PQenterPipelineMode(connection) == 1 ?
	    0 :
	    -1;
}

int
database_pipe_send(PGconn *connection, int64_t limit_ms, const char *statement,
    int count, const char *const *values)
{
	char limit[24];
	const char *value = limit;

	snprintf(limit, sizeof limit, "%" PRId64,
	    limit_ms < INT32_MAX ? limit_ms : INT32_MAX);
	if (PQsendQueryParams(connection,
		"SELECT pg_catalog.set_config('statement_timeout', $1, true)",
		1, NULL, &value, NULL, NULL, 0) == 1 &&
	    PQsendQueryParams(connection, statement, count, NULL, values, NULL,
		NULL, 0) == 1 &&
	    PQpipelineSync(connection) == 1)
		return 0;
	return -1;
}

static void
replace(PGresult **last, PGresult *next)
{
	PQclear(*last);
	*last = next;
}

/*
 * The last result counts: the first is the limit's, and a failure to commit
 * comes after the rows. NULL ends the results of each statement; more of them
 * would be so for ever.
 */
int
database_pipe_receive(PGconn *connection, PGresult **last)
{
	int ends = 0;

	while (!PQisBusy(connection)) {
		PGresult *next = PQgetResult(connection);
		if (next == NULL) {
			if (++ends > STATEMENTS)
				return -1;
			continue;
		}
		switch (PQresultStatus(next)) {
		case PGRES_PIPELINE_SYNC:
			PQclear(next);
			return *last != NULL ? 1 : -1;
		case PGRES_PIPELINE_ABORTED: /* the error came before it */
			PQclear(next);
			break;
		default:
			replace(last, next);
		}
	}
	return 0;
}
