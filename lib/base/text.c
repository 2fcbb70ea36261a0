/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* The smallest code point that needs a sequence of this many bytes. */
static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};

static size_t
sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead < 0xe0)
		return 2;
	if (lead >= 0xe0 && lead < 0xf0)
		return 3;
	if (lead >= 0xf0 && lead < 0xf5)
		return 4;
	return 0;
}

size_t
text_utf8_length(const char *text, size_t length, unsigned *code)
{
	if (length == 0)
		return 0;
	const unsigned char *bytes = (const unsigned char *)text;
	size_t n = sequence_length(bytes[0]);
	if (n == 0 || n > length)
		return 0;
	unsigned point = n == 1 ? bytes[0] : bytes[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (bytes[i] & 0x3fu);
	}
	if (point < smallest[n] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	if (code != NULL)
		*code = point;
	return n;
}

bool
text_is_utf8(const char *text, size_t length)
{
	for (size_t i = 0, n; i < length; i += n) {
		n = text_utf8_length(text + i, length - i, NULL);
		if (n == 0 || text[i] == '\0')
			return false;
	}
	return true;
}

/*
 * C0, C1, zero-width and bidirectional controls, line separators, byte order
 * mark, tags, private use, and what Unicode calls default ignorable: soft
 * hyphen, variation selectors, letters without a shape.
 */
bool
text_is_hidden(unsigned code)
{
	static const unsigned ranges[][2] = {{0, 0x1f}, {0x7f, 0x9f},
	    {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160},
	    {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},
	    {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
	    {0xe000, 0xf8ff}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
	    {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
	    {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	return false;
}

/* Writes the escape of what is at text, returns how many bytes it took. */
static size_t
escape(const char *text, size_t length, char *shown, size_t size)
{
	unsigned code;
	size_t n = text_utf8_length(text, length, &code);

	if (n == 0) {
		snprintf(shown, size, "\\x%02x", (unsigned char)*text);
		return 1;
	}
	if (code == '\n' || code == '\t' || code == '\r')
		snprintf(shown, size, "\\%c",
		    code == '\n'     ? 'n' :
			code == '\t' ? 't' :
				       'r');
	else if (code == '\\' || code == '\'')
		snprintf(shown, size, "\\%c", (char)code);
	else if (text_is_hidden(code))
		snprintf(
		    shown, size, code < 0x80 ? "\\x%02x" : "\\u{%x}", code);
	else
		snprintf(shown, size, "%.*s", (int)n, text);
	return n;
}

const char *
text_visible(const char *text, size_t length, char *shown, size_t size)
{
	char piece[16];
	size_t used = 0;

	for (size_t i = 0; i < length;) {
		size_t taken =
		    escape(text + i, length - i, piece, sizeof piece);
		size_t wide = strlen(piece);
		size_t spare = i + taken < length ? 3 : 0;
		if (used + wide + spare + 1 > size) {
			memcpy(shown + used, "...", 4);
			return shown;
		}
		memcpy(shown + used, piece, wide);
		used += wide;
		i += taken;
	}
	shown[used] = '\0';
	return shown;
}

static bool
is_storable(unsigned code)
{
	return code == '\n' || code == '\t' ||
	    !(code < 0x20 || (code >= 0x7f && code < 0xa0));
}

/* Skips what a cut may have left of a character: at most three bytes. */
static size_t
whole_character(const char *text, size_t from, size_t length)
{
	size_t most = from + 3 < length ? from + 3 : length;

	while (from < most && (text[from] & 0xc0) == 0x80)
		from++;
	return from;
}

char *
text_clean_tail(const char *text, size_t length, size_t most)
{
	/* U+FFFD is three bytes, so one byte grows to three at the most. */
	size_t skip = length > most ? length - most : 0;
	size_t used = 0;
	char *clean = malloc((length - skip) * 3 + 1);

	if (clean == NULL)
		return NULL;
	if (skip > 0)
		skip = whole_character(text, skip, length);
	for (size_t i = skip; i < length;) {
		unsigned code;
		size_t n = text_utf8_length(text + i, length - i, &code);
		if (n > 0 && is_storable(code)) {
			memcpy(clean + used, text + i, n);
			used += n;
		} else {
			memcpy(clean + used, "\xef\xbf\xbd", 3);
			used += 3;
		}
		i += n > 0 ? n : 1;
	}
	size_t from =
	    used > most ? whole_character(clean, used - most, used) : 0;
	memmove(clean, clean + from, used - from);
	clean[used - from] = '\0';
	return clean;
}
