/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "rlimits.h"

static const struct {
	const char *name, *by, *scope;
	__rlimit_resource_t resource;
} kinds[LIMITS] = {
    [LIMIT_CPU] = {"cpu", "RLIMIT_CPU", "process", RLIMIT_CPU},
    [LIMIT_MEM] = {"mem", "RLIMIT_AS", "process", RLIMIT_AS},
    [LIMIT_FILES] = {"files", "RLIMIT_NOFILE", "process", RLIMIT_NOFILE},
    [LIMIT_PROCS] = {"procs", "RLIMIT_NPROC", "user", RLIMIT_NPROC},
    [LIMIT_FSIZE] = {"fsize", "RLIMIT_FSIZE", "process", RLIMIT_FSIZE},
    [LIMIT_CORE] = {"core", "RLIMIT_CORE", "process", RLIMIT_CORE},
    [LIMIT_STACK] = {"stack", "RLIMIT_STACK", "process", RLIMIT_STACK},
};

const char *
limit_name(enum limit_index index)
{
	return kinds[index].name;
}

const char *
limit_by(enum limit_index index)
{
	return kinds[index].by;
}

const char *
limit_scope(enum limit_index index)
{
	return kinds[index].scope;
}

void
limits_ask(struct limit limits[LIMITS], enum limit_index index, uint64_t value)
{
	/* The kernel compares CPU time in 64 bits of nanoseconds: more seconds
	 * than fit would wrap around to a small limit. */
	uint64_t most =
	    index == LIMIT_CPU ? UINT64_MAX / 1000000000 : INT64_MAX;

	limits[index].requested = value > most ? RLIM_INFINITY : value;
	limits[index].is_asked = true;
}

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
	struct rlimit own;

	if (getrlimit(resource, &own) == -1)
		return -1;
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
limits_resolve(struct limit limits[LIMITS])
{
	for (int i = 0; i < LIMITS; i++)
		if (limits[i].is_asked &&
		    resolve(&limits[i], kinds[i].resource) == -1)
			return -1;
	if (limits[LIMIT_PROCS].is_enforced && is_exempt_from_procs())
		limits[LIMIT_PROCS].is_enforced = false;
	return 0;
}

enum limit_index
limits_apply(const struct limit limits[LIMITS])
{
	for (int i = 0; i < LIMITS; i++) {
		struct rlimit both = {limits[i].effective, limits[i].effective};
		if (limits[i].is_asked &&
		    setrlimit(kinds[i].resource, &both) == -1)
			return (enum limit_index)i;
	}
	return LIMITS;
}
