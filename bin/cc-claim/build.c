/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "build.h"
#include "build/directory.h"
#include "command.h"
#include "ended.h"
#include "process/descendants.h"
#include "supervise.h"

#define LAST_COMMAND_PATIENCE (60 * CLOCK_SECOND)

/*
 * Until the sweep may take the build at the latest; after that long an outage
 * for one answer, so that a database that came back is asked once.
 */
static const char *
release(const struct claim_build *build, const char *how)
{
	struct claim_hold *hold = build->hold;
	int64_t stale = hold->acknowledged + hold->stale;
	int64_t once = clock_boot() + hold->link->limit;
	const char *answer = claim_hold_release(hold, build->events, how,
	    build->delay_s, stale > once ? stale : once);

	if (answer == NULL)
		warnx("cannot give %s back: no answer, the sweep will "
		      "take it",
		    build->name);
	return answer;
}

static void
note_end(const struct claim_build *build, const char *why, int signal)
{
	if (ended_store(build->directory, why, signal) == -1)
		warnx("cannot write '%s': %s, going on", ENDED_FILE,
		    strerror(errno));
}

static void
tell_survivors(const struct claim_build *build, struct supervised watched)
{
	if (watched.survivors != 0)
		warnx("cannot end all processes of %s: %s, going on",
		    build->name, descendants_error(watched.survivors));
}

static void
tell_last_end(const struct claim_build *build, struct supervised watched)
{
	const char *name = build->last_command[0];
	char signal[ENDED_SIGNAL];

	if (watched.end == ENDED_BY_TIME)
		warnx("'%s' did not end and was killed", name);
	else if (WIFSIGNALED(watched.status))
		warnx("'%s' died of %s", name,
		    ended_signal(WTERMSIG(watched.status), signal));
	else if (WEXITSTATUS(watched.status) != 0)
		warnx("'%s' failed with status %d", name,
		    WEXITSTATUS(watched.status));
}

static void
run_last_command(const struct claim_build *build, int survivors)
{
	if (build->last_command == NULL)
		return;
	pid_t command = command_start(build->last_command, false);
	if (command == -1) {
		warn("cannot run '%s'", build->last_command[0]);
		return;
	}
	struct supervised watched = supervise_last(build->events, build->hold,
	    command, clock_boot() + LAST_COMMAND_PATIENCE, 2, survivors);
	/* Of those of before it is said. */
	if (survivors == 0)
		tell_survivors(build, watched);
	tell_last_end(build, watched);
}

/* The last command may complete the build or give it back; release asks. */
static const char *
end_killed(
    const struct claim_build *build, const char *why, int signal, int survivors)
{
	note_end(build, why, signal);
	run_last_command(build, survivors);
	return release(
	    build, signal != 0 ? CLAIM_WAS_KILLED : CLAIM_WAS_GIVEN_BACK);
}

/* Somebody waits for this host to stop, and others for the build: it first. */
static const char *
end_interrupted(const struct claim_build *build, int survivors)
{
	note_end(build, "interrupted", 0);
	const char *answer = release(build, CLAIM_WAS_INTERRUPTED);
	run_last_command(build, survivors);
	return answer;
}

const char *
claim_build_run(const struct claim_build *build, bool *has_begun)
{
	char signal[ENDED_SIGNAL];
	pid_t command = command_start(build->command, false);

	*has_begun = command != -1;
	if (command == -1) {
		warn("cannot run '%s'", build->command[0]);
		return release(build, CLAIM_WAS_GIVEN_BACK);
	}
	struct supervised watched =
	    supervise_build(build->events, build->hold, command);
	tell_survivors(build, watched);
	switch (watched.end) {
	case ENDED_BY_SIGNAL:
		warnx("the command of %s died of %s", build->name,
		    ended_signal(WTERMSIG(watched.status), signal));
		return end_killed(build, "killed", WTERMSIG(watched.status),
		    watched.survivors);
	case ENDED_INTERRUPTED:
		warnx("asked to stop: killed %s", build->name);
		return end_interrupted(build, watched.survivors);
	case ENDED_SUPERSEDED:
		warnx("a newer version supersedes %s: killed it", build->name);
		return end_killed(build, "superseded", 0, watched.survivors);
	case ENDED_LOST:
		warnx("lost the claim on %s (%s): killed it", build->name,
		    build->hold->answer);
		return end_killed(build, "lost", 0, watched.survivors);
	default:
		return release(build, CLAIM_WAS_GIVEN_BACK);
	}
}
