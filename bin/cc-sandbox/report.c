/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "session.h"

void
sandbox_session_take(struct sandbox_session *session, const char *path,
    const char *file, uint64_t most)
{
	int status = session->result.status;

	if (!session->result.has_begun || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0)
		return;
	session->is_asked = true;
	session->artifact = ARTIFACT_FAILED;
	char *directory = strdup(file), *name = strdup(file);
	int to = directory == NULL || name == NULL ?
	    -1 :
	    open_directory(dirname(directory));
	if (to != -1)
		session->artifact = artifact_take(session->result.target, path,
		    to, basename(name), most, &session->artifact_bytes);
	session->artifact_errno = errno;
	if (to != -1)
		(void)close(to);
	free(directory);
	free(name);
}

const char *
sandbox_session_artifact_error(
    const struct sandbox_session *session, char *text, size_t size)
{
	if (!session->is_asked || session->artifact == ARTIFACT_TAKEN)
		return NULL;
	if (session->artifact == ARTIFACT_FAILED)
		snprintf(text, size, "%s: %s",
		    artifact_explain(session->artifact),
		    strerror(session->artifact_errno));
	else
		snprintf(text, size, "%s", artifact_explain(session->artifact));
	return text;
}

static const char *
artifact_name(const struct sandbox_session *session)
{
	if (!session->has_ended)
		return ARTIFACT_PENDING;
	return session->is_asked ? artifact_word(session->artifact) :
				   "not_asked";
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

int
sandbox_session_report(const struct sandbox_session *session)
{
	char text[300];

	if (session->report_to == -1)
		return 0;
	const char *said = error_text(session);
	char *error = said == NULL ?
	    NULL :
	    text_clean_tail(said, strlen(said), strlen(said));
	json_t *object = json_pack("{s:i, s:s, s:b, s:s?, s:s, s:I, s:s?}",
	    "version", 1, "level", sandbox_level_name(session->level),
	    "started", session->result.has_begun, "error", error, "artifact",
	    artifact_name(session), "artifact_bytes",
	    (json_int_t)session->artifact_bytes, "artifact_error",
	    sandbox_session_artifact_error(session, text, sizeof text));

	free(error);
	if (object == NULL) {
		errno = ENOMEM;
		return -1;
	}
	int result = json_store_at(session->report_to, "sandbox.json", object);
	json_decref(object);
	return result;
}
