/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching over a command that runs while a claim is held. Whatever ends the
 * watch, no process of the command is left afterwards, and what the database
 * does, or does not, never delays it.
 */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/events.h"
#include "hold.h"

enum supervise_end {
	ENDED_BY_ITSELF,
	ENDED_BY_SIGNAL,   /* not of ours */
	ENDED_INTERRUPTED, /* this process was asked to stop */
	ENDED_SUPERSEDED,
	ENDED_LOST,
	ENDED_BY_TIME
};

struct supervised {
	enum supervise_end end;
	int status;    /* of wait(2) */
	int survivors; /* errno: why some live that were killed; 0: none does */
};

/*
 * Waits for the command, sends the heartbeats, and kills everything once the
 * claim is lost or superseded or this process is asked to stop.
 */
struct supervised supervise_build(
    struct events *events, struct claim_hold *hold, pid_t command);

/*
 * For what must still be done about a claim, held or not, or about none:
 * killed only at `until`, or when this process was asked to stop `stops` times.
 * Survivors of before were waited for, and are not again.
 */
struct supervised supervise_last(struct events *events, struct claim_hold *hold,
    pid_t command, int64_t until, int stops, int survivors);

#endif
