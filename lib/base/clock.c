/* SPDX-License-Identifier: Apache-2.0 */

#include <time.h>

#include "clock.h"

static int64_t
read_clock(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now); /* cannot fail */
	return now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

int64_t
clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

int64_t
clock_after(int64_t moment, int64_t length)
{
	int64_t sum;

	return __builtin_add_overflow(moment, length, &sum) ? CLOCK_NEVER : sum;
}

int64_t
clock_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}
