/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tar_extended.h"
#include "tar_header.h"
#include "tar_reader.h"

#define NO_TAR "the archive is no tar archive (plain, bzip2, gzip)"

static int
refuse_end(const struct tar_reader *tar)
{
	return refuse(tar->stream->refusal,
	    tar->is_begun ? "the archive is cut off" : NO_TAR);
}

/* At most `most` bytes, none of them copied; their number, 0: end, or -1. */
static ssize_t
take(struct tar_reader *tar, uint64_t most, const char **data)
{
	if (tar->left == 0) {
		ssize_t n = archive_stream_block(tar->stream, &tar->block);
		if (n <= 0)
			return n;
		tar->left = (size_t)n;
	}
	size_t n = tar->left < most ? tar->left : (size_t)most;
	*data = tar->block;
	tar->block += n;
	tar->left -= n;
	return (ssize_t)n;
}

/* Fills `to`, or skips as much when that is NULL. */
static int
take_all(struct tar_reader *tar, char *to, uint64_t length)
{
	while (length > 0) {
		const char *data;
		ssize_t n = take(tar, length, &data);
		if (n < 0)
			return -1;
		if (n == 0)
			return refuse_end(tar);
		if (to != NULL) {
			memcpy(to, data, (size_t)n);
			to += n;
		}
		length -= (uint64_t)n;
	}
	return 0;
}

/* What a hole stands for is as much, to every limit, as if it were held. */
static ssize_t
take_zeros(struct tar_reader *tar, uint64_t most, const char **data)
{
	static const char zeros[1 << 14];
	size_t n = sizeof zeros < most ? sizeof zeros : (size_t)most;

	*data = zeros;
	return archive_stream_count(tar->stream, n) == -1 ? -1 : (ssize_t)n;
}

ssize_t
tar_reader_data(struct tar_reader *tar, const char **data)
{
	bool is_hole;
	uint64_t run = tar_map_run(&tar->map, &is_hole);

	if (run == 0)
		return 0;
	ssize_t n = is_hole ? take_zeros(tar, run, data) : take(tar, run, data);
	if (n == 0)
		return refuse_end(tar);
	if (n < 0)
		return -1;
	tar->map.at += (uint64_t)n;
	if (!is_hole)
		tar->data -= (uint64_t)n;
	return n;
}

static void
expect_data(struct tar_reader *tar, uint64_t size)
{
	tar->data = size;
	tar->padding = (unsigned)(-size % TAR_BLOCK);
}

static int
read_header(struct tar_reader *tar, struct tar_header *header)
{
	struct refusal *refusal = tar->stream->refusal;

	if (take_all(tar, NULL, tar->data) == -1 ||
	    take_all(tar, NULL, tar->padding) == -1 ||
	    take_all(tar, (char *)header, sizeof *header) == -1)
		return -1;
	expect_data(tar, 0);
	if (!tar_is_zero(header) && !tar_checksum_fits(header))
		return refuse(refusal,
		    tar->is_begun ?
			"the archive is damaged: a header's checksum is wrong" :
			NO_TAR);
	tar->is_begun = true;
	return 0;
}

/* Two blocks of zeros are the end, and writers add more of them. */
static int
read_end(struct tar_reader *tar)
{
	struct refusal *refusal = tar->stream->refusal;
	struct tar_header header;
	const char *data;
	ssize_t n;

	if (tar->has_pax || tar->has_gnu_name || tar->has_gnu_link)
		return refuse(refusal,
		    "the archive ends with an extended header of no entry");
	if (take_all(tar, (char *)&header, sizeof header) == -1)
		return -1;
	bool is_zero = tar_is_zero(&header);
	while (is_zero && (n = take(tar, UINT64_MAX, &data)) != 0) {
		if (n < 0)
			return -1;
		is_zero = data[0] == '\0' &&
		    memcmp(data, data + 1, (size_t)n - 1) == 0;
	}
	return is_zero ?
	    0 :
	    refuse(refusal, "the archive has something behind its end");
}

