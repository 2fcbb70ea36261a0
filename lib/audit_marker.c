/* SPDX-License-Identifier: Apache-2.0 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_line.h"
#include "audit_marker.h"
#include "files.h"
#include "json.h"

int
audit_marker_intend(const struct audit_marker *marker, int log, bool open_line,
    const json_t *event)
{
	struct stat st = {.st_size = 0};

	if (log != -1 && fstat(log, &st) == -1)
		return -1;
	json_t *object = json_pack("{s:i, s:b, s:I, s:I, s:I, s:O}", "version",
	    1, "written", 0, "device", (json_int_t)st.st_dev, "inode",
	    (json_int_t)st.st_ino, "offset",
	    (json_int_t)st.st_size + (open_line ? 1 : 0), "event", event);
	if (object == NULL) {
		errno = ENOMEM;
		return -1;
	}
	int result = json_store_at(marker->directory, marker->name, object);
	int saved = errno;
	json_decref(object);
	errno = saved;
	return result;
}

int
audit_marker_finish(const struct audit_marker *marker)
{
	json_t *object = json_load_at(marker->directory, marker->name);

	if (object == NULL)
		return -1;
	int result = json_object_set(object, "written", json_true());
	if (result == 0)
		result = json_store_at(marker->directory, marker->name, object);
	int saved = errno;
	json_decref(object);
	errno = saved;
	return result;
}

/* The file of the log's directory that has this inode, or -1 with errno. */
static int
open_inode(const char *path, json_int_t device, json_int_t inode)
{
	const char *slash = strrchr(path, '/');
	char *name = slash == NULL ? strdup(".") :
				     strndup(path, (size_t)(slash - path + 1));
	DIR *directory = name == NULL ? NULL : opendir(name);
	int fd = -1;

	free(name);
	if (directory == NULL)
		return -1;
	for (struct dirent *entry;
	     fd == -1 && (entry = readdir(directory)) != NULL;) {
		struct stat st;
		if ((json_int_t)entry->d_ino != inode)
			continue;
		fd = openat(dirfd(directory), entry->d_name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd != -1 &&
		    (fstat(fd, &st) == -1 || (json_int_t)st.st_ino != inode ||
			(json_int_t)st.st_dev != device)) {
			(void)close(fd);
			fd = -1;
		}
	}
	(void)closedir(directory);
	if (fd == -1)
		errno = ENOENT;
	return fd;
}

/* Whether fd holds the line at offset; its newline may be missing. */
static int
holds(int fd, off_t offset, const char *line, size_t length)
{
	char *found = malloc(length);

	if (found == NULL)
		return -1;
	ssize_t n = pread(fd, found, length, offset);
	int result = n == -1					     ? -1 :
	    n == (ssize_t)length && memcmp(found, line, length) == 0 ? 1 :
								       0;
	free(found);
	return result;
}

static int
was_written(
    const json_t *object, const char *path, const char *line, size_t length)
{
	if (json_is_true(json_object_get(object, "written")))
		return 1;
	int fd = open_inode(path, json_number(object, "device", -1),
	    json_number(object, "inode", -1));
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	int result = holds(fd, json_number(object, "offset", 0), line, length);
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return result;
}

static int
take_event(json_t *stored, json_t *event)
{
	if (json_object_clear(event) == 0 &&
	    json_object_update(event, stored) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

int
audit_marker_stands(const struct audit_marker *marker, const char *path,
    json_t *event, char hash[SHA256_TEXT])
{
	size_t length;
	json_t *object = json_load_at(marker->directory, marker->name);

	if (object == NULL) /* damaged: as if there were none */
		return errno == ENOENT || errno == EBADMSG ? 0 : -1;
	json_t *stored = json_object_get(object, "event");
	char *text = audit_line(stored, &length);
	int result =
	    text == NULL ? -1 : was_written(object, path, text + 1, length - 2);
	if (result == 1 &&
	    (sha256_bytes(text + 1, length - 2, hash) == -1 ||
		take_event(stored, event) == -1))
		result = -1;
	int saved = errno;
	free(text);
	json_decref(object);
	errno = saved;
	return result;
}
