/* SPDX-License-Identifier: Apache-2.0 */

#include "fault.h"

#ifdef FAULT_POINTS

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void
trace(const char *here)
{
	const char *path = getenv("FAULT_TRACE");
	int fd = path == NULL ?
	    -1 :
	    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd == -1)
		return;
	(void)dprintf(fd, "%s\n", here);
	(void)close(fd);
}

/* Whose fault it is, for those who let it go on. */
static void
leave_pid(const char *token)
{
	char path[4096];

	snprintf(path, sizeof path, "%s.pid", token);
	FILE *file = fopen(path, "we");
	if (file == NULL)
		return;
	fprintf(file, "%d\n", (int)getpid());
	(void)fclose(file);
}

/* One byte less; whether it was the last one. */
static bool
spend(const char *token)
{
	struct stat st;
	int fd = open(token, O_RDWR | O_CLOEXEC);

	if (fd == -1)
		return false;
	bool is_locked = flock(fd, LOCK_EX) == 0 && fstat(fd, &st) == 0;
	bool is_last = is_locked && st.st_size == 1;
	if (is_locked && st.st_size > 1)
		(void)!ftruncate(fd, st.st_size - 1);
	if (is_last)
		leave_pid(token);
	bool strikes = is_last && unlink(token) == 0;
	(void)close(fd);
	return strikes;
}

void
fault_point(const char *point, const char *object)
{
	const char *at = getenv("FAULT_AT");
	const char *token = getenv("FAULT_TOKEN");
	const char *number = getenv("FAULT_SIGNAL");
	char here[160];
	int saved = errno;

	snprintf(here, sizeof here, "%s:%s:%s", program_invocation_short_name,
	    point, object);
	trace(here);
	if (at != NULL && token != NULL && number != NULL &&
	    strcmp(at, here) == 0 && spend(token))
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

bool
fault_is_setting(const char *variable)
{
	return strncmp(variable, "FAULT_", 6) == 0;
}

#endif
