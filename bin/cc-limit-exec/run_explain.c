/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/signal_name.h"
#include "run_explain.h"

static const char *
processes(int count)
{
	return count == 1 ? "process" : "processes";
}

/* "killed the command and 2 more processes, 1 still lives", or nothing. */
static void
explain_killed(const struct run_result *result, char *text, size_t size)
{
	int used = 0;

	*text = '\0';
	if (result->is_killed && result->killed > 0)
		used =
		    snprintf(text, size, ", killed the command and %d more %s",
			result->killed, processes(result->killed));
	else if (result->is_killed)
		used = snprintf(text, size, ", killed the command");
	else if (result->killed > 0)
		used =
		    snprintf(text, size, ", killed %d %s that it left behind",
			result->killed, processes(result->killed));
	if (result->stragglers > 0)
		snprintf(text + used, size - (size_t)used,
		    ", waiting for %d %s to die", result->stragglers,
		    processes(result->stragglers));
}

static double
seconds(int64_t ns)
{
	return (double)ns / (double)CLOCK_SECOND;
}

int
run_explain(const struct run_plan *plan, const struct run_result *result,
    char *text, size_t size)
{
	char killed[140], name[32];

	explain_killed(result, killed, sizeof killed);
	switch (result->outcome) {
	case RUN_TIMEOUT:
		snprintf(text, size, "timed out after %.9g s%s",
		    seconds(plan->timeout_ns), killed);
		return 1;
	case RUN_IDLE_TIMEOUT:
		snprintf(text, size, "no output for %.9g s%s",
		    seconds(plan->idle_timeout_ns), killed);
		return 1;
	case RUN_INTERRUPTED:
		snprintf(text, size, "interrupted by %s%s",
		    signal_name(result->interrupted_by, name, sizeof name),
		    killed);
		return 1;
	case RUN_CPU_LIMIT:
		snprintf(text, size, "the command used up its %ju s of CPU%s",
		    (uintmax_t)plan->limits[LIMIT_CPU].effective, killed);
		return 1;
	case RUN_OOM:
		format_size(plan->limits[LIMIT_CGROUP_MEM].requested, name,
		    sizeof name);
		snprintf(text, size, "out of memory: more than %s was used%s",
		    name, killed);
		return 1;
	default:
		snprintf(text, size, "the command has ended%s", killed);
		return *killed != '\0';
	}
}
