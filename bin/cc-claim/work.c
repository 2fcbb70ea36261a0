/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/notify.h"
#include "base/text.h"
#include "build.h"
#include "command.h"
#include "supervise.h"
#include "work.h"

enum { NAME = 420, NAME_PART = 200 };
/* How long a host that was found well is not checked again. */
#define CHECK_HOLDS (60 * CLOCK_SECOND)
#define CHECK_PATIENCE (300 * CLOCK_SECOND)

static void
name_build(const struct claim *claim, char name[NAME])
{
	char package[NAME_PART], version[NAME_PART];
	const char *p = claim->package_name, *v = claim->package_version;

	text_visible(p, strlen(p), package, sizeof package);
	text_visible(v, strlen(v), version, sizeof version);
	snprintf(name, NAME, "'%s' version '%s'", package, version);
}

/* For those who ask the service manager. */
static void
show_build(const char *name)
{
	char state[NAME + 20];

	snprintf(state, sizeof state, "STATUS=building %s", name);
	(void)notify(state);
}

static enum claim_work_result
weigh(struct claim_work *work, const char *answer)
{
	struct claim_take *take = work->take;

	if (strcmp(answer, "released") != 0 && strcmp(answer, "given_up") != 0)
		return WORK_DONE;
	struct come_back back = suspicion_read(take->directory.fd);
	if (back.is_of_row)
		return WORK_OF_ROW;
	return suspicion_add(
		   &work->suspicion, take->claim.build_claim_id, back.reason) ?
	    WORK_SUSPECT :
	    WORK_GIVEN_BACK;
}

static enum claim_work_result
judge(struct claim_work *work, const char *answer, bool has_begun)
{
	if (answer == NULL)
		return WORK_UNKNOWN;
	return has_begun ? weigh(work, answer) : WORK_SICK;
}

/* The build that was taken, to its end. */
static enum claim_work_result
build(struct claim_work *work)
{
	struct claim_take *take = work->take;
	int64_t begun = clock_boot();
	bool has_begun;
	char name[NAME];

	name_build(&take->claim, name);
	show_build(name);
	*work->command_path = work->last_command[1] = take->path;
	const struct claim_build build = {.events = take->queue->events,
	    .hold = take->hold,
	    .directory = take->directory.fd,
	    .name = name,
	    .command = work->command,
	    .last_command =
		work->last_command[0] != NULL ? work->last_command : NULL,
	    .delay_s = take->delay_s};
	const char *answer = claim_build_run(&build, &has_begun);
	warnx("%s, attempt %d: %s after %.1f s", name, take->claim.attempt,
	    answer != NULL ? answer : "unreachable",
	    (double)(clock_boot() - begun) / 1e9);
	enum claim_work_result result = judge(work, answer, has_begun);
	if (claim_take_end(take, false) == -1)
		warnx("cannot remove '%s/%s': %s, going on", take->home_path,
		    take->directory.name, strerror(errno));
	return result;
}

enum claim_work_result
claim_work_once(struct claim_work *work)
{
	(void)notify("STATUS=waiting for a build");
	switch (claim_take(work->take)) {
	case CLAIM_TAKEN:
		return build(work);
	case CLAIM_NONE:
		return WORK_NOTHING;
	case CLAIM_UNWRITABLE:
		return WORK_SICK;
	default:
		return WORK_FAILED;
	}
}

static void
rest(const struct claim_work *work, int64_t pause)
{
	struct claim_queue *queue = work->take->queue;
	int64_t until = clock_boot() + pause;

	if (queue->events->stops == 0)
		warnx("nothing completed, the next build in %.3g s",
		    (double)pause / 1e9);
	while (queue->events->stops == 0 && clock_boot() < until)
		database_link_wait(queue->link, queue->events, until);
}

static bool
has_passed(struct supervised watched)
{
	return watched.end == ENDED_BY_ITSELF &&
	    WEXITSTATUS(watched.status) == 0;
}

/* Whether this host is well, by its own word, of now or of just before. */
static bool
is_well(struct claim_work *work)
{
	const struct claim_take *take = work->take;
	struct events *events = take->queue->events;

	if (work->checked != 0 && clock_boot() < work->checked + CHECK_HOLDS)
		return true;
	pid_t command = command_start(work->check, true);
	if (command == -1)
		warn("cannot run '%s'", work->check[0]);
	take->hold->state = CLAIM_ENDED; /* no heartbeats for it */
	bool passed = command != -1 &&
	    has_passed(supervise_last(events, take->hold, command,
		clock_boot() + CHECK_PATIENCE, 1, 0));
	work->checked = passed ? clock_boot() : 0;
	return passed;
}

static void
recover(struct claim_work *work)
{
	backoff_reset(&work->pause);
	suspicion_clear(&work->suspicion);
}

/*
 * Nothing is claimed until the check passes. If it does at once, the rows may
 * have been made so: a short pause for each few of them is all they get.
 */
static void
settle(struct claim_work *work)
{
	const struct events *events = work->take->queue->events;

	if (work->check[0] == NULL) {
		rest(work, backoff_take(&work->pause));
		return;
	}
	while (!is_well(work) && events->stops == 0) {
		warnx("'%s %s' failed, this host claims nothing",
		    work->check[0], work->check[1]);
		rest(work, backoff_take(&work->pause));
	}
	recover(work);
	rest(work, work->pause.first);
}

enum claim_work_result
claim_work_forever(struct claim_work *work)
{
	while (work->take->queue->events->stops == 0) {
		enum claim_work_result result = claim_work_once(work);
		switch (result) {
		case WORK_DONE:
			recover(work);
			break;
		case WORK_SICK:
			rest(work, backoff_take(&work->pause));
			break;
		case WORK_SUSPECT:
			settle(work);
			break;
		case WORK_OF_ROW:
		case WORK_GIVEN_BACK:
		case WORK_UNKNOWN:
			break;
		default:
			return result;
		}
	}
	return WORK_NOTHING;
}
