/* SPDX-License-Identifier: Apache-2.0 */

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/files.h"
#include "tar_writer.h"

enum { BLOCK = 1 << 16 };

static int
fail(const struct tar_writer *writer)
{
	int reason = archive_errno(writer->archive);

	errno = reason > 0 ? reason : ENOMEM;
	return -1;
}

static la_ssize_t
write_out(struct archive *archive, void *context, const void *data, size_t n)
{
	struct tar_writer *writer = context;

	if (write_all(writer->out, data, n) == -1) {
		archive_set_error(archive, errno, "cannot write");
		return -1;
	}
	writer->packed += n;
	return (la_ssize_t)n;
}

/*
 * GNU's form takes a name's bytes as they are; pax would convert them by the
 * locale. No padding: by itself it depends on what `out` is.
 */
static int
begin(struct tar_writer *writer)
{
	struct archive *archive = writer->archive;

	if (archive_write_set_format_gnutar(archive) == ARCHIVE_OK &&
	    archive_write_add_filter_bzip2(archive) == ARCHIVE_OK &&
	    archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
	    archive_write_open(archive, writer, NULL, write_out, NULL) ==
		ARCHIVE_OK)
		return 0;
	return fail(writer);
}

int
tar_writer_open(struct tar_writer *writer, int out, int64_t mtime)
{
	*writer = (struct tar_writer){
	    .out = out, .mtime = mtime, .archive = archive_write_new()};
	if (writer->archive == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (begin(writer) == 0)
		return 0;
	tar_writer_abandon(writer);
	return -1;
}

static int
write_header(
    struct tar_writer *writer, const char *path, mode_t mode, uint64_t size)
{
	struct archive_entry *entry = archive_entry_new();

	if (entry == NULL) {
		errno = ENOMEM;
		return -1;
	}
	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, (time_t)writer->mtime, 0);
	int written = archive_write_header(writer->archive, entry);
	archive_entry_free(entry);
	return written == ARCHIVE_OK ? 0 : fail(writer);
}

int
tar_writer_directory(struct tar_writer *writer, const char *path)
{
	return write_header(writer, path, S_IFDIR | 0755, 0);
}

static int
copy(struct tar_writer *writer, int fd, uint64_t size, char *block)
{
	uint64_t copied = 0;
	ssize_t n;

	while ((n = read_full(fd, block, BLOCK)) > 0) {
		copied += (uint64_t)n;
		if (copied > size)
			break;
		if (archive_write_data(writer->archive, block, (size_t)n) != n)
			return fail(writer);
	}
	if (n == -1)
		return -1;
	if (copied == size)
		return 0;
	errno = EAGAIN;
	return -1;
}

int
tar_writer_file(struct tar_writer *writer, const char *path, int fd,
    uint64_t size, bool is_executable)
{
	mode_t mode = S_IFREG | (is_executable ? 0755 : 0644);
	char *block = malloc(BLOCK);

	if (block == NULL)
		return -1;
	int result = write_header(writer, path, mode, size);
	if (result == 0)
		result = copy(writer, fd, size, block);
	free(block);
	return result;
}

int
tar_writer_close(struct tar_writer *writer)
{
	if (archive_write_close(writer->archive) != ARCHIVE_OK)
		return fail(writer);
	writer->unpacked = (uint64_t)archive_filter_bytes(writer->archive, 0);
	(void)archive_write_free(writer->archive);
	return 0;
}

void
tar_writer_abandon(struct tar_writer *writer)
{
	int saved = errno;

	(void)archive_write_fail(writer->archive);
	(void)archive_write_free(writer->archive);
	errno = saved;
}
