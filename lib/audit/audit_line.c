/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_chain.h"
#include "audit_line.h"
#include "base/text.h"

/* As JSON spells a character: two units where one does not hold it. */
static size_t
escape(unsigned code, char *at)
{
	if (code < 0x10000)
		return (size_t)sprintf(at, "\\u%04x", code);
	code -= 0x10000;
	return (size_t)sprintf(
	    at, "\\u%04x\\u%04x", 0xd800 | code >> 10, 0xdc00 | (code & 0x3ff));
}

/* Outside of its strings JSON is ASCII, so an escape is always in place. */
static size_t
copy_visible(const char *text, size_t length, char *line)
{
	size_t used = 0;
	unsigned code;

	for (size_t i = 0, n; i < length; i += n) {
		n = text_utf8_length(text + i, length - i, &code);
		if (text_is_hidden(code)) {
			used += escape(code, line + used);
		} else {
			memcpy(line + used, text + i, n);
			used += n;
		}
	}
	return used;
}

static char *
frame(const char *text, size_t *length)
{
	size_t n = strlen(text);
	char *line = malloc(6 * n + 3); /* one byte (DEL) grows to six */

	if (line == NULL)
		return NULL;
	line[0] = '\n';
	size_t used = 1 + copy_visible(text, n, line + 1);
	if (used - 1 > AUDIT_LINE_MAX) {
		free(line);
		errno = EMSGSIZE;
		return NULL;
	}
	line[used++] = '\n';
	line[used] = '\0';
	*length = used;
	return line;
}

char *
audit_line(const json_t *event, size_t *length)
{
	char *text = json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (text == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	char *line = frame(text, length);
	free(text);
	return line;
}
