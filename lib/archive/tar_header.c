/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <string.h>

#include "tar_header.h"

_Static_assert(sizeof(struct tar_header) == 512, "a tar header is a block");

bool
tar_is_zero(const struct tar_header *header)
{
	static const struct tar_header zero;

	return memcmp(header, &zero, sizeof zero) == 0;
}

/* The sum of the header's bytes, the checksum itself counted as blanks. */
bool
tar_checksum_fits(const struct tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	uint64_t wanted, sum = ' ' * sizeof header->checksum;

	for (size_t i = 0; i < sizeof *header; i++)
		sum += bytes[i];
	for (size_t i = 0; i < sizeof header->checksum; i++)
		sum -= (unsigned char)header->checksum[i];
	return tar_number(header->checksum, sizeof header->checksum, &wanted) &&
	    wanted == sum;
}

/* GNU's: the first bit says so, the second is the sign. */
static bool
base_256(const char *field, size_t length, uint64_t *value)
{
	uint64_t number = (unsigned char)field[0] & 0x7f;

	if (number >= 0x40)
		return false;
	for (size_t i = 1; i < length; i++) {
		if (number > INT64_MAX >> 8)
			return false;
		number = number << 8 | (unsigned char)field[i];
	}
	*value = number;
	return true;
}

bool
tar_number(const char *field, size_t length, uint64_t *value)
{
	uint64_t number = 0;
	size_t i = 0;

	if ((field[0] & 0x80) != 0)
		return base_256(field, length, value);
	while (i < length && field[i] == ' ')
		i++;
	for (; i < length && field[i] >= '0' && field[i] <= '7'; i++)
		number = number << 3 | (unsigned)(field[i] - '0');
	for (; i < length; i++)
		if (field[i] != ' ' && field[i] != '\0')
			return false;
	*value = number;
	return true;
}

bool
tar_is_ustar(const struct tar_header *header)
{
	return memcmp(header->magic, "ustar\0", 6) == 0;
}

size_t
tar_name(const struct tar_header *header, char name[257])
{
	/* In GNU's format, "ustar  ", other things stand in the prefix. */
	if (tar_is_ustar(header) && header->prefix[0] != '\0')
		return (size_t)snprintf(
		    name, 257, "%.155s/%.100s", header->prefix, header->name);
	return (size_t)snprintf(name, 257, "%.100s", header->name);
}

/* Decimal digits at the front of the text; how many, 0 also for too many. */
static size_t
decimal(const char *text, size_t length, uint64_t *value)
{
	uint64_t number = 0;
	size_t i = 0;

	for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
		if (number > (INT64_MAX - 9) / 10)
			return 0;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	*value = number;
	return i;
}

size_t
pax_record(const char *text, size_t length, struct pax_record *record)
{
	uint64_t whole;
	size_t head = decimal(text, length, &whole);

	if (head == 0 || whole > length || whole < head + 2 ||
	    text[head] != ' ' || text[whole - 1] != '\n')
		return 0;
	const char *key = text + head + 1, *end = text + whole - 1;
	const char *equals = memchr(key, '=', (size_t)(end - key));
	if (equals == NULL || equals == key)
		return 0;
	*record = (struct pax_record){key, equals + 1, (size_t)(equals - key),
	    (size_t)(end - equals - 1)};
	return (size_t)whole;
}

bool
pax_is(const struct pax_record *record, const char *key)
{
	size_t n = strlen(key);

	return record->key_length >= n && memcmp(record->key, key, n) == 0 &&
	    (record->key_length == n || key[n - 1] == '.');
}

bool
pax_number(const struct pax_record *record, uint64_t *value)
{
	return record->value_length > 0 &&
	    decimal(record->value, record->value_length, value) ==
	    record->value_length;
}
