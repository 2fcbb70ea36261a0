/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database_hosts.h"

/* "a,b,c" becomes "b,c,a". A new string, or NULL: none, or no memory. */
static char *
turn(const char *list)
{
	const char *comma = list != NULL ? strchr(list, ',') : NULL;
	char *turned;

	if (comma == NULL)
		return list != NULL ? strdup(list) : NULL;
	if (asprintf(
		&turned, "%s,%.*s", comma + 1, (int)(comma - list), list) == -1)
		return NULL;
	return turned;
}

static int
count(const char *list)
{
	int n = 1;

	while (list != NULL && (list = strchr(list, ',')) != NULL) {
		list++;
		n++;
	}
	return n;
}

static void
replace(char **list, const PQconninfoOption *used)
{
	free(*list);
	*list = turn(used->val);
}

void
database_hosts_turn(struct database_hosts *hosts, PGconn *attempt)
{
	PQconninfoOption *used = PQconninfo(attempt);

	for (PQconninfoOption *o = used; o != NULL && o->keyword != NULL; o++) {
		if (strcmp(o->keyword, "host") == 0)
			replace(&hosts->host, o);
		else if (strcmp(o->keyword, "hostaddr") == 0)
			replace(&hosts->hostaddr, o);
		else if (strcmp(o->keyword, "port") == 0)
			replace(&hosts->port, o);
	}
	PQconninfoFree(used);
	hosts->count =
	    count(hosts->hostaddr != NULL ? hosts->hostaddr : hosts->host);
}

void
database_hosts_free(struct database_hosts *hosts)
{
	free(hosts->host);
	free(hosts->hostaddr);
	free(hosts->port);
}
