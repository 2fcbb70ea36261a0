/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "process/descendants.h"
#include "supervise.h"

/* What processes that take long to die are given: nobody heartbeats then. */
#define KILL_PATIENCE (5 * CLOCK_SECOND)
#define TIDY_PATIENCE CLOCK_SECOND

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * The command's end counts before all else: of a build that has ended there
 * is nothing left to kill. ECHILD: somebody else reaped it, which nobody can.
 */
static bool
has_ended(pid_t command, struct supervised *watched)
{
	if (descendants_reap(command, &watched->status) == 0)
		return false;
	watched->end =
	    WIFSIGNALED(watched->status) ? ENDED_BY_SIGNAL : ENDED_BY_ITSELF;
	return true;
}

static struct supervised
kill_rest(pid_t command, struct supervised watched, int64_t patience)
{
	struct descendants_end end = descendants_kill(command, patience);

	if (end.has_status)
		watched.status = end.status;
	watched.survivors = end.stragglers > 0 ? end.error : 0;
	return watched;
}

struct supervised
supervise_build(struct events *events, struct claim_hold *hold, pid_t command)
{
	struct supervised watched = {ENDED_BY_ITSELF, 0, 0};

	for (;;) {
		if (has_ended(command, &watched))
			return kill_rest(0, watched, KILL_PATIENCE);
		enum claim_hold_state state = claim_hold_step(hold);
		if (state == CLAIM_LOST || state == CLAIM_SUPERSEDED)
			watched.end =
			    state == CLAIM_LOST ? ENDED_LOST : ENDED_SUPERSEDED;
		else if (events->stops > 0)
			watched.end = ENDED_INTERRUPTED;
		else {
			database_link_wait(
			    hold->link, events, claim_hold_due(hold));
			continue;
		}
		return kill_rest(command, watched, KILL_PATIENCE);
	}
}

/* A command that heeds SIGTERM leaves nothing behind. */
static void
let_tidy_up(struct events *events, pid_t command)
{
	int64_t end = clock_after(clock_boot(), TIDY_PATIENCE);
	siginfo_t ended = {.si_pid = 0};

	(void)kill(command, SIGTERM);
	while (ended.si_pid == 0 && clock_boot() < end &&
	    waitid(P_PID, (id_t)command, &ended, WEXITED | WNOHANG | WNOWAIT) ==
		0)
		if (ended.si_pid == 0)
			(void)events_wait(events, -1, 0, end);
}

struct supervised
supervise_last(struct events *events, struct claim_hold *hold, pid_t command,
    int64_t until, int stops, int survivors)
{
	struct supervised watched = {ENDED_BY_TIME, 0, 0};
	int64_t patience = survivors != 0 ? 0 : KILL_PATIENCE;

	for (;;) {
		if (has_ended(command, &watched))
			return kill_rest(0, watched, patience);
		if (clock_boot() >= until || events->stops >= stops) {
			let_tidy_up(events, command);
			return kill_rest(command, watched, patience);
		}
		(void)claim_hold_step(hold);
		database_link_wait(
		    hold->link, events, earlier(until, claim_hold_due(hold)));
	}
}
