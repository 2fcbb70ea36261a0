/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options that every database program takes: their rows of its table
 * (options.h) and what becomes of them.
 */
#ifndef DATABASE_OPTIONS_H
#define DATABASE_OPTIONS_H

#include "base/options.h"
#include "database.h"

/*
 * The member is a struct database_settings; of URL and file the later wins,
 * so that a flag beats a variable.
 */
/* clang-format off */
#define DATABASE_ROWS(settings, member) \
	{"database-url", "URL", "DATABASE_URL", \
	    "the queue's database", \
	    OPTION_CALL(settings, member, database_take_url)}, \
	{"database-url-file", "FILE", "CLOACINA_COMPILER_DATABASE_URL_FILE", \
	    "a file whose first line is the URL", \
	    OPTION_TEXT(settings, member.url_file)}, \
	{"tenant-schema", "NAME", "CLOACINA_TENANT_SCHEMA", \
	    "the schema of the queue's tables", \
	    OPTION_TEXT(settings, member.schema)}
/* Of those that do not wait for a signal besides. */
#define DATABASE_WAIT_ROW(settings, member) \
	{"database-wait-s", "SECONDS", NULL, \
	    "how long to wait for the database", \
	    OPTION_SECONDS(settings, member.wait)}
/* clang-format on */

/* For the row. */
void database_take_url(const struct option_value *value);

/*
 * The database to ask, with the schema that was given or else that of the
 * claim (or NULL). 0, or -1 with the errno of database_url, and no URL.
 */
int database_find(const struct database_settings *settings,
    const char *claim_schema, struct database *database);

/*
 * The same. As options.h it ends the program where there is none: 100 without
 * a URL or with a wrong one, 111 for a file that cannot be read.
 */
struct database database_open(
    const struct database_settings *settings, const char *claim_schema);

/* What to say of database_url's errno. */
const char *database_url_error(int error);

#endif
