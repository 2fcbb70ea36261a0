/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "entry_path.h"

enum { COMPONENT_MAX = 255 }; /* NAME_MAX of every file system we know */

static int
check_characters(const char *text, size_t length, struct refusal *refusal)
{
	for (size_t i = 0, n; i < length; i += n) {
		unsigned code;
		n = text_utf8_length(text + i, length - i, &code);
		if (n == 0)
			return refuse(refusal, "its name is not valid UTF-8");
		if (text_is_hidden(code))
			return refuse(refusal,
			    "its name has a control, an invisible or a "
			    "direction-changing character");
	}
	return 0;
}

static int
check_component(const char *text, size_t length, struct refusal *refusal)
{
	if (length == 0)
		return refuse(refusal, "its path has an empty component");
	if (length == 1 && text[0] == '.')
		return refuse(refusal, "its path has a '.' component");
	if (length == 2 && text[0] == '.' && text[1] == '.')
		return refuse(refusal, "its path has a '..' component");
	if (length > COMPONENT_MAX)
		return refuse(refusal,
		    "its path has a component of more than %d bytes",
		    COMPONENT_MAX);
	return 0;
}

static size_t
component_length(const char *text, size_t length)
{
	const char *slash = memchr(text, '/', length);

	return slash != NULL ? (size_t)(slash - text) : length;
}

static int
check_components(struct entry_path *path, const struct entry_limits *limits,
    struct refusal *refusal)
{
	size_t n;

	for (size_t at = 0;; at += n + 1) {
		n = component_length(path->text + at, path->length - at);
		if (check_component(path->text + at, n, refusal) == -1)
			return -1;
		if (at == 0)
			path->first = n;
		else
			path->depth++;
		if (at + n == path->length)
			break;
	}
	if (path->depth > limits->depth)
		return refuse(refusal,
		    "it lies more than %" PRIu64
		    " levels below the top directory (--depth-max)",
		    limits->depth);
	return 0;
}

int
entry_path_read(struct entry_path *path, const char *name, size_t length,
    const struct entry_limits *limits, struct refusal *refusal)
{
	*path = (struct entry_path){.text = name, .length = length};
	if (length == 0)
		return refuse(refusal, "its name is empty");
	if (name[0] == '/')
		return refuse(refusal, "its path is absolute");
	if (length > 2 && name[0] == '.' && name[1] == '/') {
		path->text += 2;
		path->length -= 2;
	}
	if (path->length > 1 && path->text[path->length - 1] == '/') {
		path->has_slash = true;
		path->length--;
	}
	if (path->length > limits->path)
		return refuse(refusal,
		    "its path is longer than %" PRIu64 " bytes (--path-max)",
		    limits->path);
	if (check_characters(path->text, path->length, refusal) == -1)
		return -1;
	return check_components(path, limits, refusal);
}
