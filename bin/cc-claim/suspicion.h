/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether builds that came back without a verdict speak against this host. A
 * row alone never does, for whoever submits it can have made it so, as often
 * as he likes; several different ones, one after the other and for the same
 * reason, do.
 */
#ifndef SUSPICION_H
#define SUSPICION_H

#include <stdbool.h>

#include "base/uuid.h"

enum { SUSPICION_ROWS = 3, SUSPICION_REASON = 80 };

struct suspicion {
	char reason[SUSPICION_REASON]; /* up to its colon */
	char rows[SUSPICION_ROWS][UUID_TEXT];
	int count;
};

/* What record.json of the build says of it. */
struct come_back {
	char reason[SUSPICION_REASON]; /* empty: it does not say */
	bool is_of_row;		       /* it says nothing of the host */
};

/* A record that cannot be read says nothing. */
struct come_back suspicion_read(int directory);

/*
 * One more. Whether it is now, or still, the host that is suspect; a row that
 * is among the last ones does not count again.
 */
bool suspicion_add(
    struct suspicion *suspicion, const char *row, const char *reason);

void suspicion_clear(struct suspicion *suspicion);

#endif
