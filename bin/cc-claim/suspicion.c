/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "build/directory.h"
#include "suspicion.h"

struct come_back
suspicion_read(int directory)
{
	struct come_back back = {.is_of_row = false};
	json_t *record = json_load_at(directory, RECORD_FILE);
	const char *reason = json_text(record, "reason", "");

	/* What follows the colon differs from row to row. */
	snprintf(back.reason, sizeof back.reason, "%.*s",
	    (int)strcspn(reason, ":"), reason);
	back.is_of_row = json_is_true(json_object_get(record, "of_row"));
	json_decref(record);
	return back;
}

static bool
is_known(const struct suspicion *s, const char *row)
{
	for (int i = 0; i < s->count; i++)
		if (strcmp(s->rows[i], row) == 0)
			return true;
	return false;
}

bool
suspicion_add(struct suspicion *s, const char *row, const char *reason)
{
	if (strcmp(s->reason, reason) != 0)
		suspicion_clear(s);
	snprintf(s->reason, sizeof s->reason, "%s", reason);
	if (is_known(s, row))
		return false;
	if (s->count == SUSPICION_ROWS) {
		memmove(s->rows[0], s->rows[1], sizeof s->rows - UUID_TEXT);
		s->count--;
	}
	snprintf(s->rows[s->count++], UUID_TEXT, "%s", row);
	return s->count == SUSPICION_ROWS;
}

void
suspicion_clear(struct suspicion *s)
{
	*s = (struct suspicion){.count = 0};
}
