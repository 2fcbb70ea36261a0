/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the verdict that needs a build: how it ran, whether it ran in
 * its sandbox, how cargo ended, and what came out.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "artifact_word.h"
#include "base/parse.h"
#include "base/signal_name.h"
#include "base/text.h"
#include "database/database_most.h"
#include "directory.h"
#include "outcome_step.h"
#include "reason.h"

/* The command was at work, as the sandbox's report says from its beginning. */
static bool
has_begun(const struct build *build)
{
	return json_is_true(json_object_get(build->sandbox, "started"));
}

/*
 * The runner's report is published at its end, so its rest tells of a kill;
 * and where cargo has begun, the runner did not end as it should.
 */
static int
miss_run(const struct build *build, struct verdict *verdict)
{
	verdict->was_killed = has_begun(build) || build_holds(build, RUN_NEW);
	if (json_is_null(build->sandbox))
		return step_damaged(verdict, SANDBOX_FILE);
	return step_error(verdict,
	    verdict->was_killed ? "the runner of the build was killed" :
				  "the build was not run");
}

static bool
run_ended_as(const struct build *build, const char *outcome)
{
	return strcmp(json_text(build->run, "outcome", ""), outcome) == 0;
}

/*
 * How cargo ended. bwrap and shells turn a signal into 128 + n; the guide's
 * recipe wants its name.
 */
static void
note_status(const struct build *build, struct verdict *verdict)
{
	json_int_t status = json_number(build->run, "exit_status", -1);
	char name[SIGNAL_NAME];

	step_note_signal(verdict, json_text(build->run, "exit_signal", NULL));
	if (*verdict->exit_signal != '\0')
		return;
	if (status > 128 && status < 160)
		step_note_signal(
		    verdict, signal_name((int)status - 128, name, sizeof name));
	else
		step_note_status(verdict, status);
}

/* The limit where the report has it, else how long it took. */
static int
decide_timeout(const struct build *build, struct verdict *verdict,
    const char *limit, const char *what)
{
	json_int_t ms = json_number(build->run, limit, 0);
	char line[80];

	if (ms <= 0)
		ms = json_number(build->run, "wall_clock_ms", 0);
	note_status(build, verdict);
	snprintf(line, sizeof line, "timed out after %.*f s%s",
	    ms % 1000 == 0 ? 0 : 1, (double)ms / 1000, what);
	return step_decide(verdict, OUTCOME_TIMEOUT_KILLED,
	    reason_with_output(build->directory, line));
}

/* The runner's own failure, or what it could not run. */
static int
decide_not_run(
    const struct build *build, struct verdict *verdict, const char *what)
{
	return step_decide(verdict, OUTCOME_INTERNAL_ERROR,
	    reason_format("%s: %s", what,
		json_text(build->run, "error", RUN_FILE " does not say why")));
}

/* Also where the sandbox died with the rest, and left no report. */
static int
decide_out_of_memory(const struct build *build, struct verdict *verdict)
{
	const json_t *limit = json_object_get(
	    json_object_get(build->run, "limits"), "cgroup_mem");
	char line[80], most[32];

	note_status(build, verdict);
	format_size(
	    (uint64_t)json_number(limit, "effective", 0), most, sizeof most);
	snprintf(line, sizeof line,
	    "out of memory: the build used more than %s", most);
	return step_decide(verdict, OUTCOME_FAILED,
	    reason_with_output(build->directory, line));
}

int
judge_run(const struct build *build, struct verdict *verdict)
{
	if (build->run == NULL)
		return miss_run(build, verdict);
	if (json_is_null(build->run))
		return step_damaged(verdict, RUN_FILE);
	if (run_ended_as(build, "timeout"))
		return decide_timeout(build, verdict, "timeout_ms", "");
	if (run_ended_as(build, "idle_timeout"))
		return decide_timeout(build, verdict, "", ", without output");
	if (run_ended_as(build, "setup_failed"))
		return decide_not_run(
		    build, verdict, "the limits could not be set");
	if (run_ended_as(build, "exec_failed"))
		return decide_not_run(
		    build, verdict, "the sandbox could not be run");
	if (run_ended_as(build, "interrupted"))
		return step_error(verdict, "the runner was asked to stop");
	if (run_ended_as(build, "oom"))
		return decide_out_of_memory(build, verdict);
	return NOT_DECIDED;
}

/* The one from its beginning, which its end was to replace, is none. */
static bool
has_sandbox_report(const struct build *build)
{
	return build->sandbox != NULL &&
	    strcmp(json_text(build->sandbox, "artifact", ""),
		ARTIFACT_PENDING) != 0;
}

static int
decide_sandbox_cut_short(const struct build *build, struct verdict *verdict)
{
	const char *error = json_text(build->sandbox, "error", NULL);

	return step_decide(verdict, OUTCOME_INTERNAL_ERROR,
	    reason_format("the sandbox left no report%s%s",
		error == NULL ? "" : ": ", error == NULL ? "" : error));
}

/*
 * Before the sandbox stood, cargo did not run; what ended it counts as an
 * attempt where it may be the package's doing.
 */
