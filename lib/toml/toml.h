/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of TOML for a few string values of a hostile file: it
 * checks the grammar of the whole document (1.0, and what 1.1 adds, because
 * newer cargos read it) and keeps nothing but what was asked for. A key that
 * is defined twice is noticed on the way to the asked path only.
 */
#ifndef TOML_H
#define TOML_H

#include <stdbool.h>
#include <stddef.h>

enum toml_result {
	TOML_FOUND,
	TOML_ABSENT, /* nothing there */
	TOML_OTHER,  /* something else than a string: a table, a number ... */
	TOML_BROKEN  /* not TOML, or nested too deep; *line gets where */
};

/*
 * The string at a dotted path ("package.name", at most four parts), however
 * the document spells it: a table, dotted keys, an inline table. value gets
 * it NUL-terminated; one with a NUL inside, or one that does not fit, is
 * TOML_BROKEN. value and *line are untouched unless said.
 */
enum toml_result toml_string(const char *text, size_t length, const char *path,
    char *value, size_t size, size_t *line);

struct toml_cursor;

/*
 * For a reader of its own by toml_scan.h: moves the cursor behind the value,
 * whatever it is. False: it is not TOML, with the cursor where the fault is.
 */
bool toml_skip_value(struct toml_cursor *cursor);

#endif
