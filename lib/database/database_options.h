/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options that every database program takes: their rows of its table
 * (options.h) and what becomes of them.
 */
#ifndef DATABASE_OPTIONS_H
#define DATABASE_OPTIONS_H

#include <stdbool.h>

#include "base/cli.h"
#include "base/options.h"
#include "database.h"

enum {
	OPTION_DATABASE_URL = 1000,
	OPTION_DATABASE_URL_FILE,
	OPTION_DATABASE_WAIT,
	OPTION_SCHEMA
};

/* clang-format off */
#define DATABASE_OPTIONS \
	{"database-url", "URL", "DATABASE_URL", \
	    "the queue's database", OPTION_DATABASE_URL}, \
	{"database-url-file", "FILE", "CLOACINA_COMPILER_DATABASE_URL_FILE", \
	    "a file whose first line is the URL", OPTION_DATABASE_URL_FILE}, \
	{"tenant-schema", "NAME", "CLOACINA_TENANT_SCHEMA", \
	    "the schema of the queue's tables", OPTION_SCHEMA}
/* Of those that do not wait for a signal besides. */
#define DATABASE_WAIT_OPTION(seconds) \
	{"database-wait-s", "SECONDS", NULL, \
	    "how long to wait for the database (" #seconds ")", \
	    OPTION_DATABASE_WAIT}
/*
 * The member is a struct database_settings; of URL and file the later wins,
 * so that a flag beats a variable.
 */
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
 * Whether the value that cli_next returned is one of these; its argument is
 * then taken. Of URL and file the later wins, so that a flag beats a variable.
 */
bool database_option(
    const struct cli *cli, int value, struct database_settings *settings);

/*
 * The database to ask, with the schema that was given or else that of the
 * claim (or NULL). Like cli.h it ends the program where there is none: 100
 * without a URL or with a wrong one, 111 for a file that cannot be read.
 */
struct database database_open(
    const struct database_settings *settings, const char *claim_schema);

/* What to say of database_url's errno. */
const char *database_url_error(int error);

#endif
