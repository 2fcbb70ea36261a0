/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "database/database.h"
#include "queue_answer.h"
#include "row.h"

enum { REASON = 700 };

static const char unique_violation[] = "23505";

static enum claim_queue_result
refuse(const char *reason)
{
	warnx("cannot claim a build: %s", reason);
	return CLAIM_REFUSED;
}

enum claim_queue_result
claim_queue_refuse(struct claim_queue *queue, const PGresult *result)
{
	char reason[REASON];

	if (result == NULL)
		return refuse(strerror(errno));
	return refuse(database_error(queue->link->connection, result,
	    queue->link->schema, reason, sizeof reason));
}

static enum claim_queue_result
judge_fit(struct claim_queue *queue, const PGresult *result)
{
	char problem[REASON];

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return claim_queue_refuse(queue, result);
	if (*database_problem(queue->link->connection, result, problem,
		sizeof problem) != '\0')
		return refuse(problem);
	queue->is_fit = true;
	queue->step = CLAIM_ASK;
	return CLAIM_NOT_YET;
}

static enum claim_queue_result
take_row(struct claim_queue *queue, const PGresult *result, struct claim *claim)
{
	if (claim_row_read(
		result, claim, queue->watermark, sizeof queue->watermark) == -1)
		return claim_queue_refuse(queue, NULL);
	memcpy(claim->claim_token, queue->token, UUID_TEXT);
	queue->token[0] = '\0';
	queue->is_uncertain = queue->is_used = false;
	return CLAIM_TAKEN;
}

static void
rest(struct claim_queue *queue)
{
	queue->step = CLAIM_REST;
	queue->rest_until = clock_boot() + queue->poll;
}

/* First listen, then look again: what came in between announced itself. */
static enum claim_queue_result
find_nothing(struct claim_queue *queue)
{
	if (!queue->waits)
		return CLAIM_NONE;
	if (queue->listening != queue->link->generation)
		queue->step = CLAIM_LISTEN;
	else if (!queue->is_checked)
		queue->step = CLAIM_CHECK;
	else
		rest(queue);
	return CLAIM_NOT_YET;
}

static enum claim_queue_result
judge_claim(
    struct claim_queue *queue, const PGresult *result, struct claim *claim)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (state != NULL && strcmp(state, unique_violation) == 0) {
		queue->is_used = true;
		queue->step = CLAIM_ASK_AGAIN;
		return CLAIM_NOT_YET;
	}
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return claim_queue_refuse(queue, result);
	if (PQntuples(result) == 1)
		return take_row(queue, result, claim);
	if (queue->watermark[0] == '\0')
		return find_nothing(queue);
	queue->watermark[0] = '\0';
	return CLAIM_NOT_YET; /* the same step, of all builds */
}

static enum claim_queue_result
judge_reclaim(
    struct claim_queue *queue, const PGresult *result, struct claim *claim)
{
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return claim_queue_refuse(queue, result);
	if (PQntuples(result) == 1)
		return take_row(queue, result, claim);
	if (queue->is_used) { /* for a claim that has been swept since */
		if (uuid_new(queue->token) == -1)
			return claim_queue_refuse(queue, NULL);
		queue->is_used = queue->is_uncertain = false;
	}
	queue->step = CLAIM_ASK;
	return CLAIM_NOT_YET;
}

static bool
is_true(const PGresult *result, int column)
{
	return PQresultStatus(result) == PGRES_TUPLES_OK &&
	    PQntuples(result) == 1 && *PQgetvalue(result, 0, column) == 't';
}

/* Neither is an error: what no notification announces, the poll finds. */
static void
judge_check(struct claim_queue *queue, const PGresult *result)
{
	if (!is_true(result, 0))
		warnx("no notification comes through this "
		      "connection (a pooler?), polling");
	else if (!is_true(result, 1))
		warnx("the triggers that announce pending builds "
		      "are missing or disabled, polling");
	queue->is_checked = true;
	rest(queue);
}

enum claim_queue_result
claim_queue_judge(
    struct claim_queue *queue, const PGresult *result, struct claim *claim)
{
	switch (queue->step) {
	case CLAIM_FIT:
		return judge_fit(queue, result);
	case CLAIM_ASK:
		return judge_claim(queue, result, claim);
	case CLAIM_ASK_AGAIN:
		return judge_reclaim(queue, result, claim);
	case CLAIM_LISTEN:
		queue->listening = queue->link->generation;
		queue->step = CLAIM_ASK;
		break;
	default:
		judge_check(queue, result);
	}
	return CLAIM_NOT_YET;
}
