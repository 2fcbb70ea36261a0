/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/list.h"
#include "directory.h"
#include "home.h"

/*
 * A stranger who can write there could put another directory in the place of
 * a build's, or of all of them. Of the home itself the owner may be root, and
 * a sticky directory keeps strangers from renaming. 0, -1 with errno, -2.
 */
static int
check_private(int fd)
{
	struct stat st, home;

	if (fstat(fd, &st) == -1 || fstatat(fd, "..", &home, 0) == -1)
		return -1;
	bool is_home_safe = (home.st_uid == 0 || home.st_uid == geteuid()) &&
	    ((home.st_mode & 022) == 0 || (home.st_mode & S_ISVTX) != 0);
	bool is_ours = st.st_uid == geteuid() && (st.st_mode & 022) == 0;
	return is_ours && is_home_safe ? 0 : -2;
}

int
claim_home_open(const char *home, char **path)
{
	char *wanted;

	if (asprintf(&wanted, "%s/build-tmp/", home) == -1)
		return -1;
	char *found =
	    mkdir_parents(wanted, 0700) == 0 ? realpath(wanted, NULL) : NULL;
	free(wanted);
	int fd = found != NULL ? open_directory(found) : -1;
	int result = fd != -1 ? check_private(fd) : -1;
	if (result == 0) {
		*path = found;
		return fd;
	}
	close_keeping_errno(fd);
	free(found);
	return result;
}

/* Whether it is called <uuid> or <uuid>.scratch; name gets the uuid. */
static int
is_claim(const char *entry, char name[UUID_TEXT])
{
	snprintf(name, UUID_TEXT, "%.36s", entry);
	const char *rest = entry + strlen(name);
	return uuid_is_valid(name) &&
	    (*rest == '\0' || strcmp(rest, CLAIM_DIRECTORY_SCRATCH) == 0);
}

/* Nobody's, too: a scratch without its directory, and what is none. 0 or -1. */
static int
remove_if_dead(int home, const char *name)
{
	int fd = claim_directory_open(home, name);

	if (fd == -1 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		return -1;
	if (fd == -1)
		return claim_directory_remove_at(home, name);
	int result = 0;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		result = claim_directory_remove_at(home, name);
	else if (errno != EWOULDBLOCK)
		result = -1;
	close_keeping_errno(fd);
	return result;
}

int
claim_home_sweep(int home)
{
	char name[UUID_TEXT];
	const struct dirent *entry;
	int error = 0;

	DIR *list = list_directory(claim_directory_open(home, "."));
	if (list == NULL)
		return -1;
	while ((entry = list_next(list)) != NULL)
		if (is_claim(entry->d_name, name) &&
		    remove_if_dead(home, name) == -1 && error == 0)
			error = errno;
	if (error == 0)
		error = errno;
	(void)closedir(list);
	errno = error;
	return error == 0 ? 0 : -1;
}
