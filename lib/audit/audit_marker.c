/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_beside.h"
#include "audit_line.h"
#include "audit_marker.h"
#include "base/files.h"
#include "base/json.h"

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
	return json_put_at(marker->directory, marker->name, object);
}

int
audit_marker_finish(const struct audit_marker *marker)
{
	json_t *object = json_load_at(marker->directory, marker->name);

	if (object == NULL)
		return -1;
	if (json_object_set(object, "written", json_true()) == 0)
		return json_put_at(marker->directory, marker->name, object);
	json_decref(object);
	return -1;
}

/* A line, and where it was to be written. */
struct place {
	json_int_t device, inode, offset;
	const char *line;
	size_t length;
};

/* Whether this is the file, and holds the line; its newline may be missing. */
static bool
holds(int fd, void *context)
{
	const struct place *place = context;
	struct stat st;

	if (fstat(fd, &st) == -1 || (json_int_t)st.st_dev != place->device ||
	    (json_int_t)st.st_ino != place->inode)
		return false;
	char *found = malloc(place->length);
	bool is_there = found != NULL &&
	    pread(fd, found, place->length, place->offset) ==
		(ssize_t)place->length &&
	    memcmp(found, place->line, place->length) == 0;
	free(found);
	return is_there;
}

static bool
was_written(
    const json_t *object, const char *path, const char *line, size_t length)
{
	struct place place = {json_number(object, "device", -1),
	    json_number(object, "inode", -1), json_number(object, "offset", 0),
	    line, length};

	return json_is_true(json_object_get(object, "written")) ||
	    audit_beside(path, holds, &place);
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
	json_t *stored = json_object_get(object, "event");
	char *text = stored == NULL ? NULL : audit_line(stored, &length);
	int result = 0;

	if (text != NULL && was_written(object, path, text + 1, length - 2))
		result = sha256_bytes(text + 1, length - 2, hash) == -1 ||
			take_event(stored, event) == -1 ?
		    -1 :
		    1;
	free(text);
	json_decref(object);
	return result;
}
