/* SPDX-License-Identifier: Apache-2.0 */

#include "toml_scan.h"

/* A code point that is known to be a Unicode scalar value. */
static void
put_code(struct toml_sink *sink, unsigned code)
{
	char bytes[4];
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	/* What is left fits under the lead byte's mark of the length. */
	bytes[0] = (char)(n == 1 ? code : (0xf00u >> n & 0xf0) | code);
	toml_put(sink, bytes, n);
}

static int
hexadecimal(int byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

static bool
read_code(struct toml_cursor *cursor, int digits, struct toml_sink *sink)
{
	unsigned code = 0;

	for (; digits > 0; digits--) {
		int digit = hexadecimal(toml_peek(cursor, 0));
		if (digit == -1)
			return false;
		code = code << 4 | (unsigned)digit;
		cursor->at++;
	}
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return false;
	put_code(sink, code);
	return true;
}

/* What follows the backslash. \e and \x came with TOML 1.1. */
static bool
read_escape(struct toml_cursor *cursor, struct toml_sink *sink)
{
	static const char letters[] = "btnfre\"\\";
	static const char meanings[] = "\b\t\n\f\r\033\"\\";

	if (toml_accept(cursor, 'x'))
		return read_code(cursor, 2, sink);
	if (toml_accept(cursor, 'u'))
		return read_code(cursor, 4, sink);
	if (toml_accept(cursor, 'U'))
		return read_code(cursor, 8, sink);
	for (size_t i = 0; i < sizeof letters - 1; i++)
		if (toml_accept(cursor, letters[i])) {
			toml_put(sink, &meanings[i], 1);
			return true;
		}
	return false;
}

/* A backslash before the line's end swallows all blanks up to the next text. */
static bool
join_lines(struct toml_cursor *cursor)
{
	struct toml_cursor ahead = *cursor;
	size_t n;

	toml_skip_blanks(&ahead);
	if (toml_newline(&ahead) == 0)
		return false;
	while ((n = toml_newline(&ahead)) > 0) {
		ahead.at += n;
		toml_skip_blanks(&ahead);
	}
	*cursor = ahead;
	return true;
}

static size_t
count_quotes(const struct toml_cursor *cursor, char quote)
{
	size_t n = 0;

	while (toml_peek(cursor, n) == quote)
		n++;
	return n;
}

/* One character, escape or newline of a string's inside. */
static bool
read_inside(
    struct toml_cursor *cursor, char quote, bool lines, struct toml_sink *sink)
{
	size_t newline = lines ? toml_newline(cursor) : 0;

	if (newline > 0) {
		toml_put(sink, cursor->at, newline);
		cursor->at += newline;
		return true;
	}
	if (quote == '"' && toml_accept(cursor, '\\'))
		return (lines && join_lines(cursor)) ||
		    read_escape(cursor, sink);
	size_t n = toml_character(cursor);
	if (n == 0)
		return false;
	toml_put(sink, cursor->at, n);
	cursor->at += n;
	return true;
}

/* Three quotes end it, and up to two before these belong to the text. */
static bool
read_lines(struct toml_cursor *cursor, char quote, struct toml_sink *sink)
{
	cursor->at += toml_newline(cursor);
	for (;;) {
		size_t n = count_quotes(cursor, quote);
		bool ends = n >= 3;
		if (n > 5)
			return false;
		toml_put(sink, cursor->at, ends ? n - 3 : n);
		cursor->at += n;
		if (ends)
			return true;
		if (n == 0 && !read_inside(cursor, quote, true, sink))
			return false;
	}
}

bool
toml_quoted(
    struct toml_cursor *cursor, bool lines_allowed, struct toml_sink *sink)
{
	char quote = toml_peek(cursor, 0) == '\'' ? '\'' : '"';
	size_t n = count_quotes(cursor, quote);

	if (n == 0)
		return false;
	if (n >= 3 && lines_allowed) {
		cursor->at += 3;
		return read_lines(cursor, quote, sink);
	}
	cursor->at++;
	while (!toml_accept(cursor, quote))
		if (!read_inside(cursor, quote, false, sink))
			return false;
	return true;
}
