/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "clock.h"
#include "parse.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits up to *end; at least one. strtoull takes signs and blanks. */
static int
read_digits(const char *text, const char **end, uint64_t *value)
{
	uint64_t sum = 0;

	if (!is_digit(*text)) {
		errno = EINVAL;
		return -1;
	}
	for (; is_digit(*text); text++) {
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(
			sum, (uint64_t)(*text - '0'), &sum)) {
			errno = ERANGE;
			return -1;
		}
	}
	*end = text;
	*value = sum;
	return 0;
}

static int
check_range(uint64_t found, uint64_t min, uint64_t max, uint64_t *value)
{
	if (found < min || found > max) {
		errno = ERANGE;
		return -1;
	}
	*value = found;
	return 0;
}

int
parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	const char *end;
	uint64_t found;

	if (read_digits(text, &end, &found) == -1)
		return -1;
	if (*end != '\0') {
		errno = EINVAL;
		return -1;
	}
	return check_range(found, min, max, value);
}

/* The bits a suffix shifts by, 0 for none, -1 for an unknown one. */
static int
suffix_shift(const char *suffix)
{
	if (suffix[0] == '\0')
		return 0;
	if (suffix[1] != '\0')
		return -1;
	switch (suffix[0]) {
	case 'K':
	case 'k':
		return 10;
	case 'M':
	case 'm':
		return 20;
	case 'G':
	case 'g':
		return 30;
	default:
		return -1;
	}
}

int
parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	const char *end;
	uint64_t found;

	if (read_digits(text, &end, &found) == -1)
		return -1;
	int shift = suffix_shift(end);
	if (shift == -1) {
		errno = EINVAL;
		return -1;
	}
	if (__builtin_mul_overflow(found, (uint64_t)1 << shift, &found)) {
		errno = ERANGE;
		return -1;
	}
	return check_range(found, min, max, value);
}

/* The nanoseconds that follow a decimal point; one to nine digits. */
static int
read_fraction(const char *text, uint64_t *nanoseconds)
{
	uint64_t sum = 0, unit = CLOCK_SECOND / 10;

	if (!is_digit(*text)) {
		errno = EINVAL;
		return -1;
	}
	for (; is_digit(*text) && unit > 0; text++, unit /= 10)
		sum += unit * (uint64_t)(*text - '0');
	if (*text != '\0') {
		errno = EINVAL;
		return -1;
	}
	*nanoseconds = sum;
	return 0;
}

int
parse_seconds(const char *text, int64_t *nanoseconds)
{
	const char *end;
	uint64_t whole, fraction = 0;

	if (read_digits(text, &end, &whole) == -1)
		return -1;
	if (*end == '.') {
		if (read_fraction(end + 1, &fraction) == -1)
			return -1;
	} else if (*end != '\0') {
		errno = EINVAL;
		return -1;
	}
	if (whole > INT64_MAX / CLOCK_SECOND - 1 || whole + fraction == 0) {
		errno = ERANGE;
		return -1;
	}
	*nanoseconds = (int64_t)(whole * CLOCK_SECOND + fraction);
	return 0;
}

void
format_size(uint64_t value, char *text, size_t size)
{
	static const char suffixes[][2] = {"", "K", "M", "G"};
	int i = 0;

	for (; i < 3 && value != 0 && value % 1024 == 0; i++)
		value /= 1024;
	(void)snprintf(text, size, "%ju%s", (uintmax_t)value, suffixes[i]);
}
