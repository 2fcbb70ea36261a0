/* SPDX-License-Identifier: Apache-2.0 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "database.h"

enum { URL_MAX = 8192, SQLSTATE_TEXT = 5 };

static const char schema_mark[] = ":schema.";

/* The file's first line without its end; it may be a pipe. */
static char *
first_line(const char *path)
{
	char line[URL_MAX];
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return NULL;
	errno = 0;
	bool found = fgets(line, sizeof line, file) != NULL;
	int saved = errno;
	bool whole = found && (strchr(line, '\n') != NULL || feof(file));
	(void)fclose(file);
	if (!found || !whole) {
		errno = found ? EFBIG : saved != 0 ? saved : EINVAL;
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return strdup(line);
}

/*
 * A word that is no connection string libpq takes for a database's name and
 * repeats in its messages; it may be a mistyped URI with a password in it.
 */
static int
check_url(const char *url)
{
	PQconninfoOption *parsed = PQconninfoParse(url, NULL);

	if (*url == '\0') {
		PQconninfoFree(parsed);
		errno = EINVAL;
		return -1;
	}
	if (parsed == NULL) {
		errno = EBADMSG;
		return -1;
	}
	PQconninfoFree(parsed);
	return 0;
}

char *
database_url(const struct database_settings *settings)
{
	char *url = settings->url_file != NULL ?
	    first_line(settings->url_file) :
	    strdup(settings->url != NULL ? settings->url : "");

	if (url == NULL)
		return NULL;
	if (check_url(url) == 0)
		return url;
	free(url);
	return NULL;
}

PGconn *
database_connect(const char *url)
{
	/* The string overrides what stands before dbname. */
	const char *const names[] = {"keepalives_idle", "keepalives_interval",
	    "keepalives_count", "tcp_user_timeout", "fallback_application_name",
	    "connect_timeout", "dbname", "client_encoding", NULL};
	const char *const values[] = {"10", "5", "4", "30000",
	    program_invocation_short_name,
	    getenv("PGCONNECT_TIMEOUT") == NULL ? "10" : NULL, url, "UTF8",
	    NULL};

	return PQconnectdbParams(names, values, 1);
}

/* A pooler may keep it to itself. */
static const char *
server_encoding(const PGconn *connection)
{
	const char *encoding = PQparameterStatus(connection, "server_encoding");

	return encoding != NULL ? encoding : "UTF8";
}

bool
database_is_utf8(const PGconn *connection)
{
	return strcmp(server_encoding(connection), "UTF8") == 0;
}

const char *
database_encoding_error(const PGconn *connection, char *text, size_t size)
{
	snprintf(text, size,
	    "the database's encoding is %s: want one that is made with "
	    "ENCODING 'UTF8'",
	    server_encoding(connection));
	return text;
}

/* The schema as an identifier and a dot. PQescapeIdentifier wants a server. */
static char *
quote_schema(const char *schema)
{
	char *quoted = malloc(2 * strlen(schema) + sizeof "\"\".");
	char *to = quoted;

	if (quoted == NULL)
		return NULL;
	*to++ = '"';
	for (const char *from = schema; *from != '\0'; from++) {
		if (*from == '"')
			*to++ = '"';
		*to++ = *from;
	}
	memcpy(to, "\".", sizeof "\".");
	return quoted;
}

static size_t
count_marks(const char *sql)
{
	size_t n = 0;

	while ((sql = strstr(sql, schema_mark)) != NULL) {
		n++;
		sql += sizeof schema_mark - 1;
	}
	return n;
}

char *
database_statement(const char *sql, const char *schema)
{
	char *prefix = schema != NULL ? quote_schema(schema) : strdup("");

	if (prefix == NULL)
		return NULL;
	char *statement =
	    malloc(strlen(sql) + count_marks(sql) * strlen(prefix) + 1);
	if (statement != NULL) {
		char *to = statement;
		const char *mark;
		while ((mark = strstr(sql, schema_mark)) != NULL) {
			to = mempcpy(to, sql, (size_t)(mark - sql));
			to = stpcpy(to, prefix);
			sql = mark + sizeof schema_mark - 1;
		}
		strcpy(to, sql);
	}
	free(prefix);
	return statement;
}

bool
database_is_transient(const PGconn *connection, const PGresult *result)
{
	static const char *const passing[] = {
	    "08", "25006", "40001", "40P01", "53", "57014", "57P0"};

	if (PQstatus(connection) == CONNECTION_BAD)
		return true;
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (state == NULL || strlen(state) != SQLSTATE_TEXT)
		return false;
	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
		if (strncmp(state, passing[i], strlen(passing[i])) == 0)
			return true;
	return false;
}

/* libpq's lines as one: each line's end and indent become "; ". */
static void
join_lines(const char *message, char *joined, size_t size)
{
	size_t used = 0;

	while (*message != '\0' && used + 3 < size) {
		if (*message != '\n') {
			joined[used++] = *message++;
			continue;
		}
		while (isspace((unsigned char)*message))
			message++;
		if (*message != '\0') {
			joined[used++] = ';';
			joined[used++] = ' ';
		}
	}
	joined[used] = '\0';
}

const char *
database_error(const PGconn *connection, const PGresult *result,
    const char *schema, char *shown, size_t size)
{
	char joined[1024], remedy[300];
	const char *message =
	    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (message == NULL)
		message = connection != NULL ? PQerrorMessage(connection) : "";
	join_lines(message, joined, sizeof joined);
	if (*joined == '\0')
		strcpy(joined, "no answer");
	(void)text_visible(joined, strlen(joined), shown, size);
	(void)database_remedy(connection,
	    PQresultErrorField(result, PG_DIAG_SQLSTATE), schema, remedy,
	    sizeof remedy);
	if (*remedy != '\0' && strlen(shown) + strlen(remedy) < size)
		strcat(shown, remedy);
	return shown;
}
