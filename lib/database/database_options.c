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

struct database
database_open(
    const struct database_settings *settings, const char *claim_schema)
{
	const char *url = database_url(settings);

	if (url == NULL)
		errx(errno == EINVAL || errno == EBADMSG ? EXIT_CALLER :
							   EXIT_SYSTEM,
		    "cannot use the database URL: %s",
		    database_url_error(errno));
	return (struct database){.url = url,
	    .schema =
		settings->schema != NULL ? settings->schema : claim_schema,
	    .wait_ms = settings->wait / CLOCK_MS};
}
