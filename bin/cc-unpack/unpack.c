/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/ignored.h"
#include "archive/tar_reader.h"
#include "base/files.h"
#include "base/text.h"
#include "unpack.h"

enum { EXECUTABLE_BITS = 0111 };

static int
refuse_type(struct refusal *refusal, char type)
{
	switch (type) {
	case TAR_HARD_LINK:
		return refuse(refusal, "it is a hard link");
	case TAR_SYMLINK:
		return refuse(refusal, "it is a symbolic link");
	case TAR_CHARACTER_DEVICE:
	case TAR_BLOCK_DEVICE:
		return refuse(refusal, "it is a device");
	case TAR_FIFO:
		return refuse(refusal, "it is a FIFO");
	case TAR_SPARSE:
		return refuse(refusal,
		    "it is a file with holes in a form of pax: write the "
		    "archive with cc-pack, or with tar without --sparse");
	default:
		return refuse(refusal, "it is of the unknown type 0x%02x",
		    (unsigned char)type);
	}
}

/* What can be said of the entry without its path. */
static int
check_entry(struct unpack *unpack, const struct tar_entry *entry)
{
	struct refusal *refusal = &unpack->refusal;

	if (entry->type != TAR_FILE && entry->type != TAR_DIRECTORY)
		return refuse_type(refusal, entry->type);
	if (entry->type == TAR_DIRECTORY && entry->size > 0)
		return refuse(refusal, "it is a directory with content");
	if (entry->size > unpack->stream.limits.unpacked)
		return refuse(refusal,
		    "it is larger than %" PRIu64 " bytes (--unpacked-max)",
		    unpack->stream.limits.unpacked);
	return 0;
}

static int
check_place(struct unpack *unpack, const struct entry_path *path,
    const struct tar_entry *entry)
{
	struct refusal *refusal = &unpack->refusal;

	if (entry->type == TAR_FILE && path->has_slash)
		return refuse(refusal, "it is a file, its name a directory's");
	if (entry->type == TAR_FILE && path->depth == 0)
		return refuse(refusal, "it is in no top directory");
	if (unpack->top_length == 0) {
		memcpy(unpack->top, path->text, path->first);
		unpack->top_length = path->first;
	}
	if (path->first != unpack->top_length ||
	    memcmp(path->text, unpack->top, path->first) != 0)
		return refuse(refusal, "it is in a second top directory");
	return 0;
}

/*
 * Enters a path, a prefix of a checked one. *kind gets what it was before,
 * for a new one its kind from now on.
 */
static enum name_answer
enter(struct unpack *unpack, const char *path, size_t length,
    enum name_kind new, enum name_kind **kind)
{
	size_t skip = unpack->top_length + 1; /* only what lies below clashes */
	enum name_answer answer =
	    name_set_add(&unpack->names, path, length, kind);

	if (answer == NAME_CLASHES)
		(void)name_set_refuse(
		    &unpack->refusal, path + skip, length - skip);
	if (answer != NAME_IS_NEW)
		return answer;
	**kind = new;
	if (++unpack->entries <= unpack->entries_max)
		return answer;
	(void)refuse(&unpack->refusal,
	    "the archive has more than %" PRIu64 " %s (--entries-max)",
	    unpack->entries_max,
	    unpack->entries_max == 1 ? "entry" : "entries");
	return NAME_FAILED;
}

static int
make_directory(struct unpack *unpack, const char *path, size_t length)
{
	size_t skip = unpack->top_length + 1;

	/* The top directory is the root, which is there. */
	return length < skip ?
	    0 :
	    source_tree_directory(&unpack->tree, path + skip, length - skip);
}

/* Makes the missing directories above the path; at most --depth-max. */
static int
make_parents(struct unpack *unpack, const char *path, size_t length)
{
	const char *slash = memrchr(path, '/', length);
	enum name_kind *kind;

	if (slash == NULL)
		return 0;
	length = (size_t)(slash - path);
	switch (enter(unpack, path, length, NAME_IMPLIED, &kind)) {
	case NAME_IS_NEW:
		if (make_parents(unpack, path, length) == -1)
			return -1;
		return make_directory(unpack, path, length);
	case NAME_IS_KNOWN:
		return *kind != NAME_FILE ?
		    0 :
		    refuse(&unpack->refusal, "its parent is a file");
	default:
		return -1;
	}
}

