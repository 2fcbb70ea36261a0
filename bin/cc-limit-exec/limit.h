/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits of a command: those of each process (setrlimit(2)), whose soft
 * and hard limit are the same, so that the command cannot raise its own, and
 * those of its cgroup. One row for each: what was asked for, what the kernel
 * will hold the command to, and whether that binds at all.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

enum limit_index {
	LIMIT_CPU,
	LIMIT_MEM,
	LIMIT_FILES,
	LIMIT_PROCS,
	LIMIT_FSIZE,
	LIMIT_CORE,
	LIMIT_STACK,
	RLIMITS, /* before it those of setrlimit, from it on a cgroup's */
	LIMIT_CGROUP_MEM = RLIMITS,
	LIMIT_CGROUP_PROCS,
	LIMIT_CGROUP_CPU, /* hundredths of a processor */
	LIMITS
};

struct limit {
	uint64_t requested; /* 0: not asked for; RLIM_INFINITY: none */
	uint64_t effective; /* RLIM_INFINITY: none */
	bool is_enforced;
};

struct limit_kind {
	const char *name;	/* in the report: "cpu" */
	const char *by;		/* "RLIMIT_CPU", "memory.max" */
	const char *scope;	/* whom it counts: a process, user or tree */
	const char *controller; /* of a cgroup's */
	__rlimit_resource_t resource; /* of the others */
};

extern const struct limit_kind limit_kinds[LIMITS];

/*
 * Finds out what each rlimit that is asked for will be: what is too large for
 * the kernel to count is none, and a value above the hard limit of a caller
 * who may not raise it is clipped. Of a cgroup's limits none is in force yet.
 * 0, or -1 with errno.
 */
int limit_resolve(struct limit limits[]);

/* Sets them for the caller. RLIMITS, or the first that failed, with errno. */
enum limit_index limit_apply(const struct limit limits[]);

#endif
