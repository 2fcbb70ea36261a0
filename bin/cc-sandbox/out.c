/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"
#include "build/directory.h"
#include "out.h"

static const char prefix[] = "target/";

/* The name in its directory; "" where the file can have none. */
static const char *
name_of(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash == NULL ? file : slash + 1;

	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? "" : name;
}

/* The directory part, ".", or "/". */
static char *
directory_of(const char *file)
{
	size_t length = (size_t)(name_of(file) - file);

	while (length > 1 && file[length - 1] == '/')
		length--;
	return length == 0 ? strdup(".") : strndup(file, length);
}

static bool
is_of_form(const char *text, const char *equals)
{
	return equals != NULL && *name_of(equals + 1) != '\0' &&
	    strncmp(text, prefix, strlen(prefix)) == 0 &&
	    equals != text + strlen(prefix);
}

int
out_add(struct out_list *list, const char *text, enum artifact_kind kind)
{
	const char *equals = strchr(text, '='), *path = text + strlen(prefix);

	if (!is_of_form(text, equals)) {
		errno = EINVAL;
		return -1;
	}
	struct out *outs =
	    reallocarray(list->outs, list->count + 1, sizeof *outs);
	if (outs == NULL)
		return -1;
	list->outs = outs;
	struct out *out = &outs[list->count];
	*out = (struct out){.path = strndup(path, (size_t)(equals - path)),
	    .file = strdup(equals + 1),
	    .kind = kind};
	if (out->path == NULL || out->file == NULL)
		return -1;
	list->count++;
	return 0;
}

/* The same place is the same text, where the directory is there. */
static char *
resolved_directory(const char *file)
{
	char *directory = directory_of(file);
	char *resolved = directory == NULL ? NULL : realpath(directory, NULL);

	if (resolved == NULL)
		return directory;
	free(directory);
	return resolved;
}

/* Also where one is the name under which the other is made. */
static bool
are_names_apart(const char *a, const char *b)
{
	char made[NAME_MAX + 1];

	if (strcmp(a, b) == 0)
		return false;
	if (temporary_name(a, made, sizeof made) == 0 && strcmp(made, b) == 0)
		return false;
	return temporary_name(b, made, sizeof made) == -1 ||
	    strcmp(made, a) != 0;
}

static bool
are_files_apart(const char *a, const char *b)
{
	bool result = true;

	if (are_names_apart(name_of(a), name_of(b)))
		return true;
	char *one = resolved_directory(a), *other = resolved_directory(b);
	result = one != NULL && other != NULL && strcmp(one, other) != 0;
	free(one);
	free(other);
	return result;
}

const char *
out_conflict(const struct out_list *list, const char *directory)
{
	char report[PATH_MAX];
	int n = directory == NULL ?
	    0 :
	    snprintf(report, sizeof report, "%s/%s", directory, SANDBOX_FILE);
	bool has_report = n > 0 && (size_t)n < sizeof report;

	for (size_t i = 0; i < list->count; i++) {
		const char *file = list->outs[i].file;
		if (has_report && !are_files_apart(file, report))
			return file;
		for (size_t j = 0; j < i; j++)
			if (!are_files_apart(file, list->outs[j].file))
				return file;
	}
	return NULL;
}

static void
take(struct out *out, int tree, uint64_t most)
{
	char *directory = directory_of(out->file);
	int to = directory == NULL ? -1 : open_directory(directory);

	out->is_asked = true;
	out->result = ARTIFACT_FAILED;
	if (to != -1)
		out->result = artifact_take(tree, out->path, out->kind, to,
		    name_of(out->file), most, &out->bytes);
	out->error = errno;
	close_keeping_errno(to);
	free(directory);
}

void
out_take(struct out_list *list, int tree, uint64_t most)
{
	for (size_t i = 0; i < list->count; i++) {
		take(&list->outs[i], tree, most);
		most -= list->outs[i].bytes; /* 0 where it was not taken */
	}
}

const char *
out_error(const struct out *out, char *text, size_t size)
{
	const char *clause = artifact_explain(out->result);

	if (!out->is_asked || out->result == ARTIFACT_TAKEN)
		return NULL;
	if (out->result == ARTIFACT_FAILED)
		snprintf(text, size, "%s: %s", clause, strerror(out->error));
	else
		snprintf(text, size, "%s", clause);
	return text;
}

static const char *
word(const struct out *out, bool has_ended)
{
	if (!has_ended)
		return ARTIFACT_PENDING;
	return out->is_asked ? artifact_word(out->result) : ARTIFACT_NOT_ASKED;
}

json_t *
out_json(const struct out *out, bool has_ended)
{
	char text[300];

	return json_pack("{s:s, s:I, s:s?}", "artifact", word(out, has_ended),
	    "artifact_bytes", (json_int_t)out->bytes, "artifact_error",
	    out_error(out, text, sizeof text));
}

static int
add_other(json_t *array, const struct out *out, bool has_ended)
{
	json_t *object = out_json(out, has_ended);
	char *path =
	    text_clean_tail(out->path, strlen(out->path), strlen(out->path));

	if (object != NULL && path != NULL &&
	    json_object_set_new(object, "path", json_string(path)) == 0) {
		free(path);
		return json_array_append_new(array, object);
	}
	free(path);
	json_decref(object);
	return -1;
}

json_t *
out_json_others(const struct out_list *list, bool has_ended)
{
	json_t *array = json_array();

	for (size_t i = 1; array != NULL && i < list->count; i++)
		if (add_other(array, &list->outs[i], has_ended) == -1) {
			json_decref(array);
			return NULL;
		}
	return array;
}
