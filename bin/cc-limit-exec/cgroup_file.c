/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "cgroup_file.h"

int
cgroup_write(int directory, const char *file, const char *text)
{
	int fd = openat(directory, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return -1;
	/* The kernel takes a value whole or not at all. */
	int result = write(fd, text, strlen(text)) == -1 ? -1 : 0;
	close_keeping_errno(fd);
	return result;
}

static FILE *
open_to_read(int directory, const char *file)
{
	int fd = openat(directory, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return NULL;
	FILE *stream = fdopen(fd, "r");
	if (stream == NULL)
		(void)close(fd);
	return stream;
}

int64_t
cgroup_number(int directory, const char *file)
{
	FILE *stream = open_to_read(directory, file);
	long long number;

	if (stream == NULL)
		return -1;
	if (fscanf(stream, "%lld", &number) != 1)
		number = -1;
	(void)fclose(stream);
	return number;
}

int64_t
cgroup_counter(int directory, const char *file, const char *key)
{
	FILE *stream = open_to_read(directory, file);
	long long number, found = -1;
	char name[64];

	if (stream == NULL)
		return -1;
	while (fscanf(stream, "%63s %lld", name, &number) == 2)
		if (strcmp(name, key) == 0)
			found = number;
	(void)fclose(stream);
	return found;
}

bool
cgroup_lists(int directory, const char *file, const char *word)
{
	FILE *stream = open_to_read(directory, file);
	bool is_found = false;
	char name[64];

	if (stream == NULL)
		return false;
	while (!is_found && fscanf(stream, "%63s", name) == 1)
		is_found = strcmp(name, word) == 0;
	(void)fclose(stream);
	return is_found;
}

int
cgroup_visit_processes(
    int directory, void (*visit)(pid_t pid, void *data), void *data)
{
	FILE *stream = open_to_read(directory, "cgroup.procs");
	int count = 0;
	long pid;

	if (stream == NULL)
		return -1;
	for (; fscanf(stream, "%ld", &pid) == 1; count++)
		visit((pid_t)pid, data);
	/* A threaded cgroup can be opened but not read. */
	bool has_failed = ferror(stream) != 0;
	int saved = errno;
	(void)fclose(stream);
	errno = saved;
	return has_failed ? -1 : count;
}
