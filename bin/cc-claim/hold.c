/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <stdio.h>
#include <string.h>

#include "database/database.h"
#include "hold.h"

void
claim_hold_begin(struct claim_hold *hold, int64_t since, bool is_doubtful)
{
	hold->state = CLAIM_HELD;
	hold->answer[0] = '\0';
	hold->is_asking = false;
	hold->acknowledged = since;
	hold->due = is_doubtful ? since : since + hold->interval;
}

/*
 * The word of an answer, or NULL: an error that will not pass, such as a
 * missing permission. It says nothing of the claim, so it is told and no more.
 */
static const char *
read_word(struct claim_hold *hold, const PGresult *result)
{
	char reason[700];

	if (PQresultStatus(result) == PGRES_TUPLES_OK &&
	    PQntuples(result) == 1) {
		snprintf(hold->answer, sizeof hold->answer, "%s",
		    PQgetvalue(result, 0, 0));
		return hold->answer;
	}
	warnx("the database refused: %s",
	    database_error(hold->link->connection, result, hold->link->schema,
		reason, sizeof reason));
	return NULL;
}

static enum claim_hold_state
state_of(const char *word)
{
	if (strcmp(word, "held") == 0)
		return CLAIM_HELD;
	if (strcmp(word, "superseded") == 0)
		return CLAIM_SUPERSEDED;
	if (strcmp(word, "success") == 0 || strcmp(word, "failed") == 0 ||
	    strcmp(word, "timeout_killed") == 0)
		return CLAIM_ENDED;
	return CLAIM_LOST;
}

static void
take_answer(struct claim_hold *hold)
{
	PGresult *result;
	const char *word;

	switch (database_link_answer(hold->link, &result)) {
	case LINK_WAITING:
		return;
	case LINK_LOST:
	case LINK_UNDONE:
		hold->due = hold->sent; /* at once, on the next connection */
		break;
	case LINK_ANSWERED:
		word = read_word(hold, result);
		PQclear(result);
		if (word == NULL)
			break;
		hold->state = state_of(word);
		hold->acknowledged = hold->sent;
	}
	hold->is_asking = false;
}

static void
send_heartbeat(struct claim_hold *hold)
{
	const char *values[] = {
	    hold->claim->build_claim_id, hold->claim->claim_token};

	hold->sent = clock_boot();
	hold->due = hold->sent + hold->interval;
	hold->is_asking = true;
	database_link_ask(hold->link, hold->heartbeat, 2, values);
}

enum claim_hold_state
claim_hold_step(struct claim_hold *hold)
{
	if (hold->is_asking)
		take_answer(hold);
	if (hold->state != CLAIM_HELD)
		return hold->state;
	if (clock_boot() - hold->acknowledged >= hold->stale) {
		hold->state = CLAIM_LOST;
		snprintf(hold->answer, sizeof hold->answer,
		    "no heartbeat for %.10g s", (double)hold->stale / 1e9);
	} else if (!hold->is_asking && hold->link->state == LINK_READY &&
	    clock_boot() >= hold->due) {
		send_heartbeat(hold);
	}
	return hold->state;
}

int64_t
claim_hold_due(const struct claim_hold *hold)
{
	int64_t stale = hold->acknowledged + hold->stale;

	if (hold->state != CLAIM_HELD)
		return CLOCK_NEVER;
	if (hold->link->state != LINK_READY || hold->due > stale)
		return stale;
	return hold->due;
}

static void
send_release(struct claim_hold *hold, const char *how, double delay_s)
{
	char delay[32];
	const char *values[] = {hold->claim->build_claim_id,
	    hold->claim->claim_token, how, delay, hold->max_attempts,
	    hold->max_give_backs, NULL};

	snprintf(delay, sizeof delay, "%.3f", delay_s);
	database_link_ask(hold->link, hold->release, 7, values);
}

/* Asked to stop, it waits for one answer more; asked again, for none. */
static bool
has_patience(
    const struct claim_hold *hold, const struct events *events, int64_t *until)
{
	if (events->stops == 1 && *until > clock_boot() + hold->link->limit)
		*until = clock_boot() + hold->link->limit;
	return events->stops < 2 && clock_boot() < *until;
}

const char *
claim_hold_release(struct claim_hold *hold, struct events *events,
    const char *how, double delay_s, int64_t until)
{
	bool is_sent = false;
	PGresult *result;

	while (has_patience(hold, events, &until)) {
		switch (database_link_answer(hold->link, &result)) {
		case LINK_WAITING:
			break;
		case LINK_LOST:
		case LINK_UNDONE:
			is_sent = false;
			break;
		case LINK_ANSWERED: /* or else it is the last heartbeat's */
			hold->state = is_sent ? CLAIM_ENDED : hold->state;
			const char *word =
			    is_sent ? read_word(hold, result) : NULL;
			PQclear(result);
			if (is_sent)
				return word;
		}
		if (!is_sent && hold->link->state == LINK_READY) {
			is_sent = true;
			send_release(hold, how, delay_s);
		}
		database_link_wait(hold->link, events, until);
	}
	return NULL;
}
