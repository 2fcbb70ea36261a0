/* SPDX-License-Identifier: Apache-2.0 */

#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "run_judge.h"

/* CPUCLOCK_PROF of the numbering behind clock_getcpuclockid(3): ticks of user
 * and system time, as the kernel's check counts, and not the finer time of
 * the statistics. */
uint64_t
run_cpu_time(pid_t child)
{
	struct timespec used;

	if (clock_gettime((clockid_t)(~(unsigned)child << 3), &used) == -1)
		return 0;
	return (uint64_t)used.tv_sec * CLOCK_SECOND + (uint64_t)used.tv_nsec;
}

static bool
has_used_up(const struct limit *limit, int signal, uint64_t cpu)
{
	return limit->is_enforced && (signal == SIGKILL || signal == SIGXCPU) &&
	    cpu >= limit->effective * CLOCK_SECOND;
}

enum run_outcome
run_judge(const struct limit *cpu_limit, const struct run_result *result,
    uint64_t cpu)
{
	if (result->failure.step == LAUNCH_EXEC)
		return RUN_EXEC_FAILED;
	if (result->failure.step != LAUNCH_BEGUN)
		return RUN_SETUP_FAILED;
	if (result->interrupted_by != 0)
		return RUN_INTERRUPTED;
	bool has_succeeded =
	    WIFEXITED(result->status) && WEXITSTATUS(result->status) == 0;
	if (result->use.limit_ooms > 0 && result->use.oom_kills > 0 &&
	    !has_succeeded)
		return RUN_OOM;
	if (!WIFSIGNALED(result->status))
		return RUN_EXITED;
	return has_used_up(cpu_limit, WTERMSIG(result->status), cpu) ?
	    RUN_CPU_LIMIT :
	    RUN_SIGNALED;
}
