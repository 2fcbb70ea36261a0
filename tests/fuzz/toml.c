/* SPDX-License-Identifier: Apache-2.0 */
/* lib/toml on any text, and what must hold of its answers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "toml/toml_strings.h"

enum { COUNT = 5, SIZE = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int holds)
{
	if (!holds)
		abort();
}

static size_t
ask(const uint8_t *data, size_t size, struct toml_wanted *wanted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		memset(wanted[i].value, 'x', wanted[i].size);
	size_t line = toml_strings((const char *)data, size, wanted, count);
	must(line <= size + 1);
	for (size_t i = 0; line == 0 && i < count; i++) {
		const char *value = wanted[i].value;
		if (wanted[i].result == TOML_FOUND)
			must(memchr(value, '\0', SIZE) != NULL &&
			    text_is_utf8(value, strlen(value)));
		else
			must(value[0] == 'x');
	}
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[COUNT] = {
	    "package.name", "lib.name", "a", "a.b.c", "metadata.language"};
	char values[COUNT][SIZE], value[SIZE];
	struct toml_wanted all[COUNT];
	int broken = 0;

	for (size_t i = 0; i < COUNT; i++)
		all[i] = (struct toml_wanted){
		    .path = paths[i], .value = values[i], .size = SIZE};
	size_t line = ask(data, size, all, COUNT);
	/* Each asked alone gets the answer that it gets among the others. */
	for (size_t i = 0; i < COUNT; i++) {
		struct toml_wanted one = {
		    .path = paths[i], .value = value, .size = SIZE};
		if (ask(data, size, &one, 1) > 0)
			broken = 1;
		else if (line == 0)
			must(one.result == all[i].result &&
			    memcmp(value, values[i],
				one.result == TOML_FOUND ? strlen(value) + 1 :
							   SIZE) == 0);
	}
	must(broken == (line > 0));
	return 0;
}
