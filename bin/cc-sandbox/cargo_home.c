/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "cargo_home.h"

enum { CONFIG_MAX = 1 << 20 };

/* Where the reader is, and what it writes. */
struct reader {
	FILE *out;
	struct arguments *directories;
	const char *parent; /* where relative directories start */
	size_t parent_length;
	bool in_table; /* some [table] has begun */
	bool in_source;
};

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r");
}

static bool
is_rest_empty(const char *at)
{
	at = skip_blanks(at);
	return *at == '\0' || *at == '#';
}

/* [source.NAME]: kept as it is. Any other table ends the sources. */
static int
read_header(struct reader *reader, const char *line)
{
	const char *name = skip_blanks(line + 1);
	size_t length = strlen("source");

	reader->in_table = true;
	reader->in_source = strncmp(name, "source", length) == 0 &&
	    strchr(" \t.]", name[length]) != NULL;
	if (!reader->in_source)
		return 0;
	const char *end = strrchr(line, ']');
	if (end == NULL || !is_rest_empty(end + 1))
		return -1;
	fprintf(reader->out, "%.*s\n", (int)(end + 1 - line), line);
	return 0;
}

static bool
is_one_of(const char *key, size_t length, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == length && strncmp(*list, key, length) == 0)
			return true;
	return false;
}

static void
write_directory(struct reader *reader, const char *value, size_t length)
{
	bool is_absolute = value[0] == '/';
	int parent_length = is_absolute ? 0 : (int)reader->parent_length;
	const char *slash = is_absolute ? "" : "/";

	fprintf(reader->out, "\"%.*s%s%.*s\"\n", parent_length, reader->parent,
	    slash, (int)length, value);
	arguments_print(reader->directories, "%.*s%s%.*s", parent_length,
	    reader->parent, slash, (int)length, value);
}

/* key = "value" or 'value', the only form that a source's keys have. */
static int
read_key(struct reader *reader, const char *line)
{
	static const char *const paths[] = {
	    "directory", "local-registry", NULL};
	static const char *const words[] = {
	    "branch", "git", "registry", "replace-with", "rev", "tag", NULL};
	size_t key = strcspn(line, " \t=");
	const char *value = skip_blanks(line + key);

	if (*value != '=')
		return -1;
	value = skip_blanks(value + 1);
	if (*value != '"' && *value != '\'')
		return -1;
	size_t length = strcspn(value + 1, "\"'\\");
	if (value[length + 1] != *value || !is_rest_empty(value + length + 2))
		return -1;
	if (is_one_of(line, key, paths)) {
		fprintf(reader->out, "%.*s = ", (int)key, line);
		write_directory(reader, value + 1, length);
		return 0;
	}
	if (!is_one_of(line, key, words))
		return -1;
	fprintf(reader->out, "%.*s = \"%.*s\"\n", (int)key, line, (int)length,
	    value + 1);
	return 0;
}

static int
read_line(struct reader *reader, const char *line)
{
	line = skip_blanks(line);
	if (is_rest_empty(line))
		return 0;
	if (*line == '[')
		return read_header(reader, line);
	if (reader->in_source)
		return read_key(reader, line);
	/* source.NAME.key = ..., or source = {...}: cargo would read it. */
	if (!reader->in_table && strncmp(line, "source", 6) == 0 &&
	    strchr(" \t.=", line[6]) != NULL)
		return -1;
	return 0;
}

static int
read_text(struct reader *reader, char *text, size_t *line)
{
	for (char *next; text != NULL; text = next) {
		next = strchr(text, '\n');
		if (next != NULL)
			*next++ = '\0';
		++*line;
		if (read_line(reader, text) == -1) {
			errno = EBADMSG;
			return -1;
		}
	}
	return 0;
}

/* The file may be a link: it is the operator's, like the directory. */
static char *
read_linked(const char *home, const char *name)
{
	char *path = NULL, *resolved, *text = NULL;
	size_t length;

	if (asprintf(&path, "%s/%s", home, name) == -1)
		return NULL;
	resolved = realpath(path, NULL);
	if (resolved != NULL)
		text = read_file_at(AT_FDCWD, resolved, CONFIG_MAX, &length);
	free(path);
	free(resolved);
	return text;
}

/* cargo prefers the old name where there are both. */
static char *
read_config(const char *home)
{
	char *text = read_linked(home, "config");

	if (text == NULL && errno == ENOENT)
		text = read_linked(home, "config.toml");
	if (text == NULL && errno == ENOENT && access(home, X_OK) == 0)
		text = strdup("");
	return text;
}

/* What cargo keeps of a registry: all that there is of it. */
static int
find_registry(const char *home, struct arguments *registry)
{
	static const char *const parts[] = {"cache", "index", "src"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char *path = NULL;
		if (asprintf(&path, "%s/registry/%s", home, parts[i]) == -1)
			return -1;
		if (access(path, X_OK) == 0)
			arguments_add(registry, path);
		free(path);
	}
	return arguments_vector(registry) == NULL ? -1 : 0;
}

static int
read_sources(const char *path, char *text, struct cargo_home *home)
{
	char *written = NULL;
	size_t size;
	FILE *out = open_memstream(&written, &size);

	if (out == NULL)
		return -1;
	struct reader reader = {.out = out,
	    .directories = &home->directories,
	    .parent = path,
	    .parent_length = (size_t)(strrchr(path, '/') - path)};
	int result = read_text(&reader, text, &home->line);
	int saved = errno;
	if (fclose(out) == EOF && result == 0) {
		result = -1;
		saved = errno;
	}
	home->sources = written;
	errno = saved;
	return result;
}

int
cargo_home_read(const char *path, struct cargo_home *home)
{
	char *text = read_config(path);

	*home = (struct cargo_home){.sources = NULL};
	if (text == NULL)
		return -1;
	int result = read_sources(path, text, home);
	free(text);
	if (result == -1 || arguments_vector(&home->directories) == NULL)
		return -1;
	return find_registry(path, &home->registry);
}

void
cargo_home_free(struct cargo_home *home)
{
	free(home->sources);
	arguments_free(&home->directories);
	arguments_free(&home->registry);
}
