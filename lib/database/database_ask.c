/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement with a bounded wait: never PQexecParams, which waits for ever
 * on a server that is frozen or behind a wall that drops packets.
 */

#include <errno.h>
#include <poll.h>
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

static PGresult *
ask_once(PGconn **connection, const char *url, const char *statement, int count,
    const struct database_parameter *parameters, int64_t silence_ms)
{
	if (PQstatus(*connection) == CONNECTION_BAD) {
		PQfinish(*connection); /* NULL is also bad */
		*connection = database_connect(url);
	}
	if (PQstatus(*connection) == CONNECTION_BAD ||
	    PQsetnonblocking(*connection, 1) == -1)
		return NULL;
	fault_statement("before-statement", statement);
	PGresult *result = send_and_receive(
	    *connection, statement, count, parameters, silence_ms);
	fault_statement("after-statement", statement);
	(void)PQsetnonblocking(*connection, 0);
	if (result == NULL && PQstatus(*connection) == CONNECTION_OK) {
		/* Its answer may still come: never to be read as another's. */
		PQfinish(*connection);
		*connection = NULL;
	}
	return result;
}

PGresult *
database_ask(PGconn **connection, const char *url, const char *statement,
    int count, const struct database_parameter *parameters, int64_t patience_ms)
{
	int64_t end = now_ms() + patience_ms, pause = FIRST_PAUSE_MS;
	int64_t silence_ms = patience_ms > SHORTEST_SILENCE_MS ?
	    patience_ms :
	    SHORTEST_SILENCE_MS;

	for (;;) {
		PGresult *result = ask_once(
		    connection, url, statement, count, parameters, silence_ms);
		if (result != NULL &&
		    !database_is_transient(*connection, result))
			return result;
		if (now_ms() + pause > end) {
			if (PQstatus(*connection) == CONNECTION_OK)
				return result;
			PQclear(result);
			return NULL;
		}
		PQclear(result);
		PQfinish(*connection);
		*connection = NULL;
		pause_ms(pause);
		pause =
		    pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
	}
}
