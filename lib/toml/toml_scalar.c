/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values that are no string, array or table. Their form is checked, their
 * value is of no interest. Each reader takes as much as it can and says
 * whether that was anything; toml_scalar then wants nothing to follow.
 */
#include <string.h>

#include "toml_scan.h"

static bool
is_digit(int byte, int base)
{
	if (base == 16 &&
	    ((byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F')))
		return true;
	return byte >= '0' && byte < '0' + (base < 10 ? base : 10);
}

/* Digits, single underscores between them. */
static bool
digits(struct toml_cursor *cursor, int base)
{
	if (!is_digit(toml_peek(cursor, 0), base))
		return false;
	for (;;) {
		size_t skip = toml_peek(cursor, 0) == '_';
		if (!is_digit(toml_peek(cursor, skip), base))
			return skip == 0;
		cursor->at += skip + 1;
	}
}

static bool
word(struct toml_cursor *cursor, const char *wanted)
{
	size_t n = strlen(wanted);

	if ((size_t)(cursor->end - cursor->at) < n ||
	    memcmp(cursor->at, wanted, n) != 0)
		return false;
	cursor->at += n;
	return true;
}

static bool
sign(struct toml_cursor *cursor)
{
	return toml_accept(cursor, '+') || toml_accept(cursor, '-');
}

static bool
number(struct toml_cursor *cursor)
{
	if (word(cursor, "0x"))
		return digits(cursor, 16);
	if (word(cursor, "0o"))
		return digits(cursor, 8);
	if (word(cursor, "0b"))
		return digits(cursor, 2);
	(void)sign(cursor);
	if (word(cursor, "inf") || word(cursor, "nan"))
		return true;
	/* No zero leads another digit: 0.5 and 10, not 01. */
	if (!toml_accept(cursor, '0') && !digits(cursor, 10))
		return false;
	if (toml_accept(cursor, '.') && !digits(cursor, 10))
		return false;
	if (!toml_accept(cursor, 'e') && !toml_accept(cursor, 'E'))
		return true;
	(void)sign(cursor);
	return digits(cursor, 10);
}

/* Exactly two digits, min to max. */
static bool
two(struct toml_cursor *cursor, int min, int max)
{
	int tens = toml_peek(cursor, 0), ones = toml_peek(cursor, 1);

	if (!is_digit(tens, 10) || !is_digit(ones, 10))
		return false;
	int value = (tens - '0') * 10 + ones - '0';
	if (value < min || value > max)
		return false;
	cursor->at += 2;
	return true;
}

/* Seconds may be missing since TOML 1.1. */
static bool
time_of_day(struct toml_cursor *cursor)
{
	if (!two(cursor, 0, 23) || !toml_accept(cursor, ':') ||
	    !two(cursor, 0, 59))
		return false;
	if (!toml_accept(cursor, ':'))
		return true;
	if (!two(cursor, 0, 60))
		return false;
	if (!toml_accept(cursor, '.'))
		return true;
	const char *fraction = cursor->at;
	while (is_digit(toml_peek(cursor, 0), 10))
		cursor->at++;
	return cursor->at > fraction;
}

static bool
offset(struct toml_cursor *cursor)
{
	if (toml_accept(cursor, 'Z') || toml_accept(cursor, 'z'))
		return true;
	return !sign(cursor) ||
	    (two(cursor, 0, 23) && toml_accept(cursor, ':') &&
		two(cursor, 0, 59));
}

/* A date, perhaps a time behind it, perhaps an offset behind that. */
static bool
date(struct toml_cursor *cursor)
{
	if (!two(cursor, 0, 99) || !two(cursor, 0, 99) ||
	    !toml_accept(cursor, '-') || !two(cursor, 1, 12) ||
	    !toml_accept(cursor, '-') || !two(cursor, 1, 31))
		return false;
	bool blank =
	    toml_peek(cursor, 0) == ' ' && is_digit(toml_peek(cursor, 1), 10);
	if (!blank && toml_peek(cursor, 0) != 'T' &&
	    toml_peek(cursor, 0) != 't')
		return true;
	cursor->at++;
	return time_of_day(cursor) && offset(cursor);
}

bool
toml_scalar(struct toml_cursor *cursor)
{
	if (word(cursor, "true") || word(cursor, "false"))
		return true;
	size_t n = 0;
	while (is_digit(toml_peek(cursor, n), 10))
		n++;
	if (n == 2 && toml_peek(cursor, 2) == ':')
		return time_of_day(cursor);
	if (n == 4 && toml_peek(cursor, 4) == '-')
		return date(cursor);
	return number(cursor);
}
