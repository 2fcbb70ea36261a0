/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a command that was run (run.h). */
#ifndef RUN_RESULT_H
#define RUN_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "launch.h"

enum run_outcome {
	RUN_EXITED,
	RUN_SIGNALED,
	RUN_TIMEOUT,
	RUN_IDLE_TIMEOUT,
	RUN_CPU_LIMIT,
	RUN_OOM,
	RUN_SETUP_FAILED,
	RUN_EXEC_FAILED,
	RUN_INTERRUPTED
};

struct run_result {
	enum run_outcome outcome;
	bool has_status; /* false: no process, or a straggler */
	int status;	 /* of wait(2) */
	int interrupted_by;
	bool is_killed; /* the command, by us */
	int killed;	/* processes besides the command, by us */
	int stragglers; /* that were killed and live, the command too */
	int straggler_error;
	int64_t kill_end; /* until then they are waited for */
	int64_t wall_ns;
	struct rusage usage;   /* of all processes together */
	struct cgroup_use use; /* of its cgroup */
	struct launch_failure failure;
	const char *trouble; /* of run_command's -1: "cannot ..." */
	int trouble_errno;
};

const char *run_outcome_name(enum run_outcome outcome);

/* What a program that ran the command exits with (exit.h). */
int run_exit_status(const struct run_result *result);

#endif
