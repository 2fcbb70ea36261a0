/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "cargo_home.h"
#include "cargo_sources.h"

enum { CONFIG_MAX = 1 << 20 };

/* The file may be a link: it is the operator's, like the directory. */
static char *
read_linked(const char *home, const char *name, size_t *length)
{
	char *path = NULL, *resolved, *text = NULL;

	if (asprintf(&path, "%s/%s", home, name) == -1)
		return NULL;
	resolved = realpath(path, NULL);
	if (resolved != NULL)
		text = read_file_at(AT_FDCWD, resolved, CONFIG_MAX, length);
	free(path);
	free(resolved);
	return text;
}

/* cargo prefers the old name where there are both. */
static char *
read_config(const char *home, size_t *length)
{
	char *text = read_linked(home, "config", length);

	if (text == NULL && errno == ENOENT)
		text = read_linked(home, "config.toml", length);
	if (text == NULL && errno == ENOENT && access(home, X_OK) == 0) {
		text = strdup("");
		*length = 0;
	}
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
read_sources(
    const char *path, const char *text, size_t length, struct cargo_home *home)
{
	size_t size;
	char *parent = strndup(path, (size_t)(strrchr(path, '/') - path));
	FILE *out =
	    parent == NULL ? NULL : open_memstream(&home->sources, &size);
	int result = -1;

	if (out != NULL) {
		result = cargo_sources_read(
		    text, length, parent, out, &home->directories, &home->line);
		int saved = errno;
		if (fclose(out) == EOF && result == 0)
			result = -1;
		else
			errno = saved;
	}
	free(parent);
	return result;
}

int
cargo_home_read(const char *path, struct cargo_home *home)
{
	size_t length;
	char *text = read_config(path, &length);

	*home = (struct cargo_home){.sources = NULL};
	if (text == NULL)
		return -1;
	int result = read_sources(path, text, length, home);
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
