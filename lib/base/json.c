/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "json.h"

enum { JSON_FILE_MAX = 1 << 20 };

json_t *
json_load_at(int directory, const char *name)
{
	size_t length;
	char *text = read_file_at(directory, name, JSON_FILE_MAX, &length);

	if (text == NULL)
		return NULL;
	json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	if (!json_is_object(object)) {
		json_decref(object);
		errno = EBADMSG;
		return NULL;
	}
	return object;
}

int
json_put_at(int directory, const char *name, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (text == NULL) {
		errno = ENOMEM;
		return -1;
	}
	size_t length = strlen(text);
	text[length] = '\n'; /* in the place of the NUL: a line of its own */
	int result = store_file_at(directory, name, text, length + 1);
	free(text);
	return result;
}

const char *
json_text(const json_t *object, const char *name, const char *fallback)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : fallback;
}

json_int_t
json_number(const json_t *object, const char *name, json_int_t fallback)
{
	const json_t *member = json_object_get(object, name);

	return json_is_integer(member) ? json_integer_value(member) : fallback;
}
