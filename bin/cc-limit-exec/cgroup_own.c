/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /proc/self/cgroup says is a path from the root of the cgroup namespace
 * (cgroup-v2.rst, "Namespace"), and each mount of cgroup2 may begin anywhere
 * on the way: at /sys/fs/cgroup, beside the controllers of version 1, or at a
 * single directory made writable for a unit. So a directory counts only when
 * it is one of cgroup2 and the caller is listed in it. Nothing below such a
 * mount is a symlink.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/files.h"
#include "cgroup_file.h"
#include "cgroup_own.h"

/* The line "0::/path" of /proc/self/cgroup, to be freed; NULL: none. */
static char *
read_own_path(void)
{
	FILE *stream = fopen("/proc/self/cgroup", "re");
	char *line = NULL, *path = NULL;
	size_t size = 0;

	if (stream == NULL)
		return NULL;
	while (path == NULL && getline(&line, &size, stream) != -1) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0)
			path = strdup(line + 3);
	}
	free(line);
	(void)fclose(stream);
	return path;
}

/* In place: blanks and backslashes stand as \040 in mountinfo. */
static void
unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; to++) {
		unsigned value;
		if (sscanf(text, "\\%3o", &value) == 1) {
			*to = (char)value;
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* What of the path lies below a mount that shows root; NULL: it does not. */
static const char *
below(const char *path, const char *root)
{
	size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(path, root, length) != 0 ||
	    (path[length] != '/' && path[length] != '\0'))
		return NULL;
	/* In a namespace that does not hold us. */
	return strstr(path + length, "/..") == NULL ? path + length : NULL;
}

static void
compare(pid_t pid, void *data)
{
	bool *is_listed = data;

	*is_listed = *is_listed || pid == getpid();
}

static bool
is_own(int directory)
{
	struct statfs fs;
	bool is_listed = false;

	return fstatfs(directory, &fs) == 0 &&
	    fs.f_type == CGROUP2_SUPER_MAGIC &&
	    cgroup_visit_processes(directory, compare, &is_listed) != -1 &&
	    is_listed;
}

static int
open_below(const char *mount, const char *rest)
{
	char *whole;

	if (asprintf(&whole, "%s%s", mount, rest) == -1)
		return -1;
	int directory = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(whole);
	if (directory == -1 || is_own(directory))
		return directory;
	(void)close(directory);
	return -1;
}

/* A line of mountinfo (proc_pid_mountinfo(5)). */
static int
try_mount(char *line, const char *path)
{
	char *fields[5], *type = strstr(line, " - cgroup2 ");

	if (type == NULL)
		return -1;
	for (int i = 0; i < 5; i++)
		if ((fields[i] = strsep(&line, " ")) == NULL)
			return -1;
	unescape(fields[3]);
	unescape(fields[4]);
	const char *rest = below(path, fields[3]);
	return rest == NULL ? -1 : open_below(fields[4], rest);
}

static int
open_on_a_mount(const char *path)
{
	FILE *stream = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;
	int found = -1;

	if (stream == NULL)
		return -1;
	while (found == -1 && getline(&line, &size, stream) != -1)
		found = try_mount(line, path);
	free(line);
	(void)fclose(stream);
	return found;
}

int
cgroup_open_own(char **name)
{
	char *path = read_own_path();
	int directory = path == NULL ? -1 : open_on_a_mount(path);

	*name = directory == -1 ? NULL : strdup(strrchr(path, '/') + 1);
	free(path);
	if (directory != -1 && *name != NULL)
		return directory;
	close_keeping_errno(directory);
	errno = ENOENT;
	return -1;
}
