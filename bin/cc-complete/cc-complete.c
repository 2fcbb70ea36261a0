/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-complete writes the verdict on a build to its row: the artifact, the
 * reason of a failure, or that it goes back into the queue. The database lets
 * it only while the claim is held. It may run again, whatever moment an
 * earlier run was killed at: a verdict that this claim has written stands,
 * and is what DIR/record.json then says.
 */

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/json.h"
#include "base/options.h"
#include "base/sha256.h"
#include "build/attempts.h"
#include "build/claim.h"
#include "build/directory.h"
#include "build/outcome.h"
#include "build/reason.h"
#include "database/database_options.h"
#include "database/statements.h"

enum { ANSWER = 32, PARAMETERS = 7 };

struct completion {
	struct database_settings settings;
	/* Numbers, checked and kept as text: the database reads them. */
	const char *max_attempts, *max_give_backs, *retry_delay_s;
	const char *path; /* of the build directory */
	struct claim claim;
	struct build build;
	struct verdict verdict;
	/* The artifact, or "" where there is none: not NULL in the row. */
	const char *artifact;
	size_t length;
	char sha256[SHA256_TEXT];
	char answer[ANSWER]; /* the database's word */
};

static const struct option_table options = {
    .synopsis = "cc-complete [options] dir",
    .purpose = "writes the verdict on a build to its row",
    .rows = (const struct option_row[]){
	DATABASE_ROWS(struct completion, settings),
	DATABASE_WAIT_ROW(struct completion, settings),
	ATTEMPTS_ROWS(struct completion, max_attempts, max_give_backs),
	{"retry-delay-s", "SECONDS", "CLOACINA_COMPILER_RETRY_DELAY_S",
	    "before a build given back may be claimed",
	    OPTION_SECONDS_TEXT(struct completion, retry_delay_s)},
	{0},
    }};

static struct completion
parse_options(int argc, char **argv)
{
	struct completion c = {.settings = {.wait = 60 * CLOCK_SECOND},
	    .max_attempts = ATTEMPTS_MOST,
	    .max_give_backs = ATTEMPTS_GIVE_BACKS_MOST,
	    .retry_delay_s = "10"};
	int at = options_read(&options, argc, argv, &c);

	if (argc - at != 1)
		options_usage(&options);
	c.path = argv[at];
	return c;
}

