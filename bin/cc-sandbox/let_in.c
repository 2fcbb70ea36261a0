/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "let_in.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

/* Whether path is place or, by its text, below it. */
static bool
is_below(const char *path, const char *place)
{
	size_t length = strlen(place);

	if (strcmp(place, "/") == 0)
		return true;
	return strncmp(path, place, length) == 0 &&
	    (path[length] == '\0' || path[length] == '/');
}

/* A report and an event have it on one line, as text. */
static bool
is_line(const char *text)
{
	if (!text_is_utf8(text, strlen(text)))
		return false;
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

const char *
let_in_refuse_path(const char *path)
{
	/* Those that are whole hide a place that the sandbox has itself. */
	static const struct {
		const char *path;
		bool is_whole;
		const char *reason;
	} all[] = {
	    {"/", true, "a sandbox does not show it"},
	    {"/proc", false, "a sandbox does not show it"},
	    {"/sys", false, "a sandbox does not show it"},
	    {"/dev", false, "a sandbox has its own devices"},
	    {"/run", false, "the sockets of the host's services are there"},
	    {"/etc", true, "a sandbox has its own: name what is in it"},
	    {"/tmp", true, "a sandbox has its own: name what is in it"},
	    {"/build", false, "a sandbox has its own"},
	};
	struct stat st;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].is_whole ? strcmp(path, all[i].path) == 0 :
				      is_below(path, all[i].path))
			return all[i].reason;
	if (!is_line(path))
		return "it is no line of UTF-8";
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode))
		return "it is neither a regular file nor a directory";
	return NULL;
}

static bool
is_name(const char *pair, size_t length)
{
	size_t n = strspn(pair, LETTERS "0123456789");

	return n > 0 && n == length && strchr(LETTERS, *pair) != NULL;
}

static bool
is_one_of(const char *const *names, const char *pair, size_t length)
{
	for (; *names != NULL; names++)
		if (strlen(*names) == length &&
		    memcmp(*names, pair, length) == 0)
			return true;
	return false;
}

const char *
let_in_refuse_variable(const char *pair)
{
	static const char *const own[] = {"CARGO_BUILD_TARGET_DIR",
	    "CARGO_HOME", "CARGO_TARGET_DIR", "HOME", "LOGNAME", "PWD",
	    "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "TMPDIR", "USER", NULL};
	size_t length = strcspn(pair, "=");

	if (pair[length] == '\0' || !is_name(pair, length))
		return "want NAME=VALUE";
	if (is_one_of(own, pair, length))
		return "the sandbox sets it";
	/* Before the command there are bubblewrap and a shell. */
	if (strncmp(pair, "LD_", 3) == 0 ||
	    strncmp(pair, "GLIBC_TUNABLES=", 15) == 0)
		return "the programs that make the sandbox would obey it";
	return is_line(pair) ? NULL : "it is no line of UTF-8";
}

/* As far as it exists it is resolved, and the rest is as it is written. */
static char *
resolve(const char *path)
{
	char *resolved = realpath(path, NULL), *start = NULL, *whole = NULL;
	const char *slash = strrchr(path, '/');

	if (resolved != NULL || slash == NULL || slash == path)
		return resolved != NULL ? resolved : strdup(path);
	char *parent = strndup(path, (size_t)(slash - path));
	if (parent != NULL)
		start = resolve(parent);
	if (start != NULL && asprintf(&whole, "%s%s", start, slash) == -1)
		whole = NULL;
	free(start);
	free(parent);
	return whole;
}

void
let_in_withhold(struct sandbox_request *request, const char *path)
{
	char *resolved = resolve(path);

	if (resolved == NULL)
		request->withheld.error = ENOMEM;
	else
		arguments_add(&request->withheld, resolved);
	free(resolved);
}

const char *
let_in_withheld(const struct sandbox_request *request)
{
	const struct arguments *shown = &request->readable;
	const struct arguments *kept = &request->withheld;

	for (size_t i = 0; i < shown->count; i++)
		for (size_t j = 0; j < kept->count; j++)
			if (is_below(shown->words[i], kept->words[j]) ||
			    is_below(kept->words[j], shown->words[i]))
				return shown->words[i];
	return NULL;
}

static size_t
size_of(const struct arguments *list)
{
	size_t size = 0;

	for (size_t i = 0; i < list->count; i++)
		size += strlen(list->words[i]);
	return size;
}

bool
let_in_is_too_much(const struct sandbox_request *request)
{
	return size_of(&request->readable) + size_of(&request->variables) >
	    LET_IN_MAX;
}

static int
add_list(json_t *object, const char *name, const struct arguments *list)
{
	json_t *array = list->count == 0 ? NULL : json_array();

	for (size_t i = 0; i < list->count; i++)
		if (json_array_append_new(array, json_string(list->words[i])) ==
		    -1) {
			json_decref(array);
			return -1;
		}
	return array == NULL ? 0 : json_object_set_new(object, name, array);
}

int
let_in_report(json_t *object, const struct sandbox_request *request)
{
	return add_list(object, "ro", &request->readable) == 0 &&
		add_list(object, "setenv", &request->variables) == 0 ?
	    0 :
	    -1;
}
