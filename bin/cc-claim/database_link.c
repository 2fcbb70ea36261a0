/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "database_link.h"
#include "database_pipe.h"

enum { MESSAGE_MAX = 700 };

struct database_link
database_link_new(const struct database *database, int64_t limit)
{
	return (struct database_link){
	    .url = database->url,
	    .schema = database->schema,
	    .limit = limit,
	    .pause = {100 * CLOCK_MS, 5 * CLOCK_SECOND, 0},
	};
}

/*
 * Each failure after a success, another one that will last, and the next
 * success; state: of a failure that lasts, or "".
 */
static void
report(struct database_link *link, bool is_failing, const char *state,
    const char *message)
{
	if (link->is_failing != is_failing || strcmp(link->state_told, state))
		warnx("%s", message);
	link->is_failing = is_failing;
	snprintf(link->state_told, sizeof link->state_told, "%s", state);
}

/* The SQLSTATE of the last result, or "". */
static const char *
state_of(const struct database_link *link)
{
	const char *state = PQresultErrorField(link->result, PG_DIAG_SQLSTATE);

	return state != NULL ? state : "";
}

/*
 * An error of the statement itself has taken it back. One that ends the
 * connection may come after the commit.
 */
static bool
is_taken_back(const char *state)
{
	return *state != '\0' && strncmp(state, "08", 2) != 0 &&
	    strncmp(state, "57P", 3) != 0;
}

static void
drop(struct database_link *link, const char *reason)
{
	char message[MESSAGE_MAX + 40];
	const char *state = state_of(link);

	snprintf(
	    message, sizeof message, "cannot use the database: %s", reason);
	report(link, true, database_state_lasts(state) ? state : "", message);
	if (link->state == LINK_ASKING)
		*(is_taken_back(state) ? &link->is_undone : &link->is_lost) =
		    true;
	PQclear(link->result);
	link->result = NULL;
	PQfinish(link->connection);
	link->connection = NULL;
	link->state = LINK_DOWN;
	link->deadline = clock_boot() + backoff_take(&link->pause);
}

static void
drop_with_its_reason(struct database_link *link)
{
	char reason[MESSAGE_MAX];

	drop(link,
	    database_error(link->connection, link->result, link->schema, reason,
		sizeof reason));
}

static void
drop_for_silence(struct database_link *link)
{
	char reason[60];

	snprintf(reason, sizeof reason, "no answer within %.10g s",
	    (double)link->limit / 1e9);
	drop(link, reason);
}

/* Notices would be printed to stderr. */
static void
ignore_notice(void *nothing, const char *notice)
{
	(void)nothing;
	(void)notice;
}

static void
connect_now(struct database_link *link)
{
	/* What stands before dbname, the string overrides. */
	const char *const names[] = {"fallback_application_name", "dbname",
	    "client_encoding", "host", "hostaddr", "port", NULL};
	const char *const values[] = {program_invocation_short_name, link->url,
	    "UTF8", link->hosts.host, link->hosts.hostaddr, link->hosts.port,
	    NULL};

	link->connection = PQconnectStartParams(names, values, 1);
	link->state = LINK_CONNECTING;
	link->wants_to_send = true; /* as after PGRES_POLLING_WRITING */
	link->deadline = clock_boot() + link->limit;
	if (PQstatus(link->connection) == CONNECTION_BAD)
		drop_with_its_reason(link);
	else
		(void)PQsetNoticeProcessor(
		    link->connection, ignore_notice, NULL);
}

static void
go_on_connecting(struct database_link *link)
{
	switch (PQconnectPoll(link->connection)) {
	case PGRES_POLLING_OK:
		link->generation++;
		link->silent = 0;
		link->wants_to_send = false;
		link->state = LINK_READY;
		if (database_pipe_open(link->connection) == -1)
			drop_with_its_reason(link);
		break;
	case PGRES_POLLING_FAILED: /* at all hosts */
		link->silent = 0;
		drop_with_its_reason(link);
		break;
	case PGRES_POLLING_WRITING:
		link->wants_to_send = true;
		break;
	default:
		link->wants_to_send = false;
	}
}