/* Mapped, so that what is hashed is what is sent, and nothing is copied. */
static void
map_artifact(struct completion *c)
{
	struct stat st;
	int fd = openat(c->build.directory, ARTIFACT_FILE,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", ARTIFACT_FILE);
	c->length = (size_t)st.st_size;
	c->artifact = mmap(NULL, c->length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (c->artifact == MAP_FAILED)
		err(EXIT_SYSTEM, "cannot read '%s'", ARTIFACT_FILE);
	(void)close(fd);
}

static void
load_artifact(struct completion *c)
{
	c->artifact = "";
	c->length = 0;
	if (c->verdict.has_artifact)
		map_artifact(c);
	if (sha256_bytes(c->artifact, c->length, c->sha256) == -1)
		err(EXIT_SYSTEM, "cannot hash '%s'", ARTIFACT_FILE);
}

/* The parameters of the statement that writes the verdict, which it returns. */
static const char *
prepare(const struct completion *c,
    struct database_parameter parameters[PARAMETERS], int *count)
{
	const struct verdict *v = &c->verdict;

	parameters[0].value = c->claim.build_claim_id;
	parameters[1].value = c->claim.claim_token;
	*count = 2;
	if (v->outcome == OUTCOME_TIMEOUT_KILLED)
		return statement_leave;
	if (v->outcome == OUTCOME_INTERNAL_ERROR) {
		parameters[2].value = v->was_killed ? CLAIM_WAS_KILLED :
		    v->interrupted		    ? CLAIM_WAS_INTERRUPTED :
						      CLAIM_WAS_GIVEN_BACK;
		parameters[3].value = c->retry_delay_s;
		parameters[4].value = c->max_attempts;
		parameters[5].value = c->max_give_backs;
		parameters[6].value = v->reason;
		*count = PARAMETERS;
		return statement_release;
	}
	parameters[2].value = outcome_name(v->outcome);
	if (v->outcome == OUTCOME_SUCCESS)
		parameters[3] =
		    (struct database_parameter){c->artifact, c->length, true};
	parameters[4].value = v->reason;
	*count = 5;
	return statement_finish;
}

/* Without an answer the word is "unreachable". */
static void
ask(struct completion *c, struct database *database)
{
	struct database_parameter parameters[PARAMETERS] = {{.value = NULL}};
	int count;

	const char *sql = prepare(c, parameters, &count);
	PGresult *result = database_ask(database, sql, count, parameters);
	snprintf(c->answer, ANSWER, "%s",
	    result != NULL ? PQgetvalue(result, 0, 0) : "unreachable");
	if (result == NULL)
		warnx("cannot write the verdict: %s", database->error);
	PQclear(result);
	database_close(database);
}

/* This verdict, or that of an earlier run. */
static bool
is_written(const struct completion *c)
{
	return outcome_find_answer(c->answer) != -1 ||
	    outcome_is_answer(c->verdict.outcome, c->answer);
}

/*
 * An earlier run wrote another verdict and was killed before it could note
 * it; how the build was ended was not known then.
 */
static void
recall_verdict(struct completion *c)
{
	outcome_free(&c->verdict);
	build_forget_end(&c->build);
	if (outcome_judge(&c->build, &c->verdict) == -1)
		err(EXIT_SYSTEM, "cannot judge the build");
	if (strcmp(c->answer, outcome_answer(c->verdict.outcome)) != 0) {
		outcome_free(&c->verdict);
		c->verdict = (struct verdict){
		    .outcome = (enum outcome)outcome_find_answer(c->answer),
		    .exit_status = -1};
		c->verdict.reason = reason_format("written by an earlier run");
	}
	load_artifact(c);
}

static json_t *
describe(const struct completion *c)
{
	const struct verdict *v = &c->verdict;
	bool success = v->outcome == OUTCOME_SUCCESS;

	return json_pack("{s:i, s:s, s:s, s:o, s:s?, s:s?, s:b, s:s?, s:o}",
	    "version", 1, "answer", c->answer, "outcome",
	    outcome_name(v->outcome), "exit_status",
	    v->exit_status >= 0 ? json_integer(v->exit_status) : json_null(),
	    "exit_signal", *v->exit_signal != '\0' ? v->exit_signal : NULL,
	    "reason", v->reason, "of_row", v->of_row, "artifact_sha256",
	    success ? c->sha256 : NULL, "artifact_bytes",
	    success ? json_integer((json_int_t)c->length) : json_null());
}

static void
store_record(const struct completion *c)
{
	if (json_put_at(c->build.directory, RECORD_FILE, describe(c)) == -1)
		err(EXIT_SYSTEM, "cannot write '%s'", RECORD_FILE);
}

static void
load(struct completion *c)
{
	if (build_load(c->path, &c->build) == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", c->path);
	if (claim_load(c->build.directory, &c->claim) == -1)
		err(EXIT_SYSTEM, "cannot read '%s/%s'", c->path, CLAIM_FILE);
	if (outcome_judge(&c->build, &c->verdict) == -1)
		err(EXIT_SYSTEM, "cannot judge the build");
}

int
main(int argc, char **argv)
{
	struct completion c = parse_options(argc, argv);

	load(&c);
	if (c.verdict.is_written)
		return EXIT_DONE;
	struct database database = database_open(&c.settings, c.claim.schema);
	load_artifact(&c);
	ask(&c, &database);
	if (is_written(&c) && !outcome_is_answer(c.verdict.outcome, c.answer))
		recall_verdict(&c);
	store_record(&c);
	if (strcmp(c.answer, "unreachable") == 0)
		return EXIT_SYSTEM;
	if (is_written(&c))
		return EXIT_DONE;
	warnx("claim lost (%s): the verdict %s was not written", c.answer,
	    outcome_name(c.verdict.outcome));
	return EXIT_NO;
}
