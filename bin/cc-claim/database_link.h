/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that never keeps its user waiting: one statement at a time,
 * sent and answered while the caller does other things. It heals itself: what
 * fails for a reason that will pass, and what is silent for longer than
 * `limit`, is dropped and made again, with a growing pause. The caller is
 * then told that its statement was lost, which says nothing of whether it was
 * carried out. It warns of each failure after a success, of another one that
 * will last, and of the next success.
 */
#ifndef DATABASE_LINK_H
#define DATABASE_LINK_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"
#include "base/events.h"
#include "database/database.h"
#include "database_hosts.h"

enum database_link_state {
	LINK_DOWN,	 /* until `deadline`, then it connects */
	LINK_CONNECTING, /* until `deadline` at the latest */
	LINK_READY,	 /* for a statement */
	LINK_ASKING	 /* until `deadline` at the latest */
};

enum database_link_answer {
	LINK_WAITING,
	LINK_ANSWERED,
	LINK_LOST,   /* carried out or not */
	LINK_UNDONE, /* the database took it back: not carried out */
};

struct database_link {
	const char *url, *schema; /* of the database */
	int64_t limit; /* ns, for a connection and for an answer; the server
			* gives up a statement by then, too */
	enum database_link_state state;
	PGconn *connection;
	const char *statement; /* the last one */
	struct database_hosts hosts;
	PGresult *result;
	int64_t deadline;
	struct backoff pause;
	unsigned generation; /* how many connections were made */
	int silent;	     /* attempts in a row that ended in silence */
	bool wants_to_send;
	bool is_failing;    /* nothing has worked since the last failure */
	bool is_lost;	    /* the statement: not told yet */
	bool is_undone;	    /* as is_lost */
	char state_told[6]; /* of the failure that was told, where it lasts */
	bool is_woken;	    /* a notification came; the caller resets it */
};

/* A link that is down and due; url and schema are kept. */
struct database_link database_link_new(
    const struct database *database, int64_t limit);

/*
 * Waits, as events_wait, at most until `until`, and lets the link go on. No
 * call of this module blocks but this one. (Names of hosts are an exception
 * of libpq's: while it connects it waits for the resolver.)
 */
void database_link_wait(
    struct database_link *link, struct events *events, int64_t until);

/*
 * Sends a statement, all parameters as text; only in state LINK_READY. What
 * became of the one before is forgotten.
 */
void database_link_ask(struct database_link *link, const char *statement,
    int count, const char *const *values);

/*
 * What became of it. LINK_ANSWERED: *result is the caller's, an error also
 * comes as one; LINK_LOST and LINK_UNDONE are told once.
 */
enum database_link_answer database_link_answer(
    struct database_link *link, PGresult **result);

/* Whether every host has failed since the last success. */
bool database_link_is_down(const struct database_link *link);

void database_link_close(struct database_link *link);

#endif
