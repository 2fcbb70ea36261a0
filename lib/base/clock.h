/* SPDX-License-Identifier: Apache-2.0 */
/* Moments and lengths of time, in nanoseconds. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000000)
#define CLOCK_MS INT64_C(1000000)
#define CLOCK_NEVER INT64_MAX

/* Stands still in suspend (CLOCK_MONOTONIC): for what a process may take. */
int64_t clock_now(void);

/* Goes on in suspend (CLOCK_BOOTTIME): for what others count meanwhile. */
int64_t clock_boot(void);

/* The moment that much later; CLOCK_NEVER where it lies beyond. */
int64_t clock_after(int64_t moment, int64_t length);

int64_t clock_earlier(int64_t a, int64_t b);

#endif
