/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "text_lines.h"

char *
text_lines_visible(const char *text)
{
	/* One invalid byte becomes four: nothing grows more. */
	size_t length = strlen(text);
	char *shown = calloc(length + 1, 4);
	char *to = shown;

	if (shown == NULL)
		return NULL;
	for (size_t i = 0, n; i < length; i += n) {
		unsigned code;
		n = text_utf8_length(text + i, length - i, &code);
		if (n == 0) {
			to += sprintf(to, "\\x%02x", (unsigned char)text[i]);
			n = 1;
		} else if (code != '\n' && code != '\t' && text_is_hidden(code))
			to += sprintf(
			    to, code < 0x80 ? "\\x%02x" : "\\u{%x}", code);
		else
			to = mempcpy(to, text + i, n);
	}
	return shown;
}
