/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resource limits of a command (setrlimit(2)): what was asked for, what
 * the kernel will hold it to, and whether that binds at all. Soft and hard
 * limit are the same, so the command cannot raise its own.
 */
#ifndef RLIMITS_H
#define RLIMITS_H

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
	LIMITS
};

/* RLIM_INFINITY is no limit. */
struct limit {
	bool is_asked;
	rlim_t requested;
	rlim_t effective;
	bool is_enforced;
};

/* "cpu", "RLIMIT_CPU", and whom it is counted for: "process" or "user". */
const char *limit_name(enum limit_index index);
const char *limit_by(enum limit_index index);
const char *limit_scope(enum limit_index index);

/* Asks for a limit; what is too large for the kernel to count is none. */
void limits_ask(
    struct limit limits[LIMITS], enum limit_index index, uint64_t value);

/*
 * Finds out what each limit that is asked for will be: a value above the hard
 * limit of a caller who may not raise it is clipped. 0, or -1 with errno.
 */
int limits_resolve(struct limit limits[LIMITS]);

/* Sets them for the caller. LIMITS, or the first that failed, with errno. */
enum limit_index limits_apply(const struct limit limits[LIMITS]);

#endif
