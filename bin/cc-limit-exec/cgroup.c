/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "cgroup_base.h"
#include "cgroup_file.h"
#include "cgroup_leaf.h"

static const char *const controllers[] = {"memory", "pids", "cpu", NULL};

const struct cgroup_use cgroup_use_unknown = {-1, -1, -1, -1, -1};

static int
set_limit(int leaf, enum limit_index index, uint64_t value)
{
	/* Of each tenth of a second so many hundredths, in microseconds. */
	const uint64_t period = 100000;
	char text[64];

	if (index == LIMIT_CGROUP_CPU)
		(void)snprintf(text, sizeof text, "%ju %ju",
		    (uintmax_t)(value * (period / 100)), (uintmax_t)period);
	else
		(void)snprintf(text, sizeof text, "%ju", (uintmax_t)value);
	return cgroup_write(leaf, limit_kinds[index].by, text);
}

/* Without swap, or memory beyond the limit would be found there; and killed
 * whole: what limps on without one of its processes proves nothing. */
static int
complete_memory_limit(int leaf)
{
	if (cgroup_write(leaf, "memory.swap.max", "0") == -1 && errno != ENOENT)
		return -1;
	return cgroup_write(leaf, "memory.oom.group", "1");
}

static void
set_limits(struct cgroup *cgroup, struct limit limits[])
{
	size_t used = strlen(cgroup->missing);

	for (enum limit_index i = RLIMITS; i < LIMITS; i++) {
		if (limits[i].requested == 0)
			continue;
		limits[i].is_enforced =
		    set_limit(cgroup->leaf, i, limits[i].requested) == 0 &&
		    (i != LIMIT_CGROUP_MEM ||
			complete_memory_limit(cgroup->leaf) == 0);
		if (limits[i].is_enforced)
			limits[i].effective = limits[i].requested;
		if (limits[i].is_enforced || used >= sizeof cgroup->missing)
			continue;
		int n = snprintf(cgroup->missing + used,
		    sizeof cgroup->missing - used,
		    "%scannot set %s (%s controller): %s",
		    used == 0 ? "" : "; ", limit_kinds[i].by,
		    limit_kinds[i].controller,
		    errno == ENOENT ? "not delegated" : strerror(errno));
		used += n < 0 ? 0 : (size_t)n;
	}
}

static int
give_up(struct cgroup *cgroup, const char *what)
{
	(void)snprintf(cgroup->missing, sizeof cgroup->missing, "cannot %s: %s",
	    what, strerror(errno));
	cgroup_base_unlock(cgroup->base);
	(void)close(cgroup->base);
	cgroup->base = -1;
	return -1;
}

int
cgroup_open(struct cgroup *cgroup, struct limit limits[])
{
	*cgroup = (struct cgroup){.leaf = -1};
	cgroup->base =
	    cgroup_base_open(cgroup->missing, sizeof cgroup->missing);
	if (cgroup->base == -1)
		return -1;
	if (cgroup_base_lock(cgroup->base) == -1)
		return give_up(cgroup, "lock the own cgroup");
	(void)cgroup_leaf_sweep(cgroup->base);
	/* What is then not there is told with the limit that needs it. */
	if (cgroup_base_enable(cgroup->base, controllers) == -1)
		(void)snprintf(cgroup->missing, sizeof cgroup->missing,
		    "cannot hand the controllers down: %s", strerror(errno));
	cgroup->leaf =
	    cgroup_leaf_make(cgroup->base, cgroup->name, sizeof cgroup->name);
	if (cgroup->leaf == -1)
		return give_up(cgroup, "make a cgroup");
	set_limits(cgroup, limits);
	cgroup_base_unlock(cgroup->base);
	return 0;
}

struct others {
	pid_t command;
	int count;
};

static void
count(pid_t pid, void *data)
{
	struct others *others = data;

	others->count += pid != others->command;
}

int
cgroup_kill(const struct cgroup *cgroup, pid_t command)
{
	struct others others = {.command = command};

	(void)cgroup_visit_processes(cgroup->leaf, count, &others);
	(void)cgroup_write(cgroup->leaf, "cgroup.kill", "1");
	return others.count;
}

void
cgroup_measure(const struct cgroup *cgroup, struct cgroup_use *use)
{
	int leaf = cgroup->leaf;

	*use = (struct cgroup_use){
	    .memory_peak = cgroup_number(leaf, "memory.peak"),
	    .oom_kills = cgroup_counter(leaf, "memory.events", "oom_kill"),
	    .limit_ooms = cgroup_counter(leaf, "memory.events", "oom"),
	    .user_us = cgroup_counter(leaf, "cpu.stat", "user_usec"),
	    .system_us = cgroup_counter(leaf, "cpu.stat", "system_usec")};
}

int
cgroup_close(struct cgroup *cgroup, int64_t until)
{
	int result =
	    cgroup_leaf_remove(cgroup->base, cgroup->name, cgroup->leaf, until);
	int saved = errno;

	if (cgroup_base_lock(cgroup->base) == 0 &&
	    cgroup_leaf_sweep(cgroup->base) == 0)
		cgroup_base_disable(cgroup->base, controllers);
	(void)close(cgroup->leaf);
	(void)close(cgroup->base);
	cgroup->leaf = cgroup->base = -1;
	errno = saved;
	return result;
}
