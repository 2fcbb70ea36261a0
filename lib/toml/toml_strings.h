/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few strings out of a TOML document, all in one scan. A key that is
 * defined twice is noticed on the way to the asked ones only.
 */
#ifndef TOML_STRINGS_H
#define TOML_STRINGS_H

#include "toml.h"

enum toml_result {
	TOML_FOUND,
	TOML_ABSENT, /* nothing there */
	TOML_OTHER   /* something else than a string: a table, a number ... */
};

/* How a step of the way to a key came to be. */
enum toml_origin {
	TOML_UNSEEN,
	TOML_IMPLIED, /* [a.b] implies a */
	TOML_OPENED,  /* [a] */
	TOML_LISTED,  /* [[a]] */
	TOML_DOTTED,  /* a.b = 1 makes a; only the same table may add to it */
	TOML_CLOSED   /* a = 1, or an inline table */
};

struct toml_wanted {
	const char *path; /* "package.name", TOML_PARTS_MAX parts at most */
	/* Gets the string and a NUL if it is FOUND. NULL: only the result. */
	char *value;
	size_t size;
	enum toml_result result;
	/* The search's own: all that tells a second definition from more. */
	struct toml_step {
		const char *name;
		size_t length;
		enum toml_origin origin;
		unsigned table; /* DOTTED: the number of the one that did it */
	} steps[TOML_PARTS_MAX];
	size_t count; /* of steps */
	const char *found;
};

/*
 * Looks for all that is wanted, however the document spells it: a table,
 * dotted keys, an inline table. 0, or the line, from 1, of what is not TOML,
 * is defined twice, has a NUL inside or does not fit into its value; nothing
 * then holds of the results.
 */
size_t toml_strings(
    const char *text, size_t length, struct toml_wanted *wanted, size_t count);

#endif
