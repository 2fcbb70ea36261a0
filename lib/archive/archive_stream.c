/* SPDX-License-Identifier: Apache-2.0 */

#include <archive.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_stream.h"

/* libarchive counts "none", which is always the last one. */
enum { FILTERS_MAX = 2 };

static ssize_t
read_some(struct archive_stream *stream)
{
	ssize_t n;

	do {
		if (stream->wait(stream->context, stream->fd) == -1)
			return -1;
		n = read(stream->fd, stream->buffer, sizeof stream->buffer);
	} while (n == -1 && (errno == EINTR || errno == EAGAIN));
	if (n == -1)
		return -1;
	stream->packed += (uint64_t)n;
	if (stream->packed > stream->limits.packed)
		return refuse(stream->refusal,
		    "the archive is larger than %" PRIu64
		    " bytes (--archive-max)",
		    stream->limits.packed);
	return n;
}

static la_ssize_t
feed(struct archive *archive, void *context, const void **data)
{
	struct archive_stream *stream = context;
	ssize_t n = read_some(stream);

	*data = stream->buffer;
	if (n == -1) {
		stream->error = errno;
		archive_set_error(archive, stream->error, "cannot read");
	}
	return n;
}

/* What libarchive's failure means. */
static int
fail(struct archive_stream *stream)
{
	int error = archive_errno(stream->archive);

	if (stream->error != 0 || error == ENOMEM) {
		errno = stream->error != 0 ? stream->error : ENOMEM;
		return -1;
	}
	/* The answer also to compressed data that holds nothing. */
	if (error == EILSEQ)
		return refuse(stream->refusal, "the archive is empty");
	/* Nothing is said of a gzip trailer that is cut off. */
	const char *text = archive_error_string(stream->archive);
	return refuse(stream->refusal, "the archive is damaged: %s",
	    text != NULL ? text : "truncated input");
}

/*
 * A regular file tells its size at once. Else the ratio is judged at the end:
 * so the same bytes are judged alike wherever they come from, also when only
 * their beginning is compressed very well.
 */
static int
find_size(struct archive_stream *stream)
{
	struct stat st;

	if (fstat(stream->fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode))
		return 0;
	off_t at = lseek(stream->fd, 0, SEEK_CUR);
	if (at == -1)
		return -1;
	stream->size = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
	return 0;
}

int
archive_stream_open(struct archive_stream *stream)
{
	struct archive_entry *entry;

	if (find_size(stream) == -1)
		return -1;
	stream->archive = archive_read_new();
	if (stream->archive == NULL ||
	    archive_read_support_filter_bzip2(stream->archive) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(stream->archive) != ARCHIVE_OK ||
	    archive_read_support_format_raw(stream->archive) != ARCHIVE_OK) {
		errno = ENOMEM;
		return -1;
	}
	if (archive_read_open(stream->archive, stream, NULL, feed, NULL) !=
		ARCHIVE_OK ||
	    archive_read_next_header(stream->archive, &entry) != ARCHIVE_OK)
		return fail(stream);
	if (archive_filter_count(stream->archive) > FILTERS_MAX)
		return refuse(
		    stream->refusal, "the archive is compressed twice");
	return 0;
}

static int
check_end(struct archive_stream *stream)
{
	/* The decompressor stops at its own end and ignores what follows. */
	if ((uint64_t)archive_filter_bytes(stream->archive, -1) !=
	    stream->packed)
		return refuse(stream->refusal,
		    "the archive has something behind its compressed data");
	return archive_limits_check(
	    &stream->limits, stream->packed, stream->unpacked, stream->refusal);
}

static int
count(struct archive_stream *stream, uint64_t bytes)
{
	stream->unpacked += bytes;
	return archive_limits_check(&stream->limits,
	    stream->size > 0 ? stream->size : UINT64_MAX, stream->unpacked,
	    stream->refusal);
}

int
archive_stream_count(struct archive_stream *stream, uint64_t bytes)
{
	return stream->wait(stream->context, -1) == -1 ? -1 :
							 count(stream, bytes);
}

ssize_t
archive_stream_block(struct archive_stream *stream, const char **block)
{
	const void *data;
	size_t length;
	la_int64_t offset;

	do {
		if (stream->wait(stream->context, -1) == -1)
			return -1;
		int result = archive_read_data_block(
		    stream->archive, &data, &length, &offset);
		if (result == ARCHIVE_EOF)
			return check_end(stream);
		if (result != ARCHIVE_OK)
			return fail(stream);
	} while (length == 0);
	*block = data;
	return count(stream, length) == -1 ? -1 : (ssize_t)length;
}

void
archive_stream_close(struct archive_stream *stream)
{
	int saved = errno;

	(void)archive_read_free(stream->archive);
	stream->archive = NULL;
	errno = saved;
}
