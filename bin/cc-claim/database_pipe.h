/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One statement at a time over a connection that does not block, with a time
 * limit that the server keeps: nobody waits for the answer any longer, and a
 * server on which everything waits for one lock must not fill up with the
 * statements of connections that were given up meanwhile. The limit holds for
 * that transaction alone, so a transaction-mode pooler can lie between.
 */
#ifndef DATABASE_PIPE_H
#define DATABASE_PIPE_H

#include <libpq-fe.h>
#include <stdint.h>

/* Prepares a new connection. 0 or -1. */
int database_pipe_open(PGconn *connection);

/* Sends it, all parameters as text; PQflush may have to send the rest. */
int database_pipe_send(PGconn *connection, int64_t limit_ms,
    const char *statement, int count, const char *const *values);

/*
 * Takes what PQconsumeInput has read. 1: the answer is whole and its
 * transaction is over, one way or the other; 0: not yet; -1: the connection
 * makes no sense any more. *last, NULL to begin with, is kept between calls.
 */
int database_pipe_receive(PGconn *connection, PGresult **last);

#endif
