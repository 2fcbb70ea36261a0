/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit.h"
#include "database_options.h"

void
database_take_url(const struct option_value *value)
{
	struct database_settings *settings = value->to;

	settings->url = value->text;
	settings->url_file = NULL;
}

const char *
database_url_error(int error)
{
	switch (error) {
	case EINVAL:
		return "want --database-url, --database-url-file or "
		       "$DATABASE_URL";
	case EBADMSG:
		return "want postgres://user@host/database or "
		       "'host=... dbname=...'";
	default:
		return strerror(error);
	}
}

int
database_find(const struct database_settings *settings,
    const char *claim_schema, struct database *database)
{
	*database = (struct database){.url = database_url(settings),
	    .schema =
		settings->schema != NULL ? settings->schema : claim_schema,
	    .wait_ms = settings->wait / CLOCK_MS};
	return database->url == NULL ? -1 : 0;
}

struct database
database_open(
    const struct database_settings *settings, const char *claim_schema)
{
	struct database database;

	if (database_find(settings, claim_schema, &database) == -1)
		errx(errno == EINVAL || errno == EBADMSG ? EXIT_CALLER :
							   EXIT_SYSTEM,
		    "cannot use the database URL: %s",
		    database_url_error(errno));
	return database;
}
