/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup that was delegated to the caller (cgroup-v2.rst, "Delegation"):
 * its own, or its parent where the caller sits in the leaf "supervisor". Only
 * a cgroup without processes of its own can hand controllers down ("No
 * Internal Process Constraint"), so whoever is in it is moved to that leaf.
 */
#ifndef CGROUP_BASE_H
#define CGROUP_BASE_H

#include <stdbool.h>
#include <stddef.h>

#define CGROUP_SUPERVISOR "supervisor"
#define CGROUP_LEAF "cc-limit-exec." /* and the runner's pid, and a number */

/*
 * A descriptor of it; -1: none is delegated, and why is then what keeps the
 * caller from one, for people.
 */
int cgroup_base_open(char *why, size_t size);

/*
 * Keeps other runners in the same cgroup from making, sweeping or removing
 * leaves until it is unlocked. Waits for seconds, not for ever: 0, or -1 with
 * errno.
 */
int cgroup_base_lock(int base);
void cgroup_base_unlock(int base);

/*
 * Hands down what is there of the controllers, which end with a NULL; locked.
 * 0, or -1 with errno when those that are there cannot be handed down.
 */
int cgroup_base_enable(int base, const char *const controllers[]);

/* Takes them back, for who starts a process in it; locked, and leafless. */
void cgroup_base_disable(int base, const char *const controllers[]);

#endif
