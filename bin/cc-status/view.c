/* SPDX-License-Identifier: Apache-2.0 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "database/statements.h"
#include "status.h"
#include "view.h"

enum { NUMBER = 40 };

static void *
fail(struct status_source *source, const char *error)
{
	snprintf(
	    source->database.error, sizeof source->database.error, "%s", error);
	return NULL;
}

/* The JSON object that a statement answers, or NULL and the error. */
static json_t *
ask(struct status_source *source, const char *sql, int count)
{
	char rows[NUMBER];
	const struct database_parameter parameters[] = {
	    {.value = source->stale_s}, {.value = rows}};

	snprintf(rows, sizeof rows, "%d", source->rows);
	PGresult *result =
	    database_ask(&source->database, sql, count, parameters);
	if (result == NULL)
		return NULL;
	json_t *answer = json_loads(PQgetvalue(result, 0, 0), 0, NULL);
	if (answer == NULL)
		(void)fail(source, "its answer is no JSON in UTF-8");
	PQclear(result);
	return answer;
}

/* Not asked for is not the same as empty. */
static void
drop_lists(json_t *status)
{
	(void)json_object_del(status, "builds");
	(void)json_object_del(status, "queue");
	(void)json_object_del(status, "finished");
}

static char *
show(json_t *status, const json_t *totals, enum status_form form,
    const char *problem)
{
	switch (form) {
	case STATUS_METRICS:
		return status_metrics(status, totals);
	case STATUS_JSON:
		return status_json(status, problem);
	default:
		return status_table(status, problem);
	}
}

static char *
view(struct status_source *source, json_t *status, const json_t *totals,
    enum status_form form, bool *is_well)
{
	char *problem = status_problem(status, (long long)source->max_age_s);
	char *text = NULL;

	if (source->rows == 0)
		drop_lists(status);
	if (problem != NULL)
		text = show(status, totals, form, problem);
	if (text == NULL)
		(void)fail(source, "no memory");
	else
		*is_well = *problem == '\0';
	free(problem);
	return text;
}

char *
status_view(struct status_source *source, enum status_form form, bool *is_well)
{
	char *text = NULL;
	json_t *totals = NULL, *status = NULL;

	if (database_check(&source->database) == 0)
		status = ask(source, statement_status, 2);
	if (status != NULL && form == STATUS_METRICS)
		totals = ask(source, statement_status_totals, 0);
	if (status != NULL && (form != STATUS_METRICS || totals != NULL))
		text = view(source, status, totals, form, is_well);
	json_decref(status);
	json_decref(totals);
	return text;
}
