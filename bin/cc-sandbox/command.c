/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

const char *
sandbox_level_name(enum sandbox_level level)
{
	static const char *const names[] = {
	    [SANDBOX_NONE] = "none",
	    [SANDBOX_LANDLOCK] = "landlock",
	    [SANDBOX_BWRAP] = "bwrap",
	};

	return names[level];
}

/* The first placeholder in text and what stands for it, or NULL. */
static const char *
find_placeholder(const char *text, const struct sandbox_view *view,
    size_t *length, const char **value)
{
	const struct {
		const char *name, *value;
	} all[] = {{"{source}", view->source}, {"{target}", view->target}};
	const char *first = NULL;

	for (int i = 0; i < 2; i++) {
		const char *at = strstr(text, all[i].name);
		if (at == NULL || (first != NULL && at > first))
			continue;
		first = at;
		*length = strlen(all[i].name);
		*value = all[i].value;
	}
	return first;
}

static int
add_word(
    struct arguments *list, const char *word, const struct sandbox_view *view)
{
	char *written = NULL;
	const char *at, *value = NULL;
	size_t size, length = 0;
	FILE *out = open_memstream(&written, &size);
	int result = 0;

	if (out == NULL)
		return -1;
	while ((at = find_placeholder(word, view, &length, &value)) != NULL) {
		if (value == NULL)
			result = -1;
		fprintf(out, "%.*s%s", (int)(at - word), word,
		    value == NULL ? "" : value);
		word = at + length;
	}
	fprintf(out, "%s", word);
	if (fclose(out) == 0)
		arguments_add(list, written);
	else
		list->error = ENOMEM;
	free(written);
	if (result == -1)
		errno = EINVAL;
	return result;
}

int
sandbox_add_command(struct arguments *list,
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	for (char **word = request->command; *word != NULL; word++)
		if (add_word(list, *word, view) == -1)
			return -1;
	return 0;
}

/* NAME=value, in the place of an earlier one of the same name. */
static void
set(struct arguments *list, const char *name, const char *value)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < list->count; i++) {
		if (strncmp(list->words[i], name, length) != 0 ||
		    list->words[i][length] != '=')
			continue;
		free(list->words[i]);
		list->words[i] = list->words[--list->count];
		break;
	}
	arguments_print(list, "%s=%s", name, value);
}

/* The operator's own, or ours. */
static const char *
find_path(const struct sandbox_request *request)
{
	const struct arguments *variables = &request->variables;
	const char *path = getenv("PATH");

	for (size_t i = 0; i < variables->count; i++)
		if (strncmp(variables->words[i], "PATH=", 5) == 0)
			path = variables->words[i] + 5;
	return path;
}

/* A toolchain's programs come first, whatever else is in it. */
static void
set_path(struct arguments *list, const struct sandbox_request *request)
{
	const char *path = find_path(request);
	char *longer = NULL;

	if (path == NULL)
		path = "/usr/local/bin:/usr/bin:/bin";
	if (request->toolchain == NULL)
		set(list, "PATH", path);
	else if (asprintf(&longer, "%s/bin:%s", request->toolchain, path) == -1)
		list->error = ENOMEM;
	else
		set(list, "PATH", longer);
	free(longer);
}

static void
set_toolchain(struct arguments *list, const struct sandbox_request *request)
{
	const char *slash = strrchr(request->toolchain, '/');

	if (request->rustup_home == NULL)
		return;
	set(list, "RUSTUP_HOME", request->rustup_home);
	set(list, "RUSTUP_TOOLCHAIN", slash + 1);
}

void
sandbox_add_environment(struct arguments *list,
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	static const char *const kept[] = {"LANG", "TERM"};

	set_path(list, request);
	for (int i = 0; i < 2; i++) {
		const char *value = getenv(kept[i]);
		if (value != NULL)
			set(list, kept[i], value);
	}
	set(list, "USER", "build");
	set(list, "LOGNAME", "build");
	set(list, "HOME", view->tmp);
	set(list, "TMPDIR", view->tmp);
	set(list, "PWD", "/");
	set(list, "CARGO_HOME", view->cargo_home);
	set(list, "CARGO_TARGET_DIR", view->target);
	if (request->toolchain != NULL)
		set_toolchain(list, request);
	for (size_t i = 0; i < request->variables.count; i++) {
		const char *pair = request->variables.words[i];
		char *name = strndup(pair, strcspn(pair, "="));
		if (name == NULL)
			list->error = ENOMEM;
		else if (strcmp(name, "PATH") != 0) /* see set_path */
			set(list, name, pair + strlen(name) + 1);
		free(name);
	}
}
