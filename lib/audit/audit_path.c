/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_path.h"

char *
audit_path(const char *audit_log, const char *home)
{
	const char *user_home = getenv("HOME");
	char *path;

	if (audit_log != NULL)
		return strdup(audit_log);
	if (home == NULL && (user_home == NULL || *user_home == '\0')) {
		errno = EINVAL;
		return NULL;
	}
	int n = home != NULL ?
	    asprintf(&path, "%s/logs/compiler.log", home) :
	    asprintf(&path, "%s/.cloacina/logs/compiler.log", user_home);
	return n == -1 ? NULL : path;
}
