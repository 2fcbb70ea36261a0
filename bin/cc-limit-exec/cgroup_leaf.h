/* SPDX-License-Identifier: Apache-2.0 */
/* The leaves of runners below a cgroup that is theirs (cgroup_base.h). */
#ifndef CGROUP_LEAF_H
#define CGROUP_LEAF_H

#include <stddef.h>

/* Makes one, locked until the descriptor is closed; or -1 with errno. */
int cgroup_leaf_make(int base, char *name, size_t size);

/*
 * Kills who is in it, waits for their end, but not for ever, and removes it.
 * 0, or -1 with errno.
 */
int cgroup_leaf_remove(int base, const char *name, int leaf);

/*
 * Removes those whose runners are gone. How many are left; -1 with errno when
 * they cannot be listed. With the base locked.
 */
int cgroup_leaf_sweep(int base);

#endif
