/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/notify.h"
#include "base/text.h"
#include "build.h"
#include "work.h"

enum { MESSAGE = 1024, NAME = 420, NAME_PART = 200 };

static void __attribute__((format(printf, 2, 3)))
tell(const struct claim_work *work, const char *format, ...)
{
	char message[MESSAGE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	work->take->queue->link->tell(message);
}

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

/* The build that was taken, to its end. */
static enum claim_work_result
build(struct claim_work *work)
{
	struct claim_take *take = work->take;
	int64_t begun = events_now();
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
	tell(work, "%s, attempt %d: %s after %.1f s", name, take->claim.attempt,
	    answer != NULL ? answer : "unreachable",
	    (double)(events_now() - begun) / 1e9);
	if (claim_take_end(take, false) == -1)
		tell(work, "cannot remove '%s/%s': %s, going on",
		    take->home_path, take->directory.name, strerror(errno));
	if (answer == NULL)
		return WORK_UNKNOWN;
	if (!has_begun)
		return WORK_SICK;
	return strcmp(answer, "released") == 0 ? WORK_GIVEN_BACK : WORK_DONE;
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
	int64_t until = events_now() + pause;

	if (queue->events->stops == 0)
		tell(work, "nothing completed, the next build in %.3g s",
		    (double)pause / 1e9);
	while (queue->events->stops == 0 && events_now() < until)
		database_link_wait(queue->link, queue->events, until);
}

enum claim_work_result
claim_work_forever(struct claim_work *work)
{
	while (work->take->queue->events->stops == 0) {
		struct backoff longer = work->pause;
		int64_t pause = backoff_take(&longer);
		work->take->delay_s = (double)pause / 1e9;
		enum claim_work_result result = claim_work_once(work);
		switch (result) {
		case WORK_DONE:
			backoff_reset(&work->pause);
			break;
		case WORK_GIVEN_BACK:
		case WORK_SICK:
			work->pause = longer;
			rest(work, pause);
			break;
		case WORK_UNKNOWN:
			break;
		default:
			return result;
		}
	}
	return WORK_NOTHING;
}
