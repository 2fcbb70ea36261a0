/* SPDX-License-Identifier: Apache-2.0 */
/* lib/toml/toml.c on any text, and what must hold of its answers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "toml/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {
	    "package.name", "lib.name", "a", "a.b.c", "metadata.language"};
	const char *text = (const char *)data;
	enum toml_result results[5];

	for (size_t i = 0; i < 5; i++) {
		char value[32];
		size_t line = 0;
		memset(value, 'x', sizeof value);
		results[i] = toml_string(
		    text, size, paths[i], value, sizeof value, &line);
		if (results[i] == TOML_FOUND)
			must(memchr(value, '\0', sizeof value) != NULL &&
			    text_is_utf8(value, strlen(value)));
		else
			must(value[0] == 'x');
		must((results[i] == TOML_BROKEN) == (line > 0));
		must(line <= size + 1);
	}
	return 0;
}
