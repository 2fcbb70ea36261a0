/* SPDX-License-Identifier: Apache-2.0 */

#include "queue.h"
#include "queue_answer.h"

/*
 * Below the watermark lie builds that were swept or committed late, so every
 * second one claim looks at all. STOP_PATIENCE: asked to stop, for a claim
 * that is on its way; what then has no answer is left to the sweep.
 */
#define WATERMARK_AGE CLOCK_SECOND
#define STOP_PATIENCE (5 * CLOCK_SECOND)

static void
begin_round(struct claim_queue *queue)
{
	queue->step = !queue->is_fit ? CLAIM_FIT :
	    queue->is_uncertain	     ? CLAIM_ASK_AGAIN :
				       CLAIM_ASK;
	queue->is_asked = false;
}

static void
lose_answer(struct claim_queue *queue)
{
	if (queue->step == CLAIM_ASK && !queue->is_uncertain) {
		queue->is_uncertain = true;
		queue->uncertain_since = queue->asked;
	}
	begin_round(queue);
}

static enum claim_queue_result
take_answer(struct claim_queue *queue, struct claim *claim)
{
	PGresult *result;

	switch (database_link_answer(queue->link, &result)) {
	case LINK_WAITING:
		return CLAIM_NOT_YET;
	case LINK_LOST:
		lose_answer(queue);
		return CLAIM_NOT_YET;
	case LINK_UNDONE:
		begin_round(queue);
		return CLAIM_NOT_YET;
	default:
		break;
	}
	queue->is_asked = false;
	enum claim_queue_result found = claim_queue_judge(queue, result, claim);
	PQclear(result);
	return found;
}

static void
ask_claim(struct claim_queue *queue)
{
	if (queue->link->is_woken ||
	    queue->asked - queue->looked_at_all >= WATERMARK_AGE)
		queue->watermark[0] = '\0';
	if (queue->watermark[0] == '\0')
		queue->looked_at_all = queue->asked;
	queue->link->is_woken = false;
	const char *values[] = {queue->token, queue->instance,
	    queue->watermark[0] != '\0' ? queue->watermark : "-infinity"};
	database_link_ask(queue->link, queue->claim, 3, values);
}

static void
ask(struct claim_queue *queue)
{
	const char *token = queue->token;
	const char *fit[] = {queue->prefix, "true"};

	queue->asked = clock_boot();
	queue->is_asked = true;
	switch (queue->step) {
	case CLAIM_FIT:
		database_link_ask(queue->link, queue->check, 2, fit);
		break;
	case CLAIM_ASK:
		ask_claim(queue);
		break;
	case CLAIM_ASK_AGAIN:
		database_link_ask(queue->link, queue->reclaim, 1, &token);
		break;
	case CLAIM_LISTEN:
		database_link_ask(
		    queue->link, "LISTEN cloacina_build_pending", 0, NULL);
		break;
	default:
		database_link_ask(
		    queue->link, queue->wake_ups, 1, &queue->table);
	}
}

static void
go_on(struct claim_queue *queue)
{
	if (queue->step == CLAIM_REST &&
	    (queue->link->is_woken || clock_boot() >= queue->rest_until ||
		queue->listening != queue->link->generation))
		begin_round(queue);
	if (queue->step != CLAIM_REST && !queue->is_asked &&
	    queue->link->state == LINK_READY)
		ask(queue);
}

/* Nothing is left behind: no claim is on its way, or nobody answers. */
static bool
is_stopped(struct claim_queue *queue)
{
	if (queue->events->stops == 0)
		return false;
	if (queue->stop_at == 0)
		queue->stop_at = clock_boot() + STOP_PATIENCE;
	bool is_open = queue->step == CLAIM_ASK_AGAIN ||
	    (queue->step == CLAIM_ASK && queue->is_asked);
	return !is_open || queue->events->stops > 1 ||
	    clock_boot() >= queue->stop_at;
}

static bool
is_hopeless(const struct claim_queue *queue)
{
	if (queue->waits || !database_link_is_down(queue->link))
		return false;
	return !queue->is_uncertain ||
	    clock_boot() >= queue->uncertain_since + queue->patience;
}

static int64_t
next_moment(const struct claim_queue *queue)
{
	if (queue->events->stops > 0)
		return queue->stop_at;
	if (queue->step == CLAIM_REST)
		return queue->rest_until;
	if (!queue->waits && queue->is_uncertain &&
	    database_link_is_down(queue->link))
		return queue->uncertain_since + queue->patience;
	return CLOCK_NEVER;
}

enum claim_queue_result
claim_queue_take(struct claim_queue *queue, struct claim *claim, int64_t *sent,
    bool *is_doubtful)
{
	enum claim_queue_result found = CLAIM_NOT_YET;

	if (queue->token[0] == '\0' && uuid_new(queue->token) == -1)
		return claim_queue_refuse(queue, NULL);
	begin_round(queue);
	while (found == CLAIM_NOT_YET) {
		go_on(queue);
		if (is_stopped(queue))
			return CLAIM_NONE;
		if (is_hopeless(queue))
			return CLAIM_UNREACHABLE;
		database_link_wait(
		    queue->link, queue->events, next_moment(queue));
		if (queue->is_asked)
			found = take_answer(queue, claim);
	}
	*is_doubtful = queue->step == CLAIM_ASK_AGAIN;
	*sent = queue->asked;
	return found;
}
