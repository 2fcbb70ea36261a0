/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document is read once, front to back, and nothing of it is stored but
 * the key that is being read; values nest at most NESTING_MAX deep, which
 * bounds the recursion.
 */
#include <string.h>

#include "toml.h"

enum { NESTING_MAX = 64 };

struct table {
	size_t depth;	 /* the parts from the root to it */
	unsigned number; /* its own */
};

struct reader {
	struct toml_cursor cursor;
	struct toml_place place;
	bool (*visit)(void *context, const struct toml_place *place);
	void *context;
	unsigned tables;  /* met so far, inline ones too */
	unsigned nesting; /* of arrays and inline tables */
	unsigned arrays;  /* of these */
};

static bool read_value(struct reader *reader, const struct table *inner);

/* Adds a key that stands in the table to the place. */
static bool
read_key(struct reader *reader, const struct table *table)
{
	struct toml_cursor *cursor = &reader->cursor;
	struct toml_place *place = &reader->place;

	place->depth = place->table_depth = table->depth;
	place->table = table->number;
	do {
		struct toml_part part;
		struct toml_sink sink = {part.name, sizeof part.name, 0, false};
		toml_skip_blanks(cursor);
		part.at = cursor->at;
		if (!toml_key_part(cursor, &sink))
			return false;
		part.length = sink.length;
		if (place->depth < TOML_PARTS_MAX)
			place->parts[place->depth] = part;
		place->depth++;
	} while (toml_accept(cursor, '.'));
	return true;
}

/* What stands in an array has no place that a key could name. */
static bool
show(struct reader *reader, enum toml_kind kind)
{
	reader->place.kind = kind;
	reader->place.value = reader->cursor;
	return reader->arrays > 0 ||
	    reader->visit(reader->context, &reader->place);
}

static bool
read_pair(struct reader *reader, const struct table *table)
{
	if (!read_key(reader, table) || !toml_accept(&reader->cursor, '='))
		return false;
	toml_skip_blanks(&reader->cursor);
	const struct table inner = {reader->place.depth, ++reader->tables};
	return show(reader, TOML_VALUE) && read_value(reader, &inner);
}

/*
 * The values of an array, or the pairs of an inline table. Newlines and a last
 * comma in the latter came with TOML 1.1.
 */
static bool
read_list(struct reader *reader, char end, const struct table *inner)
{
	struct toml_cursor *cursor = &reader->cursor;

	for (;;) {
		if (!toml_skip_gap(cursor))
			return false;
		if (toml_accept(cursor, end))
			return true;
		if (!(end == ']' ? read_value(reader, inner) :
				   read_pair(reader, inner)) ||
		    !toml_skip_gap(cursor))
			return false;
		if (!toml_accept(cursor, ','))
			return toml_accept(cursor, end);
	}
}

/* inner: the table that the value is, or that its elements are. */
static bool
read_value(struct reader *reader, const struct table *inner)
{
	struct toml_cursor *cursor = &reader->cursor;
	struct toml_sink nowhere = {0};
	int first = toml_peek(cursor, 0);

	if (first == '"' || first == '\'')
		return toml_quoted(cursor, true, &nowhere);
	if (first != '[' && first != '{')
		return toml_scalar(cursor);
	if (reader->nesting == NESTING_MAX)
		return false;
	cursor->at++;
	reader->nesting++;
	reader->arrays += first == '[';
	bool is_good = read_list(reader, first == '[' ? ']' : '}', inner);
	reader->arrays -= first == '[';
	reader->nesting--;
	return is_good;
}

/* "[a.b]" or "[[a.b]]": *table becomes the one that it opens. */
static bool
read_header(struct reader *reader, struct table *table)
{
	static const struct table root;
	struct toml_cursor *cursor = &reader->cursor;
	bool is_element = toml_accept(cursor, '[');

	if (!read_key(reader, &root) || !toml_accept(cursor, ']') ||
	    (is_element && !toml_accept(cursor, ']')))
		return false;
	*table = (struct table){reader->place.depth, ++reader->tables};
	return show(reader, is_element ? TOML_ELEMENT : TOML_HEADER);
}

static bool
read_document(struct reader *reader)
{
	struct toml_cursor *cursor = &reader->cursor;
	struct table table = {0};

	for (;;) {
		if (!toml_skip_gap(cursor))
			return false;
		if (cursor->at == cursor->end)
			return true;
		if (!(toml_accept(cursor, '[') ? read_header(reader, &table) :
						 read_pair(reader, &table)) ||
		    !toml_end_line(cursor))
			return false;
	}
}

bool
toml_part_is(const struct toml_part *part, const char *name, size_t length)
{
	return part->length == length && length <= sizeof part->name &&
	    memcmp(part->name, name, length) == 0;
}

size_t
toml_line(const char *text, const char *at)
{
	size_t line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

size_t
toml_read(const char *text, size_t length,
    bool (*visit)(void *context, const struct toml_place *place), void *context)
{
	struct reader reader = {.cursor = {text, text + length},
	    .visit = visit,
	    .context = context};

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		reader.cursor.at += 3;
	return read_document(&reader) ? 0 : toml_line(text, reader.cursor.at);
}
