/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tar_extended.h"
#include "tar_header.h"

enum { PAX_NEXT = 'x', PAX_GLOBAL = 'g', GNU_NAME = 'L', GNU_LINK = 'K' };

bool
tar_is_extended(char type)
{
	return type == PAX_NEXT || type == PAX_GLOBAL || type == GNU_NAME ||
	    type == GNU_LINK;
}

/*
 * Of two headers that describe one entry, one reader believes the first, the
 * other the last, or that of pax. GNU's for a name and a link are a pair.
 */
int
tar_extended_note(struct tar_reader *tar, char type)
{
	if (type == PAX_GLOBAL)
		return 0;
	bool *has = type == PAX_NEXT ? &tar->has_pax :
	    type == GNU_NAME	     ? &tar->has_gnu_name :
				       &tar->has_gnu_link;

	if (*has)
		return refuse(tar->stream->refusal,
		    "an entry has two extended headers of one kind");
	*has = true;
	if (tar->has_pax && (tar->has_gnu_name || tar->has_gnu_link))
		return refuse(tar->stream->refusal,
		    "an entry has extended headers of pax and of GNU");
	return 0;
}

static int
set_name(struct tar_reader *tar, const char *name, size_t length)
{
	if (memchr(name, '\0', length) != NULL)
		return refuse(tar->stream->refusal,
		    "the archive has a name with a NUL byte");
	if (tar->has_name)
		return refuse(tar->stream->refusal,
		    "an extended header names its entry twice");
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
	/* GNU tar's, star's and Solaris' ways to say so. */
	bool is_sparse = pax_is(record, "GNU.sparse.") ||
	    pax_is(record, "SCHILY.realsize") ||
	    pax_is(record, "SUN.holesdata");

	if (is_global && (is_path || is_size || is_sparse))
		return refuse(tar->stream->refusal,
		    "a global extended header describes a single entry");
	if (is_path)
		return set_name(tar, record->value, record->value_length);
	if (is_size && (tar->has_size || !pax_number(record, &tar->size)))
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

int
tar_extended_apply(struct tar_reader *tar, char type, size_t size)
{
	if (type == PAX_NEXT || type == PAX_GLOBAL)
		return apply_pax(tar, size, type == PAX_GLOBAL);
	if (type == GNU_LINK)
		return 0;
	/* GNU counts the NUL that ends the name. */
	while (size > 0 && tar->extended[size - 1] == '\0')
		size--;
	return set_name(tar, tar->extended, size);
}
