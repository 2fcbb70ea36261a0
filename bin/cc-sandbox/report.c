/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/json.h"
#include "base/text.h"
#include "build/directory.h"
#include "let_in.h"
#include "session.h"

void
sandbox_session_take(struct sandbox_session *session, uint64_t most)
{
	int status = session->result.status;

	if (session->has_ended && session->result.has_begun &&
	    WIFEXITED(status) && WEXITSTATUS(status) == 0)
		out_take(&session->outs, session->result.target, most);
}

/* Why no level, or not the strongest, could be had; NULL: nothing to say. */
static const char *
error_text(const struct sandbox_session *session)
{
	if (session->result.error[0] != '\0')
		return session->result.error;
	for (int level = SANDBOX_BWRAP; level >= SANDBOX_NONE; level--)
		if (session->refused[level].reason[0] != '\0')
			return session->refused[level].reason;
	return NULL;
}

/* The first file's result is the report's own; a command may have none. */
static int
add_outs(json_t *object, const struct sandbox_session *session)
{
	static const struct out none = {.is_asked = false};
	const struct out_list *list = &session->outs;
	json_t *first = out_json(
	    list->count == 0 ? &none : &list->outs[0], session->has_ended);
	int result = json_object_update(object, first);

	json_decref(first);
	if (result == -1 || list->count < 2)
		return result;
	return json_object_set_new(
	    object, "others", out_json_others(list, session->has_ended));
}

static json_t *
compose(const struct sandbox_session *session)
{
	const char *said = error_text(session);
	char *error = said == NULL ?
	    NULL :
	    text_clean_tail(said, strlen(said), strlen(said));
	json_t *object = json_pack("{s:i, s:s, s:b, s:s?, s:o*}", "version", 1,
	    "level", sandbox_level_name(session->level), "started",
	    session->result.has_begun, "error", error, "refused",
	    session->result.is_refused ? json_true() : NULL);

	free(error);
	if (object != NULL && add_outs(object, session) == 0 &&
	    let_in_report(object, &session->request) == 0)
		return object;
	json_decref(object);
	return NULL;
}

int
sandbox_session_report(const struct sandbox_session *session)
{
	if (session->report_to == -1)
		return 0;
	return json_put_at(session->report_to, SANDBOX_FILE, compose(session));
}
