/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One use of the sandbox: the levels that a mode allows, tried from the
 * strongest to the weakest until the command begins at one.
 */
#ifndef SANDBOX_SESSION_H
#define SANDBOX_SESSION_H

#include <jansson.h>

#include "confine/sandbox_mode.h"
#include "out.h"
#include "probe.h"
#include "request.h"
#include "scratch.h"

struct sandbox_session {
	enum sandbox_mode mode;
	const char *directory; /* the trusted one, or NULL */
	int report_to;	       /* descriptor of it, or -1 */
	struct sandbox_request request;
	/* What came of it. */
	enum sandbox_level level;
	struct sandbox_result result;
	struct sandbox_finding refused[3]; /* by level; reason empty: not */
	struct scratch scratch;
	bool has_ended; /* the command by itself, or every attempt */
	struct out_list outs;
};

/*
 * Runs the command at the first level that can be had, and waits until no
 * process of it is left. The report is written when the command has begun,
 * for a reader whom a killed sandbox leaves nothing else. The scratch directory stays, for the files'
 * sake, until sandbox_session_end.
 */
void sandbox_session_run(struct sandbox_session *session);

/*
 * Takes the files that are to come out of the command's target directory,
 * when the command ended with 0; else nothing is asked.
 */
void sandbox_session_take(struct sandbox_session *session, uint64_t most);

/* Writes sandbox.json to report_to, if any. 0, or -1 with errno. */
int sandbox_session_report(const struct sandbox_session *session);

/*
 * What this host can do, and whether the mode can be had here. NULL: no
 * memory.
 */
json_t *sandbox_session_probe(struct sandbox_session *session, bool *works);

/* Removes the scratch directory. 0 or -1 with errno. */
int sandbox_session_end(struct sandbox_session *session);

#endif
