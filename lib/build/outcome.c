/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step for each file of the build directory, in the order in which they
 * overrule each other; the first that decides is the verdict. A file that
 * cannot be read, or says what it should not, is this host's failure and
 * never the package's.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static int
find(const char *word, const char *(*word_of)(enum outcome))
{
	for (int o = OUTCOME_SUCCESS; o <= OUTCOME_INTERNAL_ERROR; o++)
		if (strcmp(word, word_of((enum outcome)o)) == 0)
			return o;
	return -1;
}

int
outcome_find_answer(const char *answer)
{
	return find(answer, outcome_answer);
}

/* What is written is the truth, whatever happened to the directory since. */
static int
judge_record(const struct build *build, struct verdict *verdict)
{
	const json_t *record = build->record;
	int outcome = find(json_text(record, "outcome", ""), outcome_name);
	const char *answer = json_text(record, "answer", "");
	const char *reason = json_text(record, "reason", NULL);

	if (json_is_null(record))
		return step_damaged(verdict, RECORD_FILE);
	if (outcome == -1 || !outcome_is_answer((enum outcome)outcome, answer))
		return NOT_DECIDED;
	verdict->is_written = true;
	step_note_status(verdict, json_number(record, "exit_status", -1));
	step_note_signal(verdict, json_text(record, "exit_signal", NULL));
	verdict->has_artifact =
	    json_is_string(json_object_get(record, "artifact_sha256"));
	return step_decide(verdict, (enum outcome)outcome,
	    reason == NULL ? NULL : reason_format("%s", reason));
}

static int
judge_chain_end(const struct build *build, struct verdict *verdict)
{
	const char *why = json_text(build->ended, "why", "");

	if (build->ended == NULL)
		return NOT_DECIDED;
	if (strcmp(why, "superseded") == 0)
		return step_decide(verdict, OUTCOME_FAILED,
		    reason_format("superseded by a newer version"));
	verdict->was_killed = strcmp(why, "killed") == 0;
	verdict->interrupted = strcmp(why, "interrupted") == 0;
	if (verdict->was_killed)
		return step_decide(verdict, OUTCOME_INTERNAL_ERROR,
		    reason_format("the build's chain was killed by %s",
			json_text(build->ended, "signal", "a signal")));
	if (verdict->interrupted)
		return step_error(verdict, "the worker was asked to stop");
	return strcmp(why, "lost") == 0 ? step_error(verdict, "claim lost") :
					  step_damaged(verdict, ENDED_FILE);
}

static int
judge_refusal(const json_t *report, const char *prefix, struct verdict *verdict)
{
	const char *refusal = json_text(report, "refusal", NULL);

	return refusal == NULL ? NOT_DECIDED :
				 step_decide(verdict, OUTCOME_FAILED,
				     reason_format("%s%s", prefix, refusal));
}

static int
judge_fetch(const struct build *build, struct verdict *verdict)
{
	const char *want = json_text(build->fetch, "unavailable", NULL);

	if (json_is_null(build->fetch))
		return step_damaged(verdict, FETCH_FILE);
	int result = judge_refusal(build->fetch, "", verdict);
	if (result != NOT_DECIDED || want == NULL)
		return result;
	verdict->of_row = true;
	return step_decide(verdict, OUTCOME_INTERNAL_ERROR,
	    reason_format("the archive cannot be had: %s", want));
}

/*
 * cc-unpack clears away when it fails, so what lies there tells of a kill: an
 * archive that brings it down each time must not be unpacked for ever.
 */
static int
miss_unpack(const struct build *build, struct verdict *verdict)
{
	verdict->was_killed = build_holds(build, SOURCE_NEW) ||
	    build_holds(build, SOURCE_DIRECTORY);
	return step_error(verdict,
	    verdict->was_killed ? "cc-unpack was killed" :
				  "the archive was not unpacked");
}

static int
judge_unpack(const struct build *build, struct verdict *verdict)
{
	const char *language = json_text(build->unpack, "language", NULL);

	if (build->unpack == NULL)
		return miss_unpack(build, verdict);
	if (json_is_null(build->unpack))
		return step_damaged(verdict, UNPACK_FILE);
	int result = judge_refusal(build->unpack, "archive refused: ", verdict);
	if (result != NOT_DECIDED)
		return result;
	if (language == NULL)
		return step_error(verdict, UNPACK_FILE " names no language");
	if (strcmp(language, "rust") == 0)
		return NOT_DECIDED;
	/* An empty artifact is for what needs no compiler, never a guess. */
	return strcmp(language, "python") == 0 ?
	    step_decide(verdict, OUTCOME_SUCCESS, NULL) :
	    step_decide(verdict, OUTCOME_FAILED,
		reason_format("language '%s' is not known: rust and python are",
		    language));
}

static int (*const steps[])(const struct build *, struct verdict *) = {
    judge_record,
    judge_chain_end,
    judge_fetch,
    judge_unpack,
    judge_run,
    judge_sandbox,
    judge_cargo_end,
    judge_artifact,
};

int
outcome_judge(const struct build *build, struct verdict *verdict)
{
	int result = NOT_DECIDED;

	*verdict = (struct verdict){
	    .outcome = OUTCOME_INTERNAL_ERROR, .exit_status = -1};
	for (size_t i = 0; result == NOT_DECIDED; i++)
		result = steps[i](build, verdict);
	if (result == DECIDED)
		return 0;
	errno = ENOMEM;
	return -1;
}

void
outcome_free(struct verdict *verdict)
{
	free(verdict->reason);
	verdict->reason = NULL;
}
