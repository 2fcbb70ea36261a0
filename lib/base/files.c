/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fault.h"
#include "files.h"

int
write_all(int fd, const void *data, size_t length)
{
	const char *at = data;

	while (length > 0) {
		ssize_t n = write(fd, at, length);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

ssize_t
read_full(int fd, void *data, size_t length)
{
	char *at = data;
	size_t used = 0;

	while (used < length) {
		ssize_t n = read(fd, at + used, length - used);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

void
close_keeping_errno(int fd)
{
	int saved = errno;

	if (fd != -1)
		(void)close(fd);
	errno = saved;
}

int
open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
mkdir_parents(const char *path, mode_t mode)
{
	char *above = strdup(path);
	int result = above == NULL ? -1 : 0;
	char *slash = result == 0 ? strchr(above, '/') : NULL;

	for (; slash != NULL && result == 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (*above != '\0' && mkdir(above, mode) == -1 &&
		    errno != EEXIST)
			result = -1;
		*slash = '/';
	}
	free(above);
	return result;
}

char *
read_regular(int fd, size_t most, size_t *length)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return NULL;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return NULL;
	}
	if (st.st_size > (off_t)most) {
		errno = EFBIG;
		return NULL;
	}
	char *data = malloc((size_t)st.st_size + 1);
	if (data == NULL)
		return NULL;
	ssize_t n = read_full(fd, data, (size_t)st.st_size);
	if (n == -1) {
		free(data);
		return NULL;
	}
	data[n] = '\0';
	*length = (size_t)n;
	return data;
}

static char *
read_and_close(int fd, size_t most, size_t *length)
{
	char *data = fd == -1 ? NULL : read_regular(fd, most, length);

	close_keeping_errno(fd);
	return data;
}

char *
read_file_at(int directory, const char *name, size_t most, size_t *length)
{
	/* O_NONBLOCK: a FIFO in the place of the file must not hang us. */
	return read_and_close(
	    openat(directory, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC),
	    most, length);
}

/*
 * The kernel gives up with EAGAIN when something was renamed anywhere while
 * it followed a "..".
 */
int
open_beneath(int root, const char *path, int flags, unsigned resolve)
{
	struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve};
	int fd, tries = 1000;

	do
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	while (fd == -1 && errno == EAGAIN && --tries > 0);
	return fd;
}

char *
read_file_beneath(int root, const char *path, size_t most, size_t *length)
{
	return read_and_close(
	    open_beneath(root, path, O_RDONLY | O_NONBLOCK, 0), most, length);
}

int
temporary_name(const char *name, char *temporary, size_t size)
{
	int n = snprintf(temporary, size, ".%s.new", name);

	if (n < 0 || (size_t)n >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

static int
create(int directory, const char *name, int mode)
{
	char temporary[256];

	if (temporary_name(name, temporary, sizeof temporary) == -1)
		return -1;
	/* What a killed predecessor left would make O_EXCL fail for ever. */
	if (unlinkat(directory, temporary, 0) == -1 && errno != ENOENT)
		return -1;
	return openat(directory, temporary,
	    mode | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int
create_at(int directory, const char *name)
{
	return create(directory, name, O_RDWR);
}

int
publish_at(int directory, const char *name)
{
	char temporary[256];

	if (temporary_name(name, temporary, sizeof temporary) == -1)
		return -1;
	fault_point("before-rename", name);
	int result = renameat(directory, temporary, directory, name);
	fault_point("after-rename", name);
	return result;
}

void
discard_at(int directory, const char *name)
{
	char temporary[256];
	int saved = errno;

	if (temporary_name(name, temporary, sizeof temporary) == 0)
		(void)unlinkat(directory, temporary, 0);
	errno = saved;
}

int
store_file_at(int directory, const char *name, const void *data, size_t length)
{
	/* Also where a directory may be written but not read. */
	int fd = create(directory, name, O_WRONLY);

	if (fd == -1)
		return -1;
	int written = write_all(fd, data, length);
	if (written == -1)
		close_keeping_errno(fd);
	else if (close(fd) == 0 && publish_at(directory, name) == 0)
		return 0;
	discard_at(directory, name);
	return -1;
}
