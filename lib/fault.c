/* SPDX-License-Identifier: Apache-2.0 */

#include "fault.h"

#ifdef FAULT_POINTS

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
fault_point(const char *point, const char *object)
{
	const char *at = getenv("FAULT_AT");
	const char *token = getenv("FAULT_TOKEN");
	const char *number = getenv("FAULT_SIGNAL");
	char here[160];
	int saved = errno;

	if (at == NULL || token == NULL || number == NULL)
		return;
	snprintf(here, sizeof here, "%s:%s:%s", program_invocation_short_name,
	    point, object);
	if (strcmp(at, here) == 0 && unlink(token) == 0)
		(void)raise(atoi(number));
	errno = saved;
}

void
fault_statement(const char *point, const char *statement)
{
	char name[40];

	if (sscanf(statement, "-- %39s", name) == 1)
		fault_point(point, name);
}

#endif
