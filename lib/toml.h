/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of TOML 1.0 for a few string values of a hostile file: it
 * checks the grammar of the whole document and keeps nothing but what was
 * asked for.
 */
#ifndef TOML_H
#define TOML_H

#include <stddef.h>

enum toml_result {
	TOML_FOUND,
	TOML_ABSENT, /* not there, or no string */
	TOML_BROKEN  /* not TOML; *line gets where */
};

/*
 * The string at a dotted path ("package.name"), however the document spells
 * it: a table, dotted keys, an inline table. value gets it NUL-terminated;
 * one with a NUL inside, or one that does not fit, is TOML_BROKEN.
 */
enum toml_result toml_string(const char *text, size_t length, const char *path,
    char *value, size_t size, size_t *line);

#endif
