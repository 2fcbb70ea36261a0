/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>

#include "audit/audit_log.h"
#include "base/json.h"
#include "swept.h"

/* The columns of the statements. */
enum { ID, NAME, VERSION_COLUMN, ACTION, ATTEMPTS, TOKEN, INSTANCE, SINCE };

static json_t *
column(const PGresult *result, int row, int number)
{
	if (PQgetisnull(result, row, number))
		return json_null();
	const char *text = PQgetvalue(result, row, number);
	if (number == ATTEMPTS)
		return json_integer(atoll(text));
	json_t *value = json_string(text);
	/* A database of encoding SQL_ASCII holds whatever it was given. */
	return value != NULL ? value : json_string("<not UTF-8>");
}

json_t *
swept_row(const PGresult *result, int row)
{
	static const char *const names[] = {"id", "package_name", "version",
	    "action", "attempts", "claim_token", "compiler_instance_id",
	    "stale_since"};
	json_t *object = json_object();

	for (int i = ID; i <= SINCE; i++)
		if (json_object_set_new(
			object, names[i], column(result, row, i)) == -1) {
			json_decref(object);
			return NULL;
		}
	return object;
}

static int
copy(json_t *event, const char *name, const json_t *row, const char *from)
{
	json_t *value = json_object_get(row, from);

	return json_is_null(value) ?
	    json_object_set_new(event, name, json_string("<none>")) :
	    json_object_set(event, name, value);
}

json_t *
swept_event(const json_t *row)
{
	static const char *const members[][2] = {
	    {"build_claim_id", "id"},
	    {"package_name", "package_name"},
	    {"package_version", "version"},
	    {"compiler_instance_id", "compiler_instance_id"},
	    {"claim_token", "claim_token"},
	    {"attempts", "attempts"},
	    {"action", "action"},
	    {"stale_since", "stale_since"},
	};
	json_t *event = audit_event("WARN", "compiler.build.swept");

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (copy(event, members[i][0], row, members[i][1]) == -1) {
			json_decref(event);
			return NULL;
		}
	return event;
}