static void
take_results(struct database_link *link)
{
	int received = database_pipe_receive(link->connection, &link->result);

	if (received == 0)
		return;
	/* By our own limit: many a server is slow, and a row may be locked. */
	if (received == 1 && strcmp(state_of(link), "57014") == 0) {
		drop_for_silence(link);
		return;
	}
	if (received == -1 ||
	    database_is_transient(link->connection, link->result)) {
		drop_with_its_reason(link);
		return;
	}
	fault_statement("after-statement", link->statement);
	link->state = LINK_READY;
	backoff_reset(&link->pause);
	report(link, false, "", "the database answers again");
}

static void
flush(struct database_link *link)
{
	int left = PQflush(link->connection);

	link->wants_to_send = left == 1;
	if (left == -1)
		drop_with_its_reason(link);
}

static void
exchange(struct database_link *link)
{
	PGnotify *notification;

	if (PQconsumeInput(link->connection) == 0) {
		drop_with_its_reason(link);
		return;
	}
	while ((notification = PQnotifies(link->connection)) != NULL) {
		link->is_woken = true;
		PQfreemem(notification);
	}
	if (link->state == LINK_ASKING)
		take_results(link);
	if (link->state != LINK_DOWN)
		flush(link);
}

/*
 * What has arrived counts before the clock does: after the process, or the
 * machine, has stood still, the deadline is over and the answer is there.
 */
static void
step(struct database_link *link, bool has_moved)
{
	if (link->state == LINK_DOWN) {
		if (clock_boot() >= link->deadline)
			connect_now(link);
		return;
	}
	if (has_moved && link->state == LINK_CONNECTING)
		go_on_connecting(link);
	else if (has_moved)
		exchange(link);
	bool is_waiting =
	    link->state == LINK_CONNECTING || link->state == LINK_ASKING;
	if (is_waiting && clock_boot() >= link->deadline) {
		if (link->state == LINK_CONNECTING) {
			database_hosts_turn(&link->hosts, link->connection);
			link->silent++;
		}
		drop_for_silence(link);
	}
}

static short
wanted_events(const struct database_link *link)
{
	if (!link->wants_to_send)
		return POLLIN;
	return link->state == LINK_CONNECTING ? POLLOUT : POLLIN | POLLOUT;
}

void
database_link_wait(
    struct database_link *link, struct events *events, int64_t until)
{
	int64_t due = link->state == LINK_READY ? CLOCK_NEVER : link->deadline;
	int socket = link->state == LINK_DOWN ? -1 : PQsocket(link->connection);

	short moved = events_wait(
	    events, socket, wanted_events(link), due < until ? due : until);
	step(link, moved != 0);
}

void
database_link_ask(struct database_link *link, const char *statement, int count,
    const char *const *values)
{
	PQclear(link->result);
	link->result = NULL;
	link->is_lost = link->is_undone = false;
	link->state = LINK_ASKING;
	link->statement = statement;
	link->deadline = clock_boot() + link->limit;
	fault_statement("before-statement", statement);
	if (database_pipe_send(link->connection, link->limit / CLOCK_MS + 1,
		statement, count, values) == -1)
		drop_with_its_reason(link);
	else
		flush(link);
	fault_statement("sent-statement", statement);
}

enum database_link_answer
database_link_answer(struct database_link *link, PGresult **result)
{
	if (link->is_lost || link->is_undone) {
		bool is_lost = link->is_lost;
		link->is_lost = link->is_undone = false;
		return is_lost ? LINK_LOST : LINK_UNDONE;
	}
	if (link->state == LINK_ASKING || link->result == NULL)
		return LINK_WAITING;
	*result = link->result;
	link->result = NULL;
	return LINK_ANSWERED;
}

bool
database_link_is_down(const struct database_link *link)
{
	return link->is_failing && link->state == LINK_DOWN &&
	    (link->silent == 0 || link->silent >= link->hosts.count);
}

void
database_link_close(struct database_link *link)
{
	PQclear(link->result);
	PQfinish(link->connection);
	database_hosts_free(&link->hosts);
}
