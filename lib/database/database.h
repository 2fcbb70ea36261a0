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
	int64_t wait;	      /* ns, --database-wait-s: for it to come back */
};

/* A database that is asked with database_ask; zero but for the first three. */
struct database {
	const char *url;    /* of database_url */
	const char *schema; /* or NULL */
	int64_t wait_ms;    /* for it to come back; 0: try once */
	PGconn *connection;
	/* Of the last failure: */
	char error[768]; /* one line for stderr, that says what to change */
	char state[6];	 /* SQLSTATE, or empty */
	bool passes;	 /* see database_is_transient */
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
 * Whether texts of any language can be stored: the encoding is UTF8. Others
 * hold not all of a reason, or give back what is no UTF-8.
 */
bool database_is_utf8(const PGconn *connection);

/* What to say where it is not; text is returned. */
const char *database_encoding_error(
    const PGconn *connection, char *text, size_t size);

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

/*
 * The server's message on one line, escaped for stderr, and where an operator
 * has to change something (database_remedy.c), what; shown is returned.
 */
const char *database_error(const PGconn *connection, const PGresult *result,
    const char *schema, char *shown, size_t size);

/* What to change, or "": text is returned. state: SQLSTATE or NULL. */
const char *database_remedy(const PGconn *connection, const char *state,
    const char *schema, char *text, size_t size);

struct database_parameter {
	const char *value; /* NULL: SQL NULL */
	size_t length;	   /* used when binary */
	bool binary;
};

/*
 * Connects where there is no connection, runs the statement (statements.h;
 * results as text) in the schema and, while the failure will pass, reconnects
 * and runs it again with backoff (100 ms doubling to 5 s) until `wait_ms` have
 * gone by; with 0 it tries once. So the statement must be one that may be
 * repeated after a lost reply. A connection on which nothing moves for
 * `wait_ms` (at least 10 s) counts as lost. The rows, or NULL and the error.
 */
PGresult *database_ask(struct database *database, const char *sql, int count,
    const struct database_parameter *parameters);

/*
 * Whether this role sees the queue (check.sql): what is hidden by row level
 * security looks like a queue that is empty. 0, or -1 and the error.
 */
int database_check(struct database *database);

/* What the answer to check.sql says is to be changed, or ""; text. */
const char *database_problem(
    const PGconn *connection, const PGresult *checked, char *text, size_t size);

/*
 * Whether this SQLSTATE tells of a setting, or of a place that is full: what
 * lasts until somebody does something.
 */
bool database_state_lasts(const char *state);

/* Ends the connection; the next statement makes a new one. */
void database_close(struct database *database);

#endif
