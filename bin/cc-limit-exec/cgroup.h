/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup of its own for a command and all that it starts: a leaf below the
 * cgroup that was delegated to the caller, who stays outside. What rlimits
 * count for each process, it counts for the tree; nobody leaves it by forking
 * or by changing the user, and an OOM kill in it is known to be one. The leaf
 * is locked (flock(2)) while its runner lives: one that nobody has locked is
 * left by a runner that was killed, and is swept by the next.
 *
 * Names of files and what they do: Documentation/admin-guide/cgroup-v2.rst of
 * the kernel, "Core Interface Files", "Memory", "CPU", "PID".
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "limit.h"

enum { CGROUP_CPU_MOST = 1000000 };

struct cgroup {
	int base; /* the delegated cgroup; -1: there is none */
	int leaf; /* -1: there is none */
	char name[48];
	char missing[200]; /* what cannot be had, for people; or empty */
};

/* -1: not known. */
struct cgroup_use {
	int64_t memory_peak;	    /* bytes */
	int64_t oom_kills;	    /* for whatever reason */
	int64_t limit_ooms;	    /* times its own limit was why */
	int64_t user_us, system_us; /* processor time */
};

extern const struct cgroup_use cgroup_use_unknown;

/*
 * Makes a leaf and sets on it those of the limits that can be had. Whatever
 * the result, cgroup->missing says what is not; without a leaf nothing is
 * left behind. 0, or -1: no leaf.
 */
int cgroup_open(struct cgroup *cgroup, struct limit limits[]);

/*
 * Kills all processes in the leaf at once, where the kernel can (5.14). How
 * many there were besides the command.
 */
int cgroup_kill(const struct cgroup *cgroup, pid_t command);

/* What all processes in it have used, dead ones included. */
void cgroup_measure(const struct cgroup *cgroup, struct cgroup_use *use);

/*
 * Waits until the leaf is empty, or that moment has come (clock.h), and
 * removes it. 0, or -1 with errno: who comes next will try.
 */
int cgroup_close(struct cgroup *cgroup, int64_t until);

#endif
