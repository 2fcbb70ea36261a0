/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document is read once, front to back, and nothing of it is stored but
 * where the asked string begins; values nest at most NESTING_MAX deep, which
 * bounds the recursion.
 */
#include <string.h>

#include "toml.h"
#include "toml_path.h"
#include "toml_scan.h"

enum { NESTING_MAX = 64 };

struct reader {
	struct toml_cursor cursor;
	struct toml_path path;
	unsigned tables;   /* met so far, inline ones too */
	unsigned nesting;  /* of arrays and inline tables */
	const char *found; /* the asked string, at its quote */
};

static bool read_value(struct reader *reader, const struct toml_table *inner);

static bool
read_key(
    struct reader *reader, const struct toml_table *table, struct toml_key *key)
{
	struct toml_cursor *cursor = &reader->cursor;

	*key = (struct toml_key){0};
	do {
		char name[TOML_NAME_MAX];
		struct toml_sink sink = {name, sizeof name, 0, false};
		if (!toml_key_part(cursor, &sink))
			return false;
		toml_path_match(&reader->path, table, key, name, sink.length);
	} while (toml_accept(cursor, '.'));
	return true;
}

static bool
read_pair(struct reader *reader, const struct toml_table *table)
{
	struct toml_key key;
	struct toml_table inner = {.is_element = table->is_element};

	if (!read_key(reader, table, &key) ||
	    !toml_path_note(
		&reader->path, table, &key, TOML_VALUE, &inner.is_element) ||
	    !toml_accept(&reader->cursor, '='))
		return false;
	inner.depth = table->depth + key.parts;
	inner.is_on_path = table->is_on_path && key.matched == key.parts;
	inner.number = ++reader->tables;
	toml_skip_blanks(&reader->cursor);
	const char *start = reader->cursor.at;
	int first = toml_peek(&reader->cursor, 0);
	if (!read_value(reader, &inner))
		return false;
	if (inner.is_on_path && inner.depth == reader->path.count &&
	    !inner.is_element && (first == '"' || first == '\''))
		reader->found = start;
	return true;
}

static bool
read_array(struct reader *reader)
{
	const struct toml_table element = {.is_element = true};
	struct toml_cursor *cursor = &reader->cursor;

	for (;;) {
		if (!toml_skip_gap(cursor))
			return false;
		if (toml_accept(cursor, ']'))
			return true;
		if (!read_value(reader, &element) || !toml_skip_gap(cursor))
			return false;
		if (!toml_accept(cursor, ','))
			return toml_accept(cursor, ']');
	}
}

/* Newlines and a last comma inside came with TOML 1.1. */
static bool
read_inline_table(struct reader *reader, const struct toml_table *table)
{
	struct toml_cursor *cursor = &reader->cursor;

	for (;;) {
		if (!toml_skip_gap(cursor))
			return false;
		if (toml_accept(cursor, '}'))
			return true;
		if (!read_pair(reader, table) || !toml_skip_gap(cursor))
			return false;
		if (!toml_accept(cursor, ','))
			return toml_accept(cursor, '}');
	}
}

/* inner: the table that the value is, if it is one. */
static bool
read_value(struct reader *reader, const struct toml_table *inner)
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
	bool good = first == '[' ? read_array(reader) :
				   read_inline_table(reader, inner);
	reader->nesting--;
	return good;
}

bool
toml_skip_value(struct toml_cursor *cursor)
{
	const struct toml_table element = {.is_element = true};
	struct reader reader = {.cursor = *cursor};
	bool good = read_value(&reader, &element);

	*cursor = reader.cursor;
	return good;
}

/* "[a.b]" or "[[a.b]]": *table becomes the one that it opens. */
static bool
read_header(struct reader *reader, struct toml_table *table)
{
	const struct toml_table root = {.is_on_path = true};
	struct toml_cursor *cursor = &reader->cursor;
	bool is_element = toml_accept(cursor, '[');
	struct toml_key key;

	*table = (struct toml_table){.number = ++reader->tables};
	if (!read_key(reader, &root, &key) ||
	    !toml_path_note(&reader->path, &root, &key,
		is_element ? TOML_ELEMENT : TOML_HEADER, &table->is_element))
		return false;
	table->depth = key.parts;
	table->is_on_path = key.matched == key.parts;
	return toml_accept(cursor, ']') &&
	    (!is_element || toml_accept(cursor, ']'));
}

static bool
read_document(struct reader *reader)
{
	struct toml_cursor *cursor = &reader->cursor;
	struct toml_table table = {.is_on_path = true};

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

/* The found string once more, this time for its value. */
static bool
copy_value(struct reader *reader, char *value, size_t size)
{
	struct toml_sink sink = {0};

	reader->cursor.at = reader->found;
	(void)toml_quoted(&reader->cursor, true, &sink);
	reader->cursor.at = reader->found;
	if (sink.length >= size || sink.has_nul)
		return false;
	sink = (struct toml_sink){.out = value, .size = size};
	(void)toml_quoted(&reader->cursor, true, &sink);
	value[sink.length] = '\0';
	return true;
}

enum toml_result
toml_string(const char *text, size_t length, const char *path, char *value,
    size_t size, size_t *line)
{
	struct reader reader = {.cursor = {text, text + length}};

	toml_path_split(&reader.path, path);
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		reader.cursor.at += 3;
	if (read_document(&reader)) {
		if (reader.found == NULL)
			return toml_path_is_seen(&reader.path) ? TOML_OTHER :
								 TOML_ABSENT;
		if (copy_value(&reader, value, size))
			return TOML_FOUND;
	}
	*line = 1;
	for (const char *at = text; at < reader.cursor.at; at++)
		*line += *at == '\n';
	return TOML_BROKEN;
}
