/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator has to change, for the failures of a database that is not
 * as ours. By SQLSTATE: messages come in the server's language.
 */

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "database.h"

enum { NAME = 80 };

static const char *
visible(const char *name, char shown[NAME])
{
	return text_visible(name, strlen(name), shown, NAME);
}

static bool
is_one_of(const char *state, const char *const *states)
{
	while (*states != NULL)
		if (strcmp(state, *states++) == 0)
			return true;
	return false;
}

/* Tables or columns that compiler.sql makes. */
static void
name_schema(const char *schema, char *text, size_t size)
{
	char shown[NAME];

	if (schema != NULL)
		snprintf(text, size,
		    " (apply compiler.sql to schema '%s', or correct "
		    "--tenant-schema)",
		    visible(schema, shown));
	else
		snprintf(text, size,
		    " (apply compiler.sql, or name the queue's schema with "
		    "--tenant-schema or the role's search_path)");
}

static void
name_grants(
    const PGconn *connection, const char *schema, char *text, size_t size)
{
	char role[NAME], shown[NAME];

	snprintf(text, size,
	    " (role '%s' lacks what compiler.sql grants%s%s%s)",
	    visible(PQuser(connection), role),
	    schema != NULL ? " in schema '" : "",
	    schema != NULL ? visible(schema, shown) : "",
	    schema != NULL ? "'" : " in the schema of its search_path");
}

/* A standby becomes the primary some day; a setting stays. */
static void
name_writer(const PGconn *connection, char *text, size_t size)
{
	const char *standby = PQparameterStatus(connection, "in_hot_standby");
	char shown[NAME];

	if (standby == NULL || strcmp(standby, "on") == 0)
		snprintf(text, size,
		    " (a standby: want target_session_attrs=read-write)");
	else
		snprintf(text, size,
		    " (no standby: default_transaction_read_only is on, see "
		    "ALTER ROLE '%s' or ALTER DATABASE)",
		    visible(PQuser(connection), shown));
}

/* Of a refused connection libpq tells no SQLSTATE, only the English words. */
static void
name_connections(const PGconn *connection, char *text, size_t size)
{
	if (PQstatus(connection) == CONNECTION_BAD &&
	    strstr(PQerrorMessage(connection), "too many connections for"))
		snprintf(text, size,
		    " (CONNECTION LIMIT: each worker needs 2, see ALTER ROLE "
		    "and ALTER DATABASE)");
}

static void
name_timeout(const PGconn *connection, char *text, size_t size)
{
	char shown[NAME];

	snprintf(text, size,
	    " (statement_timeout is too short, see ALTER ROLE '%s' or ALTER "
	    "DATABASE; or a row was locked for so long)",
	    visible(PQuser(connection), shown));
}

bool
database_state_lasts(const char *state)
{
	return strcmp(state, "25006") == 0 || strncmp(state, "53", 2) == 0 ||
	    strcmp(state, "57014") == 0;
}

const char *
database_remedy(const PGconn *connection, const char *state, const char *schema,
    char *text, size_t size)
{
	static const char *const missing[] = {
	    "3F000", "42703", "42883", "42P01", NULL};

	*text = '\0';
	if (state == NULL)
		name_connections(connection, text, size);
	else if (is_one_of(state, missing))
		name_schema(schema, text, size);
	else if (strcmp(state, "42501") == 0)
		name_grants(connection, schema, text, size);
	else if (strcmp(state, "25006") == 0)
		name_writer(connection, text, size);
	else if (strcmp(state, "57014") == 0)
		name_timeout(connection, text, size);
	return text;
}
