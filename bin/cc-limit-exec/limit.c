/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "limit.h"

const struct limit_kind limit_kinds[LIMITS] = {
    [LIMIT_CPU] = {"cpu", "RLIMIT_CPU", "process", NULL, RLIMIT_CPU},
    [LIMIT_MEM] = {"mem", "RLIMIT_AS", "process", NULL, RLIMIT_AS},
    [LIMIT_FILES] = {"files", "RLIMIT_NOFILE", "process", NULL, RLIMIT_NOFILE},
    [LIMIT_PROCS] = {"procs", "RLIMIT_NPROC", "user", NULL, RLIMIT_NPROC},
    [LIMIT_FSIZE] = {"fsize", "RLIMIT_FSIZE", "process", NULL, RLIMIT_FSIZE},
    [LIMIT_CORE] = {"core", "RLIMIT_CORE", "process", NULL, RLIMIT_CORE},
    [LIMIT_STACK] = {"stack", "RLIMIT_STACK", "process", NULL, RLIMIT_STACK},
    [LIMIT_CGROUP_MEM] = {"cgroup_mem", "memory.max", "tree", "memory", 0},
    [LIMIT_CGROUP_PROCS] = {"cgroup_procs", "pids.max", "tree", "pids", 0},
    [LIMIT_CGROUP_CPU] = {"cgroup_cpu", "cpu.max", "tree", "cpu", 0},
};

/* The number of processes does not bind root, nor who keeps one of these
 * capabilities across exec. */
static bool
is_exempt_from_procs(void)
{
	return getuid() == 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_RESOURCE, 0,
		0) == 1 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_ADMIN, 0, 0) ==
	    1;
}

/* Tries to raise the caller's own hard limit where it is in the way. */
static int
resolve(struct limit *limit, __rlimit_resource_t resource)
{
	/* The kernel compares CPU time in 64 bits of nanoseconds: more seconds
	 * than fit would wrap around to a small limit. */
	uint64_t most =
	    resource == RLIMIT_CPU ? UINT64_MAX / 1000000000 : INT64_MAX;
	struct rlimit own;

	if (getrlimit(resource, &own) == -1)
		return -1;
	if (limit->requested > most)
		limit->requested = RLIM_INFINITY;
	limit->effective = limit->requested;
	if (limit->requested > own.rlim_max) {
		struct rlimit raised = {own.rlim_cur, limit->requested};
		if (setrlimit(resource, &raised) == -1) {
			if (errno != EPERM)
				return -1;
			limit->effective = own.rlim_max;
		}
	}
	limit->is_enforced = limit->effective != RLIM_INFINITY;
	return 0;
}

int
limit_resolve(struct limit limits[])
{
	for (int i = 0; i < RLIMITS; i++)
		if (limits[i].requested != 0 &&
		    resolve(&limits[i], limit_kinds[i].resource) == -1)
			return -1;
	for (int i = RLIMITS; i < LIMITS; i++)
		limits[i].effective = RLIM_INFINITY;
	if (limits[LIMIT_PROCS].is_enforced && is_exempt_from_procs())
		limits[LIMIT_PROCS].is_enforced = false;
	return 0;
}

enum limit_index
limit_apply(const struct limit limits[])
{
	for (enum limit_index i = 0; i < RLIMITS; i++) {
		struct rlimit both = {limits[i].effective, limits[i].effective};
		if (limits[i].requested != 0 &&
		    setrlimit(limit_kinds[i].resource, &both) == -1)
			return i;
	}
	return RLIMITS;
}
