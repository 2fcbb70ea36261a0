/* SPDX-License-Identifier: Apache-2.0 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "status.h"

char *
status_problem(const json_t *status, long long max_age_s)
{
	json_int_t stale = json_number(status, "stale_heartbeats", 0);
	json_int_t age = json_number(status, "head_age_s", 0);
	bool waits = max_age_s > 0 && age > max_age_s;
	char stopped[64] = "", waiting[64] = "";
	char *problem;

	if (stale > 0)
		snprintf(stopped, sizeof stopped,
		    "%" JSON_INTEGER_FORMAT " stale heartbeat%s", stale,
		    stale == 1 ? "" : "s");
	if (waits)
		snprintf(waiting, sizeof waiting,
		    "the oldest package waits for %" JSON_INTEGER_FORMAT " s",
		    age);
	return asprintf(&problem, "%s%s%s", stopped,
		   stale > 0 && waits ? ", " : "", waiting) == -1 ?
	    NULL :
	    problem;
}

/* jansson escapes all that is not ASCII, but not this one. Adds a newline. */
static char *
escape_delete(const char *text)
{
	char *escaped = calloc(strlen(text) + 1, sizeof "u007f");
	char *to = escaped;

	for (; escaped != NULL && *text != '\0'; text++)
		if (*text == 0x7f)
			to = stpcpy(to, "\\u007f");
		else
			*to++ = *text;
	if (escaped != NULL)
		strcpy(to, "\n");
	return escaped;
}

char *
status_json(json_t *status, const char *problem)
{
	json_t *shown = *problem == '\0' ?
	    json_pack("{s:s}", "status", "ok") :
	    json_pack("{s:s, s:s}", "status", "degraded", "error", problem);
	char *text = NULL, *escaped = NULL;

	if (shown != NULL && json_object_update_missing(shown, status) == 0)
		text = json_dumps(shown, JSON_ENSURE_ASCII | JSON_INDENT(2));
	if (text != NULL)
		escaped = escape_delete(text);
	json_decref(shown);
	free(text);
	return escaped;
}
