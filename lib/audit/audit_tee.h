/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An audit event once more, for the journal of a service: to be searched, not
 * to be trusted. The log and the table are the record.
 */
#ifndef AUDIT_TEE_H
#define AUDIT_TEE_H

#include <jansson.h>

#include "base/options.h"

/* Its row, for a member that is a bool. */
#define AUDIT_TEE_ROW(settings, member)                               \
	{                                                             \
		"audit-tee", "yes|no", "CLOACINA_COMPILER_AUDIT_TEE", \
		    "write each event to stderr, too",                \
		    OPTION_YES(settings, member)                      \
	}

/*
 * Writes the event's line in one piece. Of a long reason it has the end: a
 * journal would cut the line in two. 0, or -1 with errno.
 */
int audit_tee(int out, const json_t *event);

#endif
