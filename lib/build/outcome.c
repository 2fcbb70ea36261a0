/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step for each file of the build directory, in the order in which they
 * overrule each other; the first that decides is the verdict. A file that
 * cannot be read, or says what it should not, is this host's failure and
 * never the package's.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "directory.h"
#include "outcome_step.h"
#include "reason.h"

const char *
outcome_name(enum outcome outcome)
{
	static const char *const names[] = {
	    [OUTCOME_SUCCESS] = "success",
	    [OUTCOME_FAILED] = "failed",
	    [OUTCOME_TIMEOUT_KILLED] = "timeout_killed",
	    [OUTCOME_INTERNAL_ERROR] = "internal_error",
	};

	return names[outcome];
}

const char *
outcome_answer(enum outcome outcome)
{
	return outcome == OUTCOME_INTERNAL_ERROR ? "released" :
						   outcome_name(outcome);
}

bool
outcome_is_answer(enum outcome outcome, const char *answer)
{
	return strcmp(answer, outcome_answer(outcome)) == 0 ||
	    (outcome == OUTCOME_INTERNAL_ERROR &&
		strcmp(answer, "given_up") == 0);
}

/* The outcome that a record of cc-complete names, or -1. */
static int
recorded_outcome(const json_t *record)
{
	const char *name = json_text(record, "outcome", "");

	for (int o = OUTCOME_SUCCESS; o <= OUTCOME_INTERNAL_ERROR; o++)
		if (strcmp(name, outcome_name((enum outcome)o)) == 0)
			return o;
	return -1;
}

/* What is written is the truth, whatever happened to the directory since. */
static int
read_record(const struct build *build, const json_t *record)
{
	struct verdict *verdict = build->verdict;
	int outcome = recorded_outcome(record);
	const char *answer = json_text(record, "answer", "");
	const char *reason = json_text(record, "reason", NULL);

	if (outcome == -1 || !outcome_is_answer((enum outcome)outcome, answer))
		return NOT_DECIDED;
	verdict->is_written = true;
	step_note_status(build, json_number(record, "exit_status", -1));
	step_note_signal(build, json_text(record, "exit_signal", NULL));
	verdict->has_artifact =
	    json_is_string(json_object_get(record, "artifact_sha256"));
	return step_decide(build, (enum outcome)outcome,
	    reason == NULL ? NULL : reason_format("%s", reason));
}

static int
judge_record(struct build *build)
{
	json_t *record;
	int result = step_load(build, RECORD_FILE, &record);

	if (record != NULL)
		result = read_record(build, record);
	json_decref(record);
	return result;
}

static int
read_end(const struct build *build, const json_t *ended)
{
	struct verdict *verdict = build->verdict;
	const char *why = json_text(ended, "why", "");

	if (strcmp(why, "superseded") == 0)
		return step_decide(build, OUTCOME_FAILED,
		    reason_format("superseded by a newer version"));
	verdict->was_killed = strcmp(why, "killed") == 0;
	verdict->interrupted = strcmp(why, "interrupted") == 0;
	if (verdict->was_killed)
		return step_decide(build, OUTCOME_INTERNAL_ERROR,
		    reason_format("the build's chain was killed by %s",
			json_text(ended, "signal", "a signal")));
	return step_error(build,
	    verdict->interrupted	 ? "the worker was asked to stop" :
		strcmp(why, "lost") == 0 ? "claim lost" :
					   ENDED_FILE " is damaged");
}

static int
judge_ended(struct build *build)
{
	json_t *ended;
	int result = step_load(build, ENDED_FILE, &ended);

	if (ended != NULL)
		result = read_end(build, ended);
	json_decref(ended);
	return result;
}

static int
judge_refusal(
    const struct build *build, const json_t *object, const char *prefix)
{
	const char *refusal = json_text(object, "refusal", NULL);

	return refusal == NULL ? NOT_DECIDED :
				 step_decide(build, OUTCOME_FAILED,
				     reason_format("%s%s", prefix, refusal));
}

static int
judge_fetch(struct build *build)
{
	json_t *fetch;
	int result = step_load(build, FETCH_FILE, &fetch);

	if (fetch != NULL)
		result = judge_refusal(build, fetch, "");
	const char *want = json_text(fetch, "unavailable", NULL);
	if (result == NOT_DECIDED && want != NULL) {
		build->verdict->of_row = true;
		result = step_decide(build, OUTCOME_INTERNAL_ERROR,
		    reason_format("the archive cannot be had: %s", want));
	}
	json_decref(fetch);
	return result;
}

static bool
exists(const struct build *build, const char *name)
{
	struct stat st;

	return fstatat(build->directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * cc-unpack clears away when it fails, so what lies there tells of a kill: an
 * archive that brings it down each time must not be unpacked for ever.
 */
static int
miss_unpack(struct build *build)
{
	bool was_killed =
	    exists(build, SOURCE_NEW) || exists(build, SOURCE_DIRECTORY);

	build->verdict->was_killed = was_killed;
	return step_error(build,
	    was_killed ? "cc-unpack was killed" :
			 "the archive was not unpacked");
}

static int
judge_unpack(struct build *build)
{
	int result = step_load(build, UNPACK_FILE, &build->unpack);

	if (result != NOT_DECIDED)
		return result;
	if (build->unpack == NULL)
		return miss_unpack(build);
	result = judge_refusal(build, build->unpack, "archive refused: ");
	if (result != NOT_DECIDED)
		return result;
	const char *language = json_text(build->unpack, "language", NULL);
	if (language == NULL)
		return step_error(build, UNPACK_FILE " names no language");
	if (strcmp(language, "rust") == 0)
		return NOT_DECIDED;
	/* An empty artifact is for what needs no compiler, never a guess. */
	return strcmp(language, "python") == 0 ?
	    step_decide(build, OUTCOME_SUCCESS, NULL) :
	    step_decide(build, OUTCOME_FAILED,
		reason_format("language '%s' is not known: rust and python are",
		    language));
}

static int (*const steps[])(struct build *) = {
    judge_record,
    judge_ended,
    judge_fetch,
    judge_unpack,
    judge_run,
    judge_sandbox,
    judge_end,
    judge_artifact,
};

static int
judge_from(size_t step, int directory, struct verdict *verdict)
{
	const struct verdict none = {
	    .outcome = OUTCOME_INTERNAL_ERROR, .exit_status = -1};
	struct build build = {directory, verdict, NULL, NULL, NULL};
	int result = NOT_DECIDED;

	*verdict = none;
	while (result == NOT_DECIDED)
		result = steps[step++](&build);
	json_decref(build.unpack);
	json_decref(build.run);
	json_decref(build.sandbox);
	if (result == DECIDED)
		return 0;
	errno = ENOMEM;
	return -1;
}

int
outcome_judge(int directory, struct verdict *verdict)
{
	return judge_from(0, directory, verdict);
}

int
outcome_judge_build(int directory, struct verdict *verdict)
{
	return judge_from(2, directory, verdict);
}

void
outcome_free(struct verdict *verdict)
{
	free(verdict->reason);
	verdict->reason = NULL;
}
