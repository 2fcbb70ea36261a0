/* SPDX-License-Identifier: Apache-2.0 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_beside.h"
#include "base/files.h"
#include "base/list.h"

static DIR *
open_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = slash == NULL ? strdup(".") :
				     strndup(path, (size_t)(slash - path + 1));
	DIR *parent =
	    name == NULL ? NULL : list_directory(open_directory(name));

	free(name);
	return parent;
}

static bool
look_at(DIR *parent, const char *name, bool (*look)(int, void *), void *context)
{
	struct stat st;
	int fd = openat(dirfd(parent), name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd == -1)
		return false;
	bool is_it =
	    fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && look(fd, context);
	(void)close(fd);
	return is_it;
}

bool
audit_beside(
    const char *path, bool (*look)(int fd, void *context), void *context)
{
	DIR *parent = open_parent(path);
	const struct dirent *entry;
	bool found = false;

	if (parent == NULL)
		return false;
	while (!found && (entry = list_next(parent)) != NULL)
		found = look_at(parent, entry->d_name, look, context);
	list_close(parent);
	return found;
}
