/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>

#include "manifest.h"
#include "toml/toml.h"

/* 1 there, 0 absent or empty, -1 and the problem. */
static int
read_text(const char *text, size_t length, const char *path,
    char value[MANIFEST_TEXT], char problem[MANIFEST_PROBLEM])
{
	size_t line = 0;

	value[0] = '\0';
	switch (toml_string(text, length, path, value, MANIFEST_TEXT, &line)) {
	case TOML_FOUND:
		return value[0] != '\0';
	case TOML_ABSENT:
		return 0;
	case TOML_OTHER:
		snprintf(problem, MANIFEST_PROBLEM, "%s is not a string", path);
		return -1;
	default:
		snprintf(problem, MANIFEST_PROBLEM,
		    "line %zu: not TOML, or too long a string", line);
		return -1;
	}
}

static int
require_text(const char *text, size_t length, const char *path,
    char value[MANIFEST_TEXT], char problem[MANIFEST_PROBLEM])
{
	int found = read_text(text, length, path, value, problem);

	if (found == 0)
		snprintf(problem, MANIFEST_PROBLEM, "%s is missing", path);
	return found == 1 ? 0 : -1;
}

int
manifest_parse(const char *text, size_t length, struct manifest *manifest,
    char problem[MANIFEST_PROBLEM])
{
	if (require_text(
		text, length, "package.name", manifest->name, problem) == -1 ||
	    require_text(text, length, "package.version", manifest->version,
		problem) == -1)
		return -1;
	return read_text(text, length, "metadata.language", manifest->language,
		   problem) == -1 ?
	    -1 :
	    0;
}
