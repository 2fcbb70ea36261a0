/* SPDX-License-Identifier: Apache-2.0 */

#include "backoff.h"

int64_t
backoff_take(struct backoff *backoff)
{
	int64_t pause = backoff->next != 0 ? backoff->next : backoff->first;

	backoff->next = pause < backoff->most / 2 ? pause * 2 : backoff->most;
	return pause;
}

void
backoff_reset(struct backoff *backoff)
{
	backoff->next = 0;
}
