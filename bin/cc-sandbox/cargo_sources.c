/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cargo_sources.h"
#include "toml/toml.h"
#include "toml/toml_scan.h"

/* Where a table's keys belong. */
enum place {
	PLACE_ROOT,
	PLACE_SOURCES, /* [source]: its keys would be tables */
	PLACE_SOURCE,  /* [source.NAME] */
	PLACE_OTHER
};

/* Where the reader is, and what it writes. */
struct reader {
	struct toml_cursor cursor;
	FILE *out;
	struct arguments *directories;
	const char *parent; /* where relative directories start */
	enum place place;
	char *text; /* room for any string of the document */
	size_t size;
	int error; /* errno of what is TOML, and not for us */
};

static bool
refuse(struct reader *reader)
{
	if (reader->error == 0)
		reader->error = ENOTSUP;
	return false;
}

static void
write_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text != '\0'; text++)
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ' || *text == 127)
			fprintf(out, "\\u%04x", (unsigned)*text);
		else
			putc(*text, out);
	putc('"', out);
}

/* What went into the room for text, ended; false: it has a NUL inside. */
static bool
end_text(struct reader *reader, const struct toml_sink *sink)
{
	reader->text[sink->length] = '\0';
	return !sink->has_nul || refuse(reader);
}

static struct toml_sink
text_sink(const struct reader *reader)
{
	return (struct toml_sink){reader->text, reader->size, 0, false};
}

/* One part of a key, into the room for text. */
static bool
read_part(struct reader *reader)
{
	struct toml_sink sink = text_sink(reader);

	return toml_key_part(&reader->cursor, &sink) && end_text(reader, &sink);
}

/* The parts of a key behind the first one, which are not asked for. */
static bool
skip_parts(struct reader *reader, int *count)
{
	struct toml_sink nowhere = {0};

	for (; toml_accept(&reader->cursor, '.'); ++*count)
		if (!toml_key_part(&reader->cursor, &nowhere))
			return false;
	return true;
}

/* [source.NAME] is written anew. Any other table ends the sources. */
static bool
read_header(struct reader *reader)
{
	struct toml_cursor *cursor = &reader->cursor;
	bool is_array = toml_accept(cursor, '['), is_source;
	int parts = 1;

	if (!read_part(reader))
		return false;
	is_source = strcmp(reader->text, "source") == 0;
	reader->place = is_source ? PLACE_SOURCES : PLACE_OTHER;
	if (is_source && toml_accept(cursor, '.')) {
		if (!read_part(reader))
			return false;
		reader->place = PLACE_SOURCE;
		parts++;
	}
	if (!skip_parts(reader, &parts) || !toml_accept(cursor, ']') ||
	    (is_array && !toml_accept(cursor, ']')))
		return false;
	if (is_source && (is_array || parts > 2))
		return refuse(reader);
	if (reader->place == PLACE_SOURCE) {
		fputs("[source.", reader->out);
		write_string(reader->out, reader->text);
		fputs("]\n", reader->out);
	}
	return true;
}

static void
write_directory(struct reader *reader)
{
	bool is_absolute = reader->text[0] == '/';
	char *path = NULL;

	if (asprintf(&path, "%s%s%s", is_absolute ? "" : reader->parent,
		is_absolute ? "" : "/", reader->text) == -1) {
		reader->directories->error = ENOMEM;
		return;
	}
	write_string(reader->out, path);
	arguments_add(reader->directories, path);
	free(path);
}

static const char *
find(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return *list;
	return NULL;
}

/* The value of a source's key: a string, the only form that these have. */
static bool
read_string(struct reader *reader, const char *key, bool is_directory)
{
	struct toml_sink sink = text_sink(reader);
	int first = toml_peek(&reader->cursor, 0);

	if (key == NULL || (first != '"' && first != '\''))
		return refuse(reader);
	if (!toml_quoted(&reader->cursor, true, &sink) ||
	    !end_text(reader, &sink))
		return false;
	fprintf(reader->out, "%s = ", key);
	if (is_directory)
		write_directory(reader);
	else
		write_string(reader->out, reader->text);
	putc('\n', reader->out);
	return true;
}

static bool
read_pair(struct reader *reader)
{
	static const char *const paths[] = {
	    "directory", "local-registry", NULL};
	static const char *const words[] = {
	    "branch", "git", "registry", "replace-with", "rev", "tag", NULL};
	int parts = 1;

	if (!read_part(reader))
		return false;
	/* source.NAME.key = ..., or source = {...}: cargo would read it. */
	bool is_source = strcmp(reader->text, "source") == 0;
	const char *path = find(reader->text, paths);
	const char *key = path != NULL ? path : find(reader->text, words);
	if (!skip_parts(reader, &parts) || !toml_accept(&reader->cursor, '='))
		return false;
	toml_skip_blanks(&reader->cursor);
	if (reader->place == PLACE_SOURCE)
		return read_string(
		    reader, parts == 1 ? key : NULL, path != NULL);
	if (reader->place == PLACE_SOURCES ||
	    (reader->place == PLACE_ROOT && is_source))
		return refuse(reader);
	return toml_skip_value(&reader->cursor);
}

/* False: *fault is where what is not TOML, or not for us, is. */
static bool
read_document(struct reader *reader, const char **fault)
{
	struct toml_cursor *cursor = &reader->cursor;

	for (;;) {
		bool is_good = toml_skip_gap(cursor);
		const char *start = cursor->at;
		if (is_good && start == cursor->end)
			return true;
		if (is_good)
			is_good = toml_accept(cursor, '[') ?
			    read_header(reader) :
			    read_pair(reader);
		if (!is_good || !toml_end_line(cursor)) {
			*fault = reader->error != 0 ? start : cursor->at;
			return false;
		}
	}
}

static size_t
line_of(const char *text, const char *at)
{
	size_t line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

int
cargo_sources_read(const char *text, size_t length, const char *parent,
    FILE *out, struct arguments *directories, size_t *line)
{
	struct reader reader = {.cursor = {text, text + length},
	    .out = out,
	    .directories = directories,
	    .parent = parent,
	    .text = malloc(length + 1),
	    .size = length + 1};
	const char *fault = text;

	if (reader.text == NULL)
		return -1;
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		reader.cursor.at += 3;
	bool is_good = read_document(&reader, &fault);
	free(reader.text);
	if (is_good)
		return 0;
	*line = line_of(text, fault);
	errno = reader.error != 0 ? reader.error : EBADMSG;
	return -1;
}
