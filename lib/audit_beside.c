/* SPDX-License-Identifier: Apache-2.0 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_beside.h"

static DIR *
open_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = slash == NULL ? strdup(".") :
				     strndup(path, (size_t)(slash - path + 1));
	DIR *parent = name == NULL ? NULL : opendir(name);
	int saved = errno;

	free(name);
	errno = saved;
	return parent;
}

/* What is no regular file, or not ours to read, is not where the log went. */
static int
look_at(DIR *parent, const char *name, int (*look)(int, void *), void *context)
{
	struct stat st;
	int result = 0;
	int fd = openat(dirfd(parent), name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		result = look(fd, context);
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return result;
}

int
audit_beside(
    const char *path, int (*look)(int fd, void *context), void *context)
{
	DIR *parent = open_parent(path);
	struct dirent *entry;
	int result = 0;

	if (parent == NULL)
		return -1;
	while (result == 0 && (entry = readdir(parent)) != NULL)
		result = look_at(parent, entry->d_name, look, context);
	int saved = errno;
	(void)closedir(parent);
	errno = saved;
	return result;
}
