/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes were met, so that each is counted once. */
#ifndef PID_SET_H
#define PID_SET_H

#include <sys/types.h>

struct pid_set {
	unsigned char *bits;
	int count;
};

/* An empty set. Without memory for it, it stays empty. */
struct pid_set pid_set_new(void);
void pid_set_free(struct pid_set *set);

/* Adds and counts a pid that is not yet in it. */
void pid_set_add(struct pid_set *set, pid_t pid);

#endif
