/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cargo_sources.h"
#include "toml/toml.h"

/* What the reader of the document hands on, and what is written. */
struct copy {
	FILE *out;
	struct arguments *directories;
	const char *parent; /* where relative directories start */
	const char *end;    /* of the document */
	char *text;	    /* room for any string of it */
	size_t size;
	int error; /* errno of what is TOML, and not for us */
};

static bool
refuse(struct copy *copy)
{
	copy->error = ENOTSUP;
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

/* [source.NAME] is written anew. */
static bool
write_header(struct copy *copy, const struct toml_part *name)
{
	struct toml_cursor cursor = {name->at, copy->end};
	struct toml_sink sink = {copy->text, copy->size, 0, false};

	(void)toml_key_part(&cursor, &sink);
	if (sink.has_nul)
		return refuse(copy);
	copy->text[sink.length] = '\0';
	fputs("[source.", copy->out);
	write_string(copy->out, copy->text);
	fputs("]\n", copy->out);
	return true;
}

static void
write_directory(struct copy *copy)
{
	bool is_absolute = copy->text[0] == '/';
	char *path = NULL;

	if (asprintf(&path, "%s%s%s", is_absolute ? "" : copy->parent,
		is_absolute ? "" : "/", copy->text) == -1) {
		copy->directories->error = ENOMEM;
		return;
	}
	write_string(copy->out, path);
	arguments_add(copy->directories, path);
	free(path);
}

static bool
is_name(const struct toml_part *part, const char *name)
{
	return toml_part_is(part, name, strlen(name));
}

/* A key of a source and its value: a string, the only form that these have. */
static bool
write_pair(
    struct copy *copy, const struct toml_part *key, struct toml_cursor value)
{
	static const char *const keys[] = {"directory", "local-registry",
	    "branch", "git", "registry", "replace-with", "rev", "tag"};
	enum { DIRECTORIES = 2, COUNT = sizeof keys / sizeof *keys };
	struct toml_sink sink = {copy->text, copy->size, 0, false};
	int first = toml_peek(&value, 0);
	size_t i = 0;

	while (i < COUNT && !is_name(key, keys[i]))
		i++;
	if (i == COUNT || (first != '"' && first != '\''))
		return refuse(copy);
	/* The reader of the document will say where a bad one breaks. */
	if (!toml_quoted(&value, true, &sink))
		return true;
	if (sink.has_nul)
		return refuse(copy);
	copy->text[sink.length] = '\0';
	fprintf(copy->out, "%s = ", keys[i]);
	if (i < DIRECTORIES)
		write_directory(copy);
	else
		write_string(copy->out, copy->text);
	putc('\n', copy->out);
	return true;
}

/*
 * source.NAME.key = ..., or source = {...}: cargo would read it, so it must
 * not be left out.
 */
static bool
take(void *context, const struct toml_place *place)
{
	struct copy *copy = context;

	if (!is_name(&place->parts[0], "source"))
		return true;
	if (place->kind == TOML_HEADER && place->depth == 1)
		return true;
	if (place->kind == TOML_HEADER && place->depth == 2)
		return write_header(copy, &place->parts[1]);
	if (place->kind == TOML_VALUE && place->depth == 3 &&
	    place->table_depth == 2)
		return write_pair(copy, &place->parts[2], place->value);
	return refuse(copy);
}

int
cargo_sources_read(const char *text, size_t length, const char *parent,
    FILE *out, struct arguments *directories, size_t *line)
{
	struct copy copy = {.out = out,
	    .directories = directories,
	    .parent = parent,
	    .end = text + length,
	    .text = malloc(length + 1),
	    .size = length + 1};

	if (copy.text == NULL)
		return -1;
	*line = toml_read(text, length, take, &copy);
	free(copy.text);
	if (*line == 0)
		return 0;
	errno = copy.error != 0 ? copy.error : EBADMSG;
	return -1;
}
