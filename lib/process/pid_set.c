/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>

#include "pid_set.h"

/* The kernel's PID_MAX_LIMIT. Pages that are not touched cost nothing. */
enum { PIDS = 4 * 1024 * 1024 };

struct pid_set
pid_set_new(void)
{
	return (struct pid_set){.bits = calloc(PIDS / 8, 1)};
}

void
pid_set_free(struct pid_set *set)
{
	free(set->bits);
	set->bits = NULL;
}

void
pid_set_add(struct pid_set *set, pid_t pid)
{
	unsigned char bit = (unsigned char)(1U << (pid % 8));

	if (set->bits == NULL || pid <= 0 || pid >= PIDS ||
	    (set->bits[pid / 8] & bit) != 0)
		return;
	set->bits[pid / 8] |= bit;
	set->count++;
}
