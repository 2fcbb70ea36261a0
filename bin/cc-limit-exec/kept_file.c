/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept_file.h"

int
kept_file_open(const char *path)
{
	struct stat st;

	/* O_NONBLOCK: the reader of a FIFO is not waited for. */
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	(void)close(fd);
	errno = EEXIST;
	return -1;
}

bool
kept_file_is(int fd, const char *path)
{
	struct stat st, other;

	return stat(path, &st) == 0 && fstat(fd, &other) == 0 &&
	    st.st_dev == other.st_dev && st.st_ino == other.st_ino;
}
