/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include "files.h"
#include "list.h"

DIR *
list_directory(int fd)
{
	DIR *list = fd == -1 ? NULL : fdopendir(fd);

	if (list == NULL)
		close_keeping_errno(fd);
	return list;
}

const struct dirent *
list_next(DIR *list)
{
	const struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(list);
	} while (entry != NULL &&
	    (strcmp(entry->d_name, ".") == 0 ||
		strcmp(entry->d_name, "..") == 0));
	return entry;
}

void
list_close(DIR *list)
{
	int saved = errno;

	(void)closedir(list);
	errno = saved;
}
