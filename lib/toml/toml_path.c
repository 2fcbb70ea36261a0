/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "toml_path.h"

void
toml_path_split(struct toml_path *path, const char *text)
{
	for (*path = (struct toml_path){0}; path->count < TOML_STEPS_MAX;) {
		size_t n = strcspn(text, ".");
		path->steps[path->count++] =
		    (struct toml_step){.name = text, .length = n};
		if (text[n] == '\0')
			break;
		text += n + 1;
	}
}

void
toml_path_match(const struct toml_path *path, const struct toml_table *table,
    struct toml_key *key, const char *name, size_t length)
{
	size_t at = table->depth + key->matched;

	if (table->is_on_path && key->matched == key->parts &&
	    at < path->count && path->steps[at].length == length &&
	    memcmp(path->steps[at].name, name, length) == 0)
		key->matched++;
	key->parts++;
}

/* Whether a key may lead through this step, made by what it is. */
static bool
pass_through(struct toml_step *step, enum toml_origin by, unsigned table)
{
	if (step->origin == TOML_VALUE)
		return false;
	if (by == TOML_VALUE && step->origin > TOML_IMPLIED)
		return step->origin == TOML_DOTTED && step->table == table;
	if (by == TOML_VALUE) {
		step->origin = TOML_DOTTED;
		step->table = table;
	} else if (step->origin == TOML_UNSEEN)
		step->origin = TOML_IMPLIED;
	return true;
}

static bool
define(struct toml_path *path, size_t at, enum toml_origin as)
{
	struct toml_step *step = &path->steps[at];

	if (step->origin != TOML_UNSEEN &&
	    !(step->origin == TOML_IMPLIED && as == TOML_HEADER) &&
	    !(step->origin == TOML_ELEMENT && as == TOML_ELEMENT))
		return false;
	step->origin = as;
	/* A new element begins with nothing in it. */
	for (size_t i = at + 1; as == TOML_ELEMENT && i < path->count; i++)
		path->steps[i].origin = TOML_UNSEEN;
	return true;
}

bool
toml_path_note(struct toml_path *path, const struct toml_table *table,
    const struct toml_key *key, enum toml_origin as, bool *in_element)
{
	for (size_t i = 0; i < key->matched; i++) {
		size_t at = table->depth + i;
		if (!(i + 1 == key->parts ?
			    define(path, at, as) :
			    pass_through(&path->steps[at], as, table->number)))
			return false;
		if (path->steps[at].origin == TOML_ELEMENT)
			*in_element = true;
	}
	return true;
}

bool
toml_path_is_seen(const struct toml_path *path)
{
	for (size_t i = 0; i + 1 < path->count; i++)
		if (path->steps[i].origin == TOML_ELEMENT)
			return false;
	return path->steps[path->count - 1].origin != TOML_UNSEEN;
}
