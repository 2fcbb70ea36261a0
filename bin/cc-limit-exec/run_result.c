/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <sys/wait.h>

#include "base/exit.h"
#include "run_result.h"

const char *
run_outcome_name(enum run_outcome outcome)
{
	static const char *const names[] = {
	    [RUN_EXITED] = "exited",
	    [RUN_SIGNALED] = "signaled",
	    [RUN_TIMEOUT] = "timeout",
	    [RUN_IDLE_TIMEOUT] = "idle_timeout",
	    [RUN_CPU_LIMIT] = "cpu_limit",
	    [RUN_OOM] = "oom",
	    [RUN_SETUP_FAILED] = "setup_failed",
	    [RUN_EXEC_FAILED] = "exec_failed",
	    [RUN_INTERRUPTED] = "interrupted",
	};

	return names[outcome];
}

int
run_exit_status(const struct run_result *result)
{
	if (result->stragglers > 0)
		return EXIT_SYSTEM;
	switch (result->outcome) {
	case RUN_EXITED:
	case RUN_SIGNALED:
	case RUN_CPU_LIMIT:
	case RUN_OOM:
		return WIFEXITED(result->status) ?
		    WEXITSTATUS(result->status) :
		    EXIT_SIGNAL_BASE + WTERMSIG(result->status);
	case RUN_TIMEOUT:
	case RUN_IDLE_TIMEOUT:
		return EXIT_TIMED_OUT;
	case RUN_INTERRUPTED:
		return EXIT_SIGNAL_BASE + result->interrupted_by;
	case RUN_EXEC_FAILED:
		return result->failure.error == ENOENT ? EXIT_NOT_FOUND :
							 EXIT_CANNOT_RUN;
	case RUN_SETUP_FAILED:
		break;
	}
	return EXIT_SYSTEM;
}
