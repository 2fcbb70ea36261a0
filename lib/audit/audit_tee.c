/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit_line.h"
#include "audit_tee.h"
#include "base/files.h"
#include "base/text.h"

/* Six times as long once escaped, still below the journal's 48 KiB. */
enum { REASON_SHOWN = 4096 };

/* A copy of the event that fits, or NULL: no memory. */
static json_t *
shorten(const json_t *event)
{
	json_t *copy = json_deep_copy(event);
	const json_t *reason = json_object_get(event, "failure_reason");
	size_t length = json_string_length(reason);

	if (copy == NULL || length <= REASON_SHOWN)
		return copy;
	char *tail =
	    text_clean_tail(json_string_value(reason), length, REASON_SHOWN);
	int result = json_object_set_new(
	    copy, "failure_reason", tail == NULL ? NULL : json_string(tail));
	free(tail);
	if (result == 0)
		return copy;
	json_decref(copy);
	return NULL;
}

int
audit_tee(int out, const json_t *event)
{
	size_t length;
	json_t *copy = shorten(event);
	char *line = copy == NULL ? NULL : audit_line(copy, &length);

	json_decref(copy);
	if (line == NULL) {
		errno = ENOMEM;
		return -1;
	}
	int result = write_all(out, line + 1, length - 1);
	free(line);
	return result;
}
