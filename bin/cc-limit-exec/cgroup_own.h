/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the caller's own cgroup in the unified hierarchy. */
#ifndef CGROUP_OWN_H
#define CGROUP_OWN_H

/*
 * A descriptor of its directory; *name is then the last component of its
 * path, to be freed. -1 with errno: ENOENT when no mount of cgroup2 shows it.
 */
int cgroup_open_own(char **name);

#endif
