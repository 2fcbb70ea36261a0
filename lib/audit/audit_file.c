/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_file.h"
#include "base/files.h"

/* O_NONBLOCK: a FIFO in the place of the log must not hang the build. */
static int
open_regular(const char *path, int flags, mode_t mode)
{
	struct stat st;
	int fd = open(path,
	    flags | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    mode);

	if (fd == -1)
		return -1;
	int result = fstat(fd, &st);
	if (result == 0 && !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		result = -1;
	}
	if (result == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

static int
open_chain(const char *path)
{
	char *name;

	if (asprintf(&name, "%s.chain", path) == -1)
		return -1;
	int fd = open_regular(name, O_RDWR, 0600);
	if (fd == -1 && errno == ENOENT && mkdir_parents(path, 0750) == 0)
		fd = open_regular(name, O_RDWR, 0600);
	free(name);
	return fd;
}

int
audit_file_open_log(const char *path)
{
	return open_regular(path, O_RDWR | O_APPEND, 0640);
}

int
audit_file_lock_chain(const char *path)
{
	int fd = open_chain(path), result = -1;

	if (fd == -1)
		return -1;
	do
		result = flock(fd, LOCK_EX);
	while (result == -1 && errno == EINTR);
	if (result == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}