int
judge_sandbox(const struct build *build, struct verdict *verdict)
{
	if (has_sandbox_report(build) && has_begun(build))
		return NOT_DECIDED;
	verdict->was_killed = has_begun(build) ||
	    run_ended_as(build, "signaled") || run_ended_as(build, "cpu_limit");
	if (json_is_null(build->sandbox))
		return step_damaged(verdict, SANDBOX_FILE);
	if (!has_sandbox_report(build))
		return decide_sandbox_cut_short(build, verdict);
	if (json_is_true(json_object_get(build->sandbox, "refused")))
		return step_decide(verdict, OUTCOME_FAILED,
		    reason_format(
			"%s", json_text(build->sandbox, "error", "refused")));
	return step_decide(verdict, OUTCOME_INTERNAL_ERROR,
	    reason_format("the sandbox could not be set up: %s",
		json_text(build->sandbox, "error", "it does not say why")));
}

/*
 * Takes the reason, and adds what the package brought along for cargo and the
 * build did not heed: it is often why it fails here alone.
 */
static char *
with_ignored(const struct build *build, char *reason)
{
	json_t *ignored = json_object_get(build->unpack, "ignored"), *line;
	size_t i;

	json_array_foreach(ignored, i, line)
	{
		if (!json_is_string(line) || reason == NULL)
			continue;
		char *longer = reason_format(
		    "%s\nnote: %s", reason, json_string_value(line));
		free(reason);
		reason = longer;
	}
	return reason;
}

static int
decide_failure(const struct build *build, struct verdict *verdict)
{
	char line[80];

	snprintf(line, sizeof line, "cargo failed with exit status %d",
	    verdict->exit_status);
	return step_decide(verdict, OUTCOME_FAILED,
	    with_ignored(build, reason_from_output(build->directory, line)));
}

/*
 * The runner's child is cc-sandbox, which turns a signal of cargo's into 128
 * + n: it died itself, and how cargo would have ended is not known.
 */
static int
decide_sandbox_killed(struct verdict *verdict)
{
	const char *signal = verdict->exit_signal;

	verdict->was_killed = true;
	return step_decide(verdict, OUTCOME_INTERNAL_ERROR,
	    reason_format("the sandbox was killed by %s",
		*signal != '\0' ? signal : "a signal"));
}

int
judge_cargo_end(const struct build *build, struct verdict *verdict)
{
	char line[80];

	note_status(build, verdict);
	if (run_ended_as(build, "signaled"))
		return decide_sandbox_killed(verdict);
	if (run_ended_as(build, "cpu_limit"))
		snprintf(line, sizeof line, "cargo used up its CPU time");
	else if (*verdict->exit_signal != '\0')
		snprintf(line, sizeof line, "cargo was killed by %s",
		    verdict->exit_signal);
	else if (!run_ended_as(build, "exited") || verdict->exit_status < 0)
		return step_damaged(verdict, RUN_FILE);
	else if (verdict->exit_status == 0)
		return NOT_DECIDED;
	else
		return decide_failure(build, verdict);
	return step_decide(verdict, OUTCOME_FAILED,
	    reason_with_output(build->directory, line));
}

static bool
is_at_hand(const struct build *build)
{
	struct stat st;

	return fstatat(build->directory, ARTIFACT_FILE, &st,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) &&
	    st.st_size == json_number(build->sandbox, "artifact_bytes", -1);
}

static int
decide_no_library(const struct build *build, struct verdict *verdict,
    enum artifact_result result)
{
	const char *name = json_text(build->unpack, "library_name", "?");
	const char *advice = result == ARTIFACT_MISSING ?
	    ": either Cargo.toml has no [lib] crate-type = [\"cdylib\"], or "
	    "the worker's cargo flags build no library" :
	    "";
	char shown[300];

	text_visible(name, strlen(name), shown, sizeof shown);
	char *reason = reason_format(
	    "lib%s.so %s%s", shown, artifact_explain(result), advice);
	return step_decide(
	    verdict, OUTCOME_FAILED, with_ignored(build, reason));
}

/* cc-sandbox brings no such file out; another command may. */
static int
decide_unstorable(struct verdict *verdict, json_int_t bytes)
{
	return step_decide(verdict, OUTCOME_FAILED,
	    reason_format("the library has %lld bytes, PostgreSQL holds %llu "
			  "at the most",
		(long long)bytes, (unsigned long long)DATABASE_VALUE_MOST));
}

int
judge_artifact(const struct build *build, struct verdict *verdict)
{
	json_int_t bytes = json_number(build->sandbox, "artifact_bytes", 0);
	const char *name = json_text(build->sandbox, "artifact", "");

	if (strcmp(name, artifact_word(ARTIFACT_TAKEN)) == 0) {
		if (!is_at_hand(build))
			return step_error(verdict,
			    "the artifact is not what was brought out");
		if (bytes > (json_int_t)DATABASE_VALUE_MOST)
			return decide_unstorable(verdict, bytes);
		verdict->has_artifact = true;
		return step_decide(verdict, OUTCOME_SUCCESS, NULL);
	}
	for (int a = ARTIFACT_MISSING; a < ARTIFACT_FAILED; a++)
		if (strcmp(name, artifact_word((enum artifact_result)a)) == 0)
			return decide_no_library(
			    build, verdict, (enum artifact_result)a);
	return step_decide(verdict, OUTCOME_INTERNAL_ERROR,
	    reason_format("the artifact could not be brought out: %s",
		json_text(build->sandbox, "artifact_error", name)));
}
