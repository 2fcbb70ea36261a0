/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement with a bounded wait: never PQexecParams, which waits for ever
 * on a server that is frozen or behind a wall that drops packets.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "database.h"

enum {
	PARAMETERS_MAX = 8,
	FIRST_PAUSE_MS = 100,
	LONGEST_PAUSE_MS = 5000,
	SHORTEST_SILENCE_MS = 10000
};

static int64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
pause_ms(int64_t ms)
{
	struct timespec left = {ms / 1000, (ms % 1000) * 1000000};

	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

/* Waits for the socket and takes what came in. False: silence, or lost. */
static bool
exchange(PGconn *connection, short events, int64_t silence_ms)
{
	int64_t end = now_ms() + silence_ms;

	for (;;) {
		struct pollfd socket = {PQsocket(connection), events, 0};
		int64_t left = end - now_ms();
		if (left < 0)
			return false;
		int n =
		    poll(&socket, 1, left > INT32_MAX ? INT32_MAX : (int)left);
		if (n == -1 && errno != EINTR)
			return false;
		if (n == 1)
			return (socket.revents & ~POLLOUT) == 0 ||
			    PQconsumeInput(connection) == 1;
	}
}

/*
 * The last of the results: a failure to commit comes after the rows. NULL: no
 * answer in time, or no memory.
 */
static PGresult *
receive(PGconn *connection, int64_t silence_ms)
{
	PGresult *last = NULL, *result;

	for (;;) {
		while (PQisBusy(connection) &&
		    exchange(connection, POLLIN, silence_ms))
			;
		if (PQisBusy(connection) &&
		    PQstatus(connection) == CONNECTION_OK) {
			PQclear(last);
			return NULL;
		}
		result = PQgetResult(connection);
		if (result == NULL)
			return last;
		PQclear(last);
		last = result;
	}
}

static PGresult *
send_and_receive(PGconn *connection, const char *statement, int count,
    const struct database_parameter *parameters, int64_t silence_ms)
{
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX], unsent;

	for (int i = 0; i < count; i++) {
		values[i] = parameters[i].value;
		lengths[i] = (int)parameters[i].length;
		formats[i] = parameters[i].binary;
	}
	if (PQsendQueryParams(connection, statement, count, NULL, values,
		lengths, formats, 0) == 0)
		return NULL;
	while ((unsent = PQflush(connection)) == 1)
		if (!exchange(connection, POLLIN | POLLOUT, silence_ms))
			return NULL;
	fault_statement("sent-statement", statement);
	return unsent == 0 ? receive(connection, silence_ms) : NULL;
}

static bool
connect_now(struct database *d)
{
	if (PQstatus(d->connection) == CONNECTION_BAD) {
		PQfinish(d->connection); /* NULL is also bad */
		d->connection = database_connect(d->url);
	}
	return PQstatus(d->connection) != CONNECTION_BAD &&
	    PQsetnonblocking(d->connection, 1) == 0;
}

static PGresult *
ask_once(struct database *d, const char *statement, int count,
    const struct database_parameter *parameters, int64_t silence_ms)
{
	if (!connect_now(d) || !database_is_utf8(d->connection))
		return NULL;
	fault_statement("before-statement", statement);
	PGresult *result = send_and_receive(
	    d->connection, statement, count, parameters, silence_ms);
	fault_statement("after-statement", statement);
	(void)PQsetnonblocking(d->connection, 0);
	return result;
}

/* Keeps what is to be said of a failure, before the connection is ended. */
static void
note_failure(struct database *d, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	bool is_silent =
	    result == NULL && PQstatus(d->connection) == CONNECTION_OK;

	snprintf(d->state, sizeof d->state, "%s", state != NULL ? state : "");
	if (result == NULL && !database_is_utf8(d->connection)) {
		d->passes = false;
		(void)database_encoding_error(
		    d->connection, d->error, sizeof d->error);
		return;
	}
	d->passes = is_silent || database_is_transient(d->connection, result);
	(void)database_error(is_silent ? NULL : d->connection, result,
	    d->schema, d->error, sizeof d->error);
	/* An answer may still come: never to be read as another's. */
	if (d->passes)
		database_close(d);
}

/* The rows, or NULL. */
static PGresult *
ask_until(struct database *d, const char *statement, int count,
    const struct database_parameter *parameters)
{
	int64_t end = now_ms() + d->wait_ms, pause = FIRST_PAUSE_MS;
	int64_t silence_ms =
	    d->wait_ms > SHORTEST_SILENCE_MS ? d->wait_ms : SHORTEST_SILENCE_MS;

	for (;;) {
		PGresult *result =
		    ask_once(d, statement, count, parameters, silence_ms);
		if (PQresultStatus(result) == PGRES_TUPLES_OK)
			return result;
		note_failure(d, result);
		PQclear(result);
		if (!d->passes || now_ms() + pause > end)
			return NULL;
		pause_ms(pause);
		pause =
		    pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
	}
}

PGresult *
database_ask(struct database *d, const char *sql, int count,
    const struct database_parameter *parameters)
{
	char *statement = database_statement(sql, d->schema);

	if (statement == NULL) {
		snprintf(d->error, sizeof d->error, "no memory");
		d->state[0] = '\0';
		d->passes = false;
		return NULL;
	}
	PGresult *rows = ask_until(d, statement, count, parameters);
	free(statement);
	return rows;
}

void
database_close(struct database *d)
{
	PQfinish(d->connection);
	d->connection = NULL;
}
