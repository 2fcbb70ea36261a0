/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "database_options.h"

bool
database_option(int value, struct database_settings *settings)
{
	switch (value) {
	case OPTION_DATABASE_URL:
		settings->url = optarg;
		settings->url_file = NULL;
		return true;
	case OPTION_DATABASE_URL_FILE:
		settings->url_file = optarg;
		return true;
	case OPTION_SCHEMA:
		settings->schema = optarg;
		return true;
	default:
		return false;
	}
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

bool
database_url_is_wrong(int error)
{
	return error == EINVAL || error == EBADMSG;
}
