/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include "archive/archive_stream.h"
#include "archive/entry_path.h"
#include "archive/tar_reader.h"
#include "archive_manifest.h"

struct search {
	struct archive_stream stream;
	struct tar_reader tar;
	struct refusal *refusal;
	char text[MANIFEST_MAX];
};

static int
never_wait(void *context, int fd)
{
	(void)context;
	(void)fd;
	return 0;
}

static bool
is_manifest(const struct tar_entry *entry, const struct entry_path *path)
{
	static const char name[] = "/" MANIFEST_NAME;

	return entry->type == TAR_FILE && path->depth == 1 &&
	    path->length == path->first + sizeof name - 1 &&
	    memcmp(path->text + path->first, name, sizeof name - 1) == 0;
}

static int
parse(struct search *s, struct manifest *manifest)
{
	char problem[MANIFEST_PROBLEM];
	size_t used = 0;
	const char *data;
	ssize_t n;

	while ((n = tar_reader_data(&s->tar, &data)) > 0) {
		if ((size_t)n > sizeof s->text - used)
			return refuse(s->refusal, "%s has more than %d bytes",
			    MANIFEST_NAME, MANIFEST_MAX);
		memcpy(s->text + used, data, (size_t)n);
		used += (size_t)n;
	}
	if (n == -1)
		return -1;
	if (manifest_parse(s->text, used, manifest, problem) == 0)
		return 0;
	return refuse(s->refusal, "%s: %s", MANIFEST_NAME, problem);
}

static int
search(struct search *s, struct manifest *manifest)
{
	const struct entry_limits limits = {ENTRY_PATH_MAX, ENTRY_DEPTH_MAX};
	struct entry_path path;
	struct tar_entry entry;
	int result;

	while ((result = tar_reader_next(&s->tar, &entry)) == 1) {
		if (entry_path_read(&path, entry.name, entry.length, &limits,
			s->refusal) == -1)
			return -1;
		if (is_manifest(&entry, &path))
			return parse(s, manifest);
	}
	return result == -1 ?
	    -1 :
	    refuse(s->refusal, "%s is missing in the top directory",
		MANIFEST_NAME);
}

int
archive_manifest_read(
    int fd, struct manifest *manifest, struct refusal *refusal)
{
	struct search *s = calloc(1, sizeof *s);
	int result = -1;

	if (s == NULL)
		return -1;
	s->refusal = refusal;
	s->stream.fd = fd;
	s->stream.refusal = refusal;
	s->stream.wait = never_wait;
	s->stream.limits = (struct archive_limits){.packed = UINT64_MAX,
	    .unpacked = ARCHIVE_UNPACKED_MAX,
	    .ratio = UINT64_MAX};
	s->tar.stream = &s->stream;
	if (archive_stream_open(&s->stream) == 0)
		result = search(s, manifest);
	archive_stream_close(&s->stream);
	free(s);
	return result;
}
