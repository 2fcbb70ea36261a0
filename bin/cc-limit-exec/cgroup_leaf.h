/* SPDX-License-Identifier: Apache-2.0 */
/* The leaves of runners below a cgroup that is theirs (cgroup_base.h). */
#ifndef CGROUP_LEAF_H
#define CGROUP_LEAF_H

#include <stddef.h>
#include <stdint.h>

/* Makes one, locked until the descriptor is closed; or -1 with errno. */
int cgroup_leaf_make(int base, char *name, size_t size);

/*
 * Kills who is in it, waits for their end, until that moment (clock.h) at
 * most, and removes it. 0, or -1 with errno.
 */
int cgroup_leaf_remove(int base, const char *name, int leaf, int64_t until);

/*
 * Removes those whose runners are gone; whoever takes long to die in them is
 * left to the next call. How many are left; -1 with errno when they cannot be
 * listed. With the base locked.
 */
int cgroup_leaf_sweep(int base);

#endif
