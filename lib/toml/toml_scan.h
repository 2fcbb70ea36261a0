/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a TOML document: blanks, strings, numbers, dates. Each
 * function reads from the cursor on and moves it behind what it read; when
 * the text is not of this form it returns false, with the cursor where the
 * fault is. Nothing is allocated.
 */
#ifndef TOML_SCAN_H
#define TOML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct toml_cursor {
	const char *at;
	const char *end;
};

/* Where a string's value goes, as much of it as fits; {0} counts only. */
struct toml_sink {
	char *out;
	size_t size;
	size_t length; /* of the whole value */
	bool has_nul;
};

/* The byte n places ahead, or -1 behind the end. */
int toml_peek(const struct toml_cursor *cursor, size_t n);

/* Moves behind this character, if it is the next one. */
bool toml_accept(struct toml_cursor *cursor, char wanted);

/* The bytes of a newline here: 2, 1 or 0. A lone CR is none. */
size_t toml_newline(const struct toml_cursor *cursor);

/*
 * The bytes of the character here, 0 at the end, for a byte that is not
 * UTF-8, and for a control character: of these only the tab may stand in a
 * comment or a string.
 */
size_t toml_character(const struct toml_cursor *cursor);

/* Blanks and tabs: none is fine, too. */
void toml_skip_blanks(struct toml_cursor *cursor);

/* Blanks, then a comment or nothing, then a newline or the end of the text. */
bool toml_end_line(struct toml_cursor *cursor);

/* Any number of blanks, comments and newlines: false is a bad comment. */
bool toml_skip_gap(struct toml_cursor *cursor);

/* Adds n bytes to what went into the sink. */
void toml_put(struct toml_sink *sink, const char *bytes, size_t n);

/* A string in quotes; of several lines only where the caller allows that. */
bool toml_quoted(
    struct toml_cursor *cursor, bool lines_allowed, struct toml_sink *sink);

/* A key's part without quotes. */
bool toml_bare(struct toml_cursor *cursor, struct toml_sink *sink);

/* One part of a key, in quotes or not, and the blanks around it. */
bool toml_key_part(struct toml_cursor *cursor, struct toml_sink *sink);

/* A number, a date or time, true or false. */
bool toml_scalar(struct toml_cursor *cursor);

#endif
