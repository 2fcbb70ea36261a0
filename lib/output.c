/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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
	int saved = errno;
	free(parent);
	errno = saved;
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

int
output_open(struct output *output, const char *path)
{
	const char *name;
	int directory = open_parent(path, &name);

	if (directory == -1)
		return -1;
	int fd = check_replaceable(directory, name) == 0 ?
	    create_at(directory, name) :
	    -1;
	if (fd != -1) {
		*output = (struct output){fd, directory, name};
		/* Some file systems know no modes; the file is ours anyway. */
		(void)fchmod(fd, usual_mode());
		return 0;
	}
	int saved = errno;
	(void)close(directory);
	errno = saved;
	return -1;
}

const char *
output_error(int error)
{
	return error == EEXIST ? "not a regular file" : strerror(error);
}

int
output_publish(struct output *output)
{
	int closed = close(output->fd), saved = errno;

	if (closed == 0 && publish_at(output->directory, output->name) == 0) {
		(void)close(output->directory);
		return 0;
	}
	if (closed == 0)
		saved = errno;
	discard_at(output->directory, output->name);
	(void)close(output->directory);
	errno = saved;
	return -1;
}

void
output_discard(struct output *output)
{
	int saved = errno;

	(void)close(output->fd);
	discard_at(output->directory, output->name);
	(void)close(output->directory);
	errno = saved;
}
