/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/parse.h"
#include "row.h"

/* A column's text; "" where there is no such column. */
static const char *
column(const PGresult *result, const char *name)
{
	int number = PQfnumber(result, name);

	return number != -1 ? PQgetvalue(result, 0, number) : "";
}

static int
copy_uuid(const PGresult *result, const char *name, char text[UUID_TEXT])
{
	const char *found = column(result, name);

	if (!uuid_is_valid(found)) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(text, found, UUID_TEXT);
	return 0;
}

static int
copy_text(const PGresult *result, const char *name, char **text)
{
	*text = strdup(column(result, name));
	return *text == NULL ? -1 : 0;
}

static int
read_columns(const PGresult *result, struct claim *claim)
{
	uint64_t attempt;

	if (copy_uuid(result, "id", claim->build_claim_id) == -1 ||
	    copy_uuid(result, "registry_id", claim->registry_id) == -1)
		return -1;
	if (parse_count(column(result, "attempts"), 1, INT32_MAX, &attempt) ==
	    -1) {
		errno = EBADMSG;
		return -1;
	}
	claim->attempt = (int)attempt;
	if (copy_text(result, "package_name", &claim->package_name) == -1 ||
	    copy_text(result, "version", &claim->package_version) == -1)
		return -1;
	return copy_text(result, "storage_type", &claim->storage_type);
}

int
claim_row_read(
    const PGresult *result, struct claim *claim, char *created_at, size_t size)
{
	struct claim found = {.package_name = NULL};
	const char *created = column(result, "created_at");

	if (read_columns(result, &found) == -1) {
		claim_free(&found);
		return -1;
	}
	/* Only a watermark: where it does not fit, the next goes without. */
	if (strlen(created) < size)
		strcpy(created_at, created);
	else
		*created_at = '\0';
	*claim = found;
	return 0;
}
