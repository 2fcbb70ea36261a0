/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tar_header.h"
#include "tar_reader.h"

enum { /* types that only tell something of the next entry, or of all */
	PAX_NEXT = 'x',
	PAX_GLOBAL = 'g',
	GNU_NAME = 'L',
	GNU_LINK = 'K'
};

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

ssize_t
tar_reader_data(struct tar_reader *tar, const char **data)
{
	if (tar->data == 0)
		return 0;
	ssize_t n = take(tar, tar->data, data);
	if (n == 0)
		return refuse_end(tar);
	if (n > 0)
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

	if (tar->is_extended)
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
set_name(struct tar_reader *tar, const char *name, size_t length)
{
	if (memchr(name, '\0', length) != NULL)
		return refuse(tar->stream->refusal,
		    "the archive has a name with a NUL byte");
	memcpy(tar->name, name, length);
	tar->length = length;
	tar->has_name = true;
	return 0;
}

static int
apply_record(
    struct tar_reader *tar, const struct pax_record *record, bool is_global)
{
	bool is_path = pax_is(record, "path"), is_size = pax_is(record, "size");
	bool is_sparse = pax_is(record, "GNU.sparse.");

	if (is_global && (is_path || is_size || is_sparse))
		return refuse(tar->stream->refusal,
		    "a global extended header describes a single entry");
	if (is_path)
		return set_name(tar, record->value, record->value_length);
	if (is_size && !pax_number(record, &tar->size))
		return refuse(tar->stream->refusal,
		    "an extended header has a wrong size");
	tar->has_size |= is_size;
	tar->is_sparse |= is_sparse;
	return 0;
}

static int
apply_pax(struct tar_reader *tar, size_t length, bool is_global)
{
	struct pax_record record;
	size_t n;

	for (size_t at = 0; at < length; at += n) {
		n = pax_record(tar->extended + at, length - at, &record);
		if (n == 0)
			return refuse(tar->stream->refusal,
			    "an extended header is damaged");
		if (apply_record(tar, &record, is_global) == -1)
			return -1;
	}
	return 0;
}

static int
read_extended(struct tar_reader *tar, char type, uint64_t size)
{
	if (size > TAR_EXTENDED_MAX)
		return refuse(tar->stream->refusal,
		    "an extended header has more than %d bytes",
		    TAR_EXTENDED_MAX);
	if (take_all(tar, tar->extended, size) == -1)
		return -1;
	expect_data(tar, size);
	tar->data = 0;
	tar->is_extended |= type != PAX_GLOBAL;
	if (type == PAX_NEXT || type == PAX_GLOBAL)
		return apply_pax(tar, (size_t)size, type == PAX_GLOBAL);
	if (type == GNU_LINK)
		return 0;
	/* GNU counts the NUL that ends the name. */
	while (size > 0 && tar->extended[size - 1] == '\0')
		size--;
	return set_name(tar, tar->extended, (size_t)size);
}

static int
fill_entry(struct tar_reader *tar, const struct tar_header *header,
    uint64_t size, struct tar_entry *entry)
{
	uint64_t mode;

	if (!tar_number(header->mode, sizeof header->mode, &mode))
		return refuse(tar->stream->refusal,
		    "the archive is damaged: a header's mode is no number");
	if (!tar->has_name)
		tar->length = tar_name(header, tar->name);
	*entry = (struct tar_entry){.type = header->type,
	    .name = tar->name,
	    .length = tar->length,
	    .size = tar->has_size ? tar->size : size,
	    .mode = (unsigned)mode & 07777};
	/* v7 knew no directories but by their names. */
	if (header->type == '\0')
		entry->type =
		    tar->length > 0 && tar->name[tar->length - 1] == '/' ?
		    TAR_DIRECTORY :
		    TAR_FILE;
	if (tar->is_sparse)
		entry->type = TAR_SPARSE;
	expect_data(tar, entry->size);
	tar->is_extended = tar->is_sparse = false;
	tar->has_name = tar->has_size = false;
	return 1;
}

int
tar_reader_next(struct tar_reader *tar, struct tar_entry *entry)
{
	struct tar_header header;
	uint64_t size;

	for (;;) {
		if (read_header(tar, &header) == -1)
			return -1;
		if (tar_is_zero(&header))
			return read_end(tar);
		if (!tar_number(header.size, sizeof header.size, &size))
			return refuse(tar->stream->refusal,
			    "the archive is damaged: a header's size is no "
			    "number");
		if (header.type != PAX_NEXT && header.type != PAX_GLOBAL &&
		    header.type != GNU_NAME && header.type != GNU_LINK)
			return fill_entry(tar, &header, size, entry);
		if (read_extended(tar, header.type, size) == -1)
			return -1;
	}
}