static int
read_extended(struct tar_reader *tar, char type, uint64_t size)
{
	if (tar_extended_note(tar, type) == -1)
		return -1;
	if (size > TAR_EXTENDED_MAX)
		return refuse(tar->stream->refusal,
		    "an extended header has more than %d bytes",
		    TAR_EXTENDED_MAX);
	if (take_all(tar, tar->extended, size) == -1)
		return -1;
	expect_data(tar, size);
	tar->data = 0;
	return tar_extended_apply(tar, type, (size_t)size);
}

/*
 * What the header says itself, where an extended one says it better, or its
 * format has no such field: to other readers it may be the truth.
 */
static int
check_header(
    struct tar_reader *tar, const struct tar_header *header, uint64_t size)
{
	if (tar->has_size && tar->size != size && tar->size <= TAR_OCTAL_MAX)
		return refuse(tar->stream->refusal,
		    "an extended header has a wrong size");
	if (!tar_is_ustar(header) && header->prefix[0] != '\0')
		return refuse(tar->stream->refusal,
		    "the archive is damaged: a header has a prefix that its "
		    "format does not know");
	return 0;
}

static int
read_map(struct tar_reader *tar, const struct tar_header *header, uint64_t held)
{
	struct refusal *refusal = tar->stream->refusal;
	char block[TAR_BLOCK];

	if (tar->has_pax)
		return refuse(refusal,
		    "it has an extended header of pax and a map of holes");
	int more = tar_map_begin(&tar->map, header, refusal);
	while (more == 1) {
		if (take_all(tar, block, sizeof block) == -1)
			return -1;
		more = tar_map_continue(&tar->map, block, refusal);
	}
	if (more == 0 && tar->map.held != held)
		return refuse(refusal, "its map of holes is damaged");
	return more;
}

/* v7 knew no directories but by their names. */
static char
type_of(const struct tar_reader *tar, const struct tar_header *header)
{
	if (tar->is_sparse)
		return TAR_SPARSE;
	if (header->type == TAR_SPARSE)
		return TAR_FILE;
	if (header->type != '\0')
		return header->type;
	return tar->length > 0 && tar->name[tar->length - 1] == '/' ?
	    TAR_DIRECTORY :
	    TAR_FILE;
}

static int
fill_entry(struct tar_reader *tar, const struct tar_header *header,
    uint64_t size, struct tar_entry *entry)
{
	uint64_t mode;

	if (check_header(tar, header, size) == -1)
		return -1;
	if (!tar_number(header->mode, sizeof header->mode, &mode))
		return refuse(tar->stream->refusal,
		    "the archive is damaged: a header's mode is no number");
	if (!tar->has_name)
		tar->length = tar_name(header, tar->name);
	if (tar->has_size)
		size = tar->size;
	*entry = (struct tar_entry){.type = type_of(tar, header),
	    .name = tar->name,
	    .length = tar->length,
	    .mode = (unsigned)mode & 07777};
	tar_map_whole(&tar->map, size);
	if (header->type == TAR_SPARSE && read_map(tar, header, size) == -1)
		return -1;
	entry->size = tar->map.size;
	expect_data(tar, size);
	tar->has_pax = tar->has_gnu_name = tar->has_gnu_link = false;
	tar->has_name = tar->has_size = tar->is_sparse = false;
	return 1;
}

int
tar_reader_next(struct tar_reader *tar, struct tar_entry *entry)
{
	struct tar_header header;
	uint64_t size;

	*entry = (struct tar_entry){0};
	for (;;) {
		if (read_header(tar, &header) == -1)
			return -1;
		if (tar_is_zero(&header))
			return read_end(tar);
		if (!tar_number(header.size, sizeof header.size, &size))
			return refuse(tar->stream->refusal,
			    "the archive is damaged: a header's size is no "
			    "number");
		if (!tar_is_extended(header.type))
			return fill_entry(tar, &header, size, entry);
		if (read_extended(tar, header.type, size) == -1)
			return -1;
	}
}
