/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "bwrap_command.h"
#include "session.h"
#include "tree_size.h"

/* Weaker and weaker, as far as the mode allows. */
static int
first_level(enum sandbox_mode mode)
{
	return mode == SANDBOX_OFF ? SANDBOX_NONE : SANDBOX_BWRAP;
}

static int
last_level(enum sandbox_mode mode)
{
	return mode == SANDBOX_REQUIRED ? SANDBOX_BWRAP : SANDBOX_NONE;
}

/* A new scratch directory; the attempt before may have left things in it. */
static int
prepare_scratch(struct sandbox_session *session, enum sandbox_level level)
{
	if (level == SANDBOX_BWRAP)
		return 0;
	if (scratch_remove(&session->scratch) == -1)
		return -1;
	return scratch_make(session->directory, &session->scratch);
}

static void
try_level(struct sandbox_session *session, enum sandbox_level level)
{
	struct sandbox_result *result = &session->result;

	session->level = level;
	close_keeping_errno(result->target);
	*result = (struct sandbox_result){.target = -1};
	if (prepare_scratch(session, level) == -1)
		snprintf(result->error, sizeof result->error,
		    "cannot make the scratch directory: %s", strerror(errno));
	else
		sandbox_try(
		    level, &session->request, session->scratch.path, result);
}

/*
 * The source's size is its author's, and the limit is the operator's: as with
 * every other limit, to try again would not help.
 */
static void
explain_copy(struct sandbox_session *session)
{
	struct sandbox_result *result = &session->result;
	const struct sandbox_request *request = &session->request;
	uint64_t bytes;

	result->is_broken = true;
	result->is_refused = tree_size(request->source, &bytes) == 0 &&
	    bytes > request->target_size;
	if (result->is_refused)
		snprintf(result->error, sizeof result->error,
		    "a writable copy of the source takes %llu bytes of the "
		    "target directory, and --target-size is %llu",
		    (unsigned long long)bytes,
		    (unsigned long long)request->target_size);
	else
		snprintf(result->error, sizeof result->error,
		    "cannot copy the source into the target directory");
}

static bool
has_copy_failed(const struct sandbox_session *session)
{
	return session->level == SANDBOX_BWRAP &&
	    session->request.source_is_writable &&
	    WIFEXITED(session->result.status) &&
	    WEXITSTATUS(session->result.status) == BWRAP_COPY_FAILED;
}

/* Why the level was refused; bubblewrap's own word is got by a new run. */
static void
explain(struct sandbox_session *session, struct sandbox_finding *finding)
{
	const struct sandbox_result *result = &session->result;

	if (result->error[0] == '\0') {
		sandbox_probe(session->level, &session->request,
		    session->scratch.path, finding);
		if (!finding->works)
			return;
		snprintf(finding->reason, sizeof finding->reason,
		    "it ended with wait status %d, and works now",
		    result->status);
		finding->works = false;
		return;
	}
	snprintf(finding->reason, sizeof finding->reason, "%s", result->error);
	finding->remedy = sandbox_remedy(finding->reason);
}

/*
 * One that cannot be written now is missed at the end, and told then. The
 * result knows of a beginning only when all have ended.
 */
static void
report_begin(void *context)
{
	const struct sandbox_session *session = context;
	struct sandbox_session begun = *session;

	begun.result.has_begun = true;
	(void)sandbox_session_report(&begun);
}

static void
try_levels(struct sandbox_session *session)
{
	const struct sandbox_result *result = &session->result;
	int level = first_level(session->mode);
	int last = last_level(session->mode);

	for (; level >= last; level--) {
		try_level(session, (enum sandbox_level)level);
		if (result->has_begun || result->exec_errno != 0 ||
		    result->signal != 0)
			return;
		if (has_copy_failed(session))
			explain_copy(session);
		else
			explain(session, &session->refused[level]);
		if (result->is_broken)
			return;
	}
}

void
sandbox_session_run(struct sandbox_session *session)
{
	session->request.begun = report_begin;
	session->request.begun_context = session;
	try_levels(session);
	/* One that a signal to us cut short says nothing of the command, and
	 * nothing may be taken from processes that could not be ended. */
	session->has_ended = session->result.signal == 0 &&
	    !(session->result.has_begun && session->result.is_broken);
}

static json_t *
finding_json(const struct sandbox_finding *finding)
{
	return json_pack("{s:b, s:s?, s:s?}", "works", finding->works, "reason",
	    finding->reason[0] == '\0' ? NULL : finding->reason, "remedy",
	    finding->remedy);
}

static void
probe_level(struct sandbox_session *session, enum sandbox_level level)
{
	struct sandbox_finding *finding = &session->refused[level];

	if (prepare_scratch(session, level) == -1)
		snprintf(finding->reason, sizeof finding->reason,
		    "cannot make the scratch directory: %s", strerror(errno));
	else
		sandbox_probe(
		    level, &session->request, session->scratch.path, finding);
}

json_t *
sandbox_session_probe(struct sandbox_session *session, bool *works)
{
	const struct sandbox_finding *found = session->refused;
	int best = SANDBOX_NONE;

	for (int level = SANDBOX_BWRAP; level >= SANDBOX_NONE; level--) {
		probe_level(session, (enum sandbox_level)level);
		if (found[level].works && best < level)
			best = level;
	}
	*works = found[SANDBOX_NONE].works && best >= last_level(session->mode);
	return json_pack("{s:i, s:s, s:o, s:o, s:o}", "version", 1, "level",
	    sandbox_level_name((enum sandbox_level)best), "bwrap",
	    finding_json(&found[SANDBOX_BWRAP]), "landlock",
	    finding_json(&found[SANDBOX_LANDLOCK]), "none",
	    finding_json(&found[SANDBOX_NONE]));
}

int
sandbox_session_end(struct sandbox_session *session)
{
	close_keeping_errno(session->result.target);
	session->result.target = -1;
	return scratch_remove(&session->scratch);
}
