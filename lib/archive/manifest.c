/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>

#include "manifest.h"

int
manifest_strings(const char *text, size_t length, struct toml_wanted *wanted,
    size_t count, char problem[MANIFEST_PROBLEM])
{
	for (size_t i = 0; i < count; i++)
		wanted[i].size = MANIFEST_TEXT;
	size_t line = toml_strings(text, length, wanted, count);
	if (line > 0) {
		snprintf(problem, MANIFEST_PROBLEM,
		    "line %zu: not TOML, or too long a string", line);
		return -1;
	}
	for (; count > 0; wanted++, count--)
		if (wanted->value != NULL && wanted->result == TOML_OTHER) {
			snprintf(problem, MANIFEST_PROBLEM,
			    "%s is not a string", wanted->path);
			return -1;
		}
	return 0;
}

int
manifest_parse(const char *text, size_t length, struct manifest *manifest,
    char problem[MANIFEST_PROBLEM])
{
	struct toml_wanted wanted[] = {
	    {.path = "package.name", .value = manifest->name},
	    {.path = "package.version", .value = manifest->version},
	    {.path = "metadata.language", .value = manifest->language}};

	*manifest = (struct manifest){.name = ""};
	if (manifest_strings(text, length, wanted, 3, problem) == -1)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (wanted[i].value[0] == '\0') {
			snprintf(problem, MANIFEST_PROBLEM, "%s is missing",
			    wanted[i].path);
			return -1;
		}
	return 0;
}
