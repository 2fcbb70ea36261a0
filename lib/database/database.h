/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PostgreSQL connection of every database program: where it comes from,
 * what a failure means, and statements that survive a transaction-mode
 * pooler (PQexecParams with casts, no session state, schema in the names).
 */
#ifndef DATABASE_H
#define DATABASE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct database_settings {
	const char *url;      /* connection string or URI, or NULL */
	const char *url_file; /* a file whose first line is it; wins */
	const char *schema;   /* --tenant-schema, or NULL */
};

/*
 * The connection string to use: url, or the first line of url_file. A new
 * string, or NULL with errno: EINVAL (neither is given, or it is
 * empty), EBADMSG (it is none), or why the file cannot be read.
 */
char *database_url(const struct database_settings *settings);

/*
 * One attempt to connect; the caller asks PQstatus. NULL: no memory. What the
 * string (or PGCONNECT_TIMEOUT) does not say: 10 s for each host, a peer that
 * vanished is noticed within 30 s, application_name is the program's.
 */
PGconn *database_connect(const char *url);

/*
 * A statement (statements.h) with every ":schema." replaced by the quoted
 * schema and a dot, or by nothing. A new string, or NULL: no memory.
 */
char *database_statement(const char *sql, const char *schema);

/*
 * Whether this failure will pass: no connection, or SQLSTATE 08xxx, 25006,
 * 40001, 40P01, 53xxx, 57P0x, 57014. Such a failure is never a build's.
 */
bool database_is_transient(const PGconn *connection, const PGresult *result);

/* The server's message on one line, escaped for stderr; shown is returned. */
const char *database_error(
    const PGconn *connection, const PGresult *result, char *shown, size_t size);

struct database_parameter {
	const char *value; /* NULL: SQL NULL */
	size_t length;	   /* used when binary */
	bool binary;
};

/*
 * Connects where *connection is NULL, runs the statement (results as text)
 * and, while the failure will pass, reconnects and runs it again with backoff
 * (100 ms doubling to 5 s) until `patience_ms` have gone by; with 0 it tries
 * once. So the statement must be one that may be repeated after a lost reply.
 * A connection on which nothing moves for `patience_ms` (at least 10 s) counts
 * as lost. The result (an error also comes as one: PQresultStatus), or NULL
 * when the time was up without one; *connection then tells why, or is NULL.
 */
PGresult *database_ask(PGconn **connection, const char *url,
    const char *statement, int count,
    const struct database_parameter *parameters, int64_t patience_ms);

#endif
