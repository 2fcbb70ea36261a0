/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a confined command may do: the files, by Landlock, and the system
 * calls, by seccomp.
 */
#ifndef CONFINE_POLICY_H
#define CONFINE_POLICY_H

#include <jansson.h>
#include <stddef.h>

#include "confine/seccomp_policy.h"

struct confine_path {
	const char *name;
	unsigned kinds; /* LANDLOCK_READ, ... of landlock_rules.h */
};

struct confine_policy {
	struct confine_path *paths;
	size_t path_count;
	enum seccomp_profile profile;
};

/* Adds a path, whose name stays the caller's. 0 or -1 with errno. */
int confine_add_path(
    struct confine_policy *policy, const char *name, unsigned kinds);

/*
 * Puts the files' part into force with the kernel's version of Landlock,
 * not 0. 0, or -1 with errno, and *failed is then the path that it is about,
 * or NULL.
 */
int confine_files(
    const struct confine_policy *policy, int abi, const char **failed);

/* The policy as it is in force on this kernel, or NULL: no memory. */
json_t *confine_policy_json(const struct confine_policy *policy);

#endif
