/* SPDX-License-Identifier: Apache-2.0 */

#include <time.h>

#include "clock.h"

int64_t
clock_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * CLOCK_SECOND + now.tv_nsec;
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
