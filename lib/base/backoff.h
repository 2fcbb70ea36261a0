/* SPDX-License-Identifier: Apache-2.0 */
/* Pauses that double from `first` to `most` until something has worked. */
#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdint.h>

struct backoff {
	int64_t first, most; /* any unit */
	int64_t next;	     /* 0: first */
};

/* The pause to make now; the one after it is twice as long. */
int64_t backoff_take(struct backoff *backoff);
void backoff_reset(struct backoff *backoff);

#endif
