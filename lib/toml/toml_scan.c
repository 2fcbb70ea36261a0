/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "base/text.h"
#include "toml_scan.h"

int
toml_peek(const struct toml_cursor *cursor, size_t n)
{
	if ((size_t)(cursor->end - cursor->at) <= n)
		return -1;
	return (unsigned char)cursor->at[n];
}

bool
toml_accept(struct toml_cursor *cursor, char wanted)
{
	if (toml_peek(cursor, 0) != (unsigned char)wanted)
		return false;
	cursor->at++;
	return true;
}

void
toml_skip_blanks(struct toml_cursor *cursor)
{
	while (toml_accept(cursor, ' ') || toml_accept(cursor, '\t'))
		;
}

size_t
toml_newline(const struct toml_cursor *cursor)
{
	if (toml_peek(cursor, 0) == '\n')
		return 1;
	return toml_peek(cursor, 0) == '\r' && toml_peek(cursor, 1) == '\n' ?
	    2 :
	    0;
}

size_t
toml_character(const struct toml_cursor *cursor)
{
	int byte = toml_peek(cursor, 0);

	if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
		return 0;
	return text_utf8_length(
	    cursor->at, (size_t)(cursor->end - cursor->at), NULL);
}

bool
toml_end_line(struct toml_cursor *cursor)
{
	size_t n;

	toml_skip_blanks(cursor);
	if (toml_accept(cursor, '#'))
		while ((n = toml_character(cursor)) > 0)
			cursor->at += n;
	n = toml_newline(cursor);
	cursor->at += n;
	return n > 0 || cursor->at == cursor->end;
}

bool
toml_skip_gap(struct toml_cursor *cursor)
{
	for (;;) {
		toml_skip_blanks(cursor);
		if (cursor->at == cursor->end ||
		    (toml_peek(cursor, 0) != '#' && toml_newline(cursor) == 0))
			return true;
		if (!toml_end_line(cursor))
			return false;
	}
}

void
toml_put(struct toml_sink *sink, const char *bytes, size_t n)
{
	if (n > 0 && sink->length + n <= sink->size)
		memcpy(sink->out + sink->length, bytes, n);
	sink->length += n;
	if (memchr(bytes, '\0', n) != NULL)
		sink->has_nul = true;
}

bool
toml_bare(struct toml_cursor *cursor, struct toml_sink *sink)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-";
	size_t n = 0;
	int byte;

	while (
	    (byte = toml_peek(cursor, n)) > 0 && strchr(letters, byte) != NULL)
		n++;
	toml_put(sink, cursor->at, n);
	cursor->at += n;
	return n > 0;
}

bool
toml_key_part(struct toml_cursor *cursor, struct toml_sink *sink)
{
	toml_skip_blanks(cursor);
	int first = toml_peek(cursor, 0);
	if (first == '"' || first == '\'' ? !toml_quoted(cursor, false, sink) :
					    !toml_bare(cursor, sink))
		return false;
	toml_skip_blanks(cursor);
	return true;
}