static int
unpack_directory(struct unpack *unpack, const struct entry_path *path)
{
	enum name_kind *kind;

	switch (
	    enter(unpack, path->text, path->length, NAME_DIRECTORY, &kind)) {
	case NAME_IS_NEW:
		return make_directory(unpack, path->text, path->length);
	case NAME_IS_KNOWN:
		/* An archive may list a directory behind what it holds. */
		if (*kind != NAME_IMPLIED)
			return refuse(&unpack->refusal, "it is there twice");
		*kind = NAME_DIRECTORY;
		return 0;
	default:
		return -1;
	}
}

static int
write_content(struct unpack *unpack, struct tar_reader *tar, int fd)
{
	const char *data;
	ssize_t n;

	while ((n = tar_reader_data(tar, &data)) > 0) {
		if (write_all(fd, data, (size_t)n) == -1)
			return -1;
		unpack->bytes += (uint64_t)n;
	}
	return n < 0 ? -1 : 0;
}

static int
unpack_file(struct unpack *unpack, struct tar_reader *tar,
    const struct entry_path *path, unsigned mode)
{
	enum name_kind *kind;
	size_t skip = unpack->top_length + 1;
	enum name_answer answer =
	    enter(unpack, path->text, path->length, NAME_FILE, &kind);

	if (answer == NAME_IS_KNOWN)
		return refuse(&unpack->refusal, "it is there twice");
	if (answer != NAME_IS_NEW)
		return -1;
	if (ignored_is_vendored(path->text + skip, path->length - skip))
		unpack->has_vendored = true;
	int fd = source_tree_file(&unpack->tree, path->text + skip,
	    path->length - skip, (mode & EXECUTABLE_BITS) != 0);
	if (fd == -1)
		return -1;
	if (write_content(unpack, tar, fd) == 0)
		return source_tree_close(&unpack->tree, fd);
	close_keeping_errno(fd);
	return -1;
}

static int
unpack_entry(struct unpack *unpack, struct tar_reader *tar,
    const struct tar_entry *entry)
{
	struct entry_path path;

	if (entry_path_read(&path, entry->name, entry->length, &unpack->paths,
		&unpack->refusal) == -1 ||
	    check_entry(unpack, entry) == -1 ||
	    check_place(unpack, &path, entry) == -1 ||
	    make_parents(unpack, path.text, path.length) == -1)
		return -1;
	return entry->type == TAR_DIRECTORY ?
	    unpack_directory(unpack, &path) :
	    unpack_file(unpack, tar, &path, entry->mode);
}

static int
unpack_entries(struct unpack *unpack, struct tar_reader *tar)
{
	struct tar_entry entry;
	int result;

	do {
		result = tar_reader_next(tar, &entry);
		unpack->is_in_entry = entry.name != NULL;
		if (unpack->is_in_entry)
			text_visible(entry.name, entry.length, unpack->entry,
			    sizeof unpack->entry);
		if (result == 1 && unpack_entry(unpack, tar, &entry) == -1)
			return -1;
	} while (result == 1);
	if (result == 0 && unpack->entries == 0)
		return refuse(&unpack->refusal, "the archive has no entry");
	return result;
}

/*
 * The root was made a moment ago, dated by the clock that dates what is built
 * of the tree. Not the archive's time, and no coarser: cargo would take what
 * a kept target directory holds for newer than a new version's source.
 */
static int
take_moment(struct source_tree *tree)
{
	struct stat st;

	if (fstat(tree->root, &st) == -1)
		return -1;
	tree->times[0] = tree->times[1] = st.st_mtim;
	return 0;
}

int
unpack_archive(struct unpack *unpack)
{
	struct tar_reader *tar = calloc(1, sizeof *tar);
	int result = -1;

	unpack->stream.refusal = &unpack->refusal;
	if (tar != NULL && take_moment(&unpack->tree) == 0 &&
	    archive_stream_open(&unpack->stream) == 0) {
		tar->stream = &unpack->stream;
		result = unpack_entries(unpack, tar);
	}
	archive_stream_close(&unpack->stream);
	name_set_free(&unpack->names);
	free(tar);
	return result;
}
