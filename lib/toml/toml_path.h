/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to an asked key through a TOML document. For each step of it ("a"
 * and "a.b" for "a.b.c") one word says how it came to be, which is all that
 * is needed to tell a second definition from an allowed addition.
 */
#ifndef TOML_PATH_H
#define TOML_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum {
	TOML_STEPS_MAX = 4,
	TOML_NAME_MAX = 64 /* a longer key cannot be asked for */
};

enum toml_origin {
	TOML_UNSEEN,
	TOML_IMPLIED, /* [a.b] implies a */
	TOML_HEADER,  /* [a] */
	TOML_ELEMENT, /* [[a]] */
	TOML_DOTTED,  /* a.b = 1 makes a; only the same table may add to it */
	TOML_VALUE    /* a = 1, or an inline table: closed */
};

struct toml_step {
	const char *name;
	size_t length;
	enum toml_origin origin;
	unsigned table; /* DOTTED: the number of the table that made it */
};

struct toml_path {
	struct toml_step steps[TOML_STEPS_MAX];
	size_t count;
};

/* Where keys stand. */
struct toml_table {
	size_t depth;	 /* the steps from the root to it */
	bool is_on_path; /* these are the path's steps */
	bool is_element; /* of an array: what it holds has no path */
	unsigned number; /* its own */
};

struct toml_key {
	size_t parts;
	size_t matched; /* so many, from the first on, are the path's */
};

void toml_path_split(struct toml_path *path, const char *text);

/* Adds one more part to the key, which begins in the table. */
void toml_path_match(const struct toml_path *path,
    const struct toml_table *table, struct toml_key *key, const char *name,
    size_t length);

/*
 * Takes down what the whole key defines: a HEADER, an ELEMENT or a VALUE.
 * *in_element becomes true when the key leads into an array. False: this was
 * defined before, or cannot be added to.
 */
bool toml_path_note(struct toml_path *path, const struct toml_table *table,
    const struct toml_key *key, enum toml_origin as, bool *in_element);

/* Whether the document has something at the path's end. */
bool toml_path_is_seen(const struct toml_path *path);

#endif
