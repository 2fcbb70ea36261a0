/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a command to its end, or to the end of its time, and then ending
 * all that it started. One place waits, for signals, output and the next
 * deadline on CLOCK_MONOTONIC; nothing the command does can keep it elsewhere.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "cgroup.h"
#include "launch.h"
#include "run_result.h"
#include "stream.h"

enum cgroup_mode {
	CGROUP_AUTO,
	CGROUP_REQUIRED,
	CGROUP_OFF,
	CGROUP_UNSAID /* while the options are read */
};

struct run_plan {
	struct launch launch;
	int64_t timeout_ns;
	int64_t idle_timeout_ns;  /* 0: none */
	int64_t grace_ns;	  /* between a signal to us and SIGKILL */
	int64_t kill_patience_ns; /* from SIGKILL to the death of all */
	bool dies_with_parent;
	enum cgroup_mode cgroup_mode;
	struct limit limits[LIMITS]; /* what launch.limits points to */
	struct cgroup cgroup;	     /* what launch.cgroup points to */
};

/*
 * Runs it; the caller must be a subreaper (descendants.h) and gets some
 * signals blocked for good. 0: the streams are finished and the result is
 * whole; no process is left but the stragglers that it tells of. -1 with errno
 * and result->trouble: this host failed; what could be killed is.
 */
int run_command(const struct run_plan *plan, struct stream streams[2],
    struct run_result *result);

/*
 * Waits for the result's stragglers, killing whom they leave, until none is
 * left, the patience is at its end or the caller is told to end by a signal.
 */
void run_await_stragglers(
    const struct run_plan *plan, struct run_result *result);

#endif
