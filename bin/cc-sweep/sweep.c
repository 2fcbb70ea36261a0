/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "database/statements.h"
#include "sweep.h"
#include "swept.h"

static enum sweep_answer
fail(struct sweep *s)
{
	snprintf(s->database.error, sizeof s->database.error, "no memory");
	return SWEEP_FAILED;
}

/* *rows is the caller's only with SWEEP_DONE. */
static enum sweep_answer
ask(struct sweep *s, const char *sql, int count,
    const struct database_parameter *parameters, PGresult **rows)
{
	*rows = database_ask(&s->database, sql, count, parameters);
	if (*rows != NULL)
		return SWEEP_DONE;
	return s->database.passes ? SWEEP_AWAY : SWEEP_FAILED;
}

static enum sweep_answer
batch(struct sweep *s, const char *text, int count,
    const struct database_parameter *parameters, int *n)
{
	PGresult *rows;
	enum sweep_answer answer = ask(s, text, count, parameters, &rows);

	if (answer != SWEEP_DONE)
		return answer;
	*n = PQntuples(rows);
	for (int i = 0; i < *n && answer == SWEEP_DONE; i++) {
		json_t *row = swept_row(rows, i);
		if (row != NULL)
			s->tell(s, row);
		else
			answer = fail(s);
		json_decref(row);
	}
	PQclear(rows);
	return answer;
}

static enum sweep_answer
batches(struct sweep *s, const char *text, int count,
    const struct database_parameter *parameters)
{
	enum sweep_answer answer;
	int n;

	do
		answer = batch(s, text, count, parameters, &n);
	while (answer == SWEEP_DONE && n > 0);
	return answer;
}

static enum sweep_answer
finish_lost(struct sweep *s, const struct database_parameter *parameters)
{
	PGresult *rows;
	enum sweep_answer answer =
	    ask(s, statement_audit_lost, 2, parameters, &rows);

	if (answer == SWEEP_DONE)
		PQclear(rows);
	return answer;
}

static enum sweep_answer
check(struct sweep *s)
{
	if (!s->is_checked && database_check(&s->database) == -1)
		return s->database.passes ? SWEEP_AWAY : SWEEP_FAILED;
	s->is_checked = true;
	return SWEEP_DONE;
}

enum sweep_answer
sweep_run(struct sweep *s)
{
	const struct database_parameter parameters[] = {{.value = s->stale_s},
	    {.value = s->batch}, {.value = s->max_attempts},
	    {.value = s->backoff_s}, {.value = s->max_give_backs}};
	enum sweep_answer answer = check(s);

	if (answer == SWEEP_DONE)
		answer = batches(s, statement_sweep, 5, parameters);

	if (answer == SWEEP_DONE)
		answer = batches(s, statement_sweep_superseded, 2, parameters);
	if (answer == SWEEP_DONE)
		answer = finish_lost(s, parameters);
	database_close(&s->database);
	return answer;
}

enum sweep_answer
sweep_list(struct sweep *s)
{
	const struct database_parameter parameters[] = {{.value = s->stale_s},
	    {.value = s->max_attempts}, {.value = s->max_give_backs}};
	int n;
	enum sweep_answer answer = check(s);

	if (answer == SWEEP_DONE)
		answer = batch(s, statement_sweep_list, 3, parameters, &n);

	database_close(&s->database);
	return answer;
}

enum sweep_answer
sweep_record(
    struct sweep *s, const json_t *row, const json_t *event, const char *hash)
{
	char *text = json_dumps(event, JSON_COMPACT);
	const struct database_parameter parameters[] = {
	    {.value = json_text(row, "claim_token", NULL)},
	    {.value = json_text(row, "id", NULL)},
	    {.value = "compiler.build.swept"},
	    {.value = json_text(row, "compiler_instance_id", NULL)},
	    {.value = text}, {.value = hash}};
	PGresult *rows;

	if (text == NULL)
		return fail(s);
	enum sweep_answer answer =
	    ask(s, statement_audit_insert, 6, parameters, &rows);
	if (answer == SWEEP_DONE)
		PQclear(rows);
	free(text);
	return answer;
}
