/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "output.h"

/* The directory part of the path; name becomes the rest. */
static int
open_parent(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash != NULL ? slash + 1 : path;
	if (**name == '\0' || strcmp(*name, ".") == 0 ||
	    strcmp(*name, "..") == 0) {
		errno = *path == '\0' ? ENOENT : EISDIR;
		return -1;
	}
	if (slash == NULL)
		return open_directory(".");
	char *parent = strndup(path, (size_t)(slash - path) + 1);
	if (parent == NULL)
		return -1;
	int directory = open_directory(parent);
	free(parent);
	return directory;
}

static int
check_replaceable(int directory, const char *name)
{
	struct stat st;

	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : -1;
	if (S_ISREG(st.st_mode))
		return 0;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EEXIST;
	return -1;
}

static mode_t
usual_mode(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return 0666 & ~mask;
}

/* File systems without locks have to do without. */
static bool
is_locked_by_another(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;
}

static int
close_busy(int fd)
{
	(void)close(fd);
	errno = EBUSY;
	return -1;
}

/*
 * Opens the temporary file, the rest of a killed writer put away. Whoever
 * has that one, or ours, locked is about to write.
 */
static int
create_locked(int directory, const char *name)
{
	char temporary[256];

	if (temporary_name(name, temporary, sizeof temporary) == -1)
		return -1;
	int rest = openat(directory, temporary,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (rest != -1 && is_locked_by_another(rest))
		return close_busy(rest);
	int fd = create_at(directory, name);
	if (fd == -1 && errno == EEXIST)
		errno = EBUSY;
	close_keeping_errno(rest);
	if (fd != -1 && is_locked_by_another(fd))
		return close_busy(fd);
	return fd;
}

int
output_open(struct output *output, const char *path)
{
	const char *name;
	int directory = open_parent(path, &name);

	if (directory == -1)
		return -1;
	int fd = check_replaceable(directory, name) == 0 ?
	    create_locked(directory, name) :
	    -1;
	if (fd != -1) {
		*output = (struct output){fd, directory, name};
		/* Some file systems know no modes; the file is ours anyway. */
		(void)fchmod(fd, usual_mode());
		return 0;
	}
	close_keeping_errno(directory);
	return -1;
}

const char *
output_error(int error)
{
	return error == EEXIST ? "not a regular file" :
	    error == EBUSY     ? "somebody else is writing it" :
				 strerror(error);
}

int
output_publish(struct output *output)
{
	/* Closing may tell of a failed write; the lock lasts until the end. */
	int lock = dup(output->fd);
	int result = close(output->fd);

	if (result == 0)
		result = publish_at(output->directory, output->name);
	if (result == -1)
		discard_at(output->directory, output->name);
	close_keeping_errno(lock);
	close_keeping_errno(output->directory);
	return result;
}

void
output_discard(struct output *output)
{
	discard_at(output->directory, output->name);
	close_keeping_errno(output->fd);
	close_keeping_errno(output->directory);
}
