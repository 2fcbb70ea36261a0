/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "toml_strings.h"

struct search {
	struct toml_wanted *wanted;
	size_t count;
};

static void
begin(struct toml_wanted *wanted)
{
	const char *text = wanted->path;

	wanted->found = NULL;
	for (wanted->count = 0; wanted->count < TOML_PARTS_MAX;) {
		size_t n = strcspn(text, ".");
		wanted->steps[wanted->count++] =
		    (struct toml_step){.name = text, .length = n};
		if (text[n] == '\0')
			break;
		text += n + 1;
	}
}

/* So many steps, from the first on, are the place's. */
static size_t
count_common(const struct toml_wanted *wanted, const struct toml_place *place)
{
	size_t n = 0;

	while (n < wanted->count && n < place->depth &&
	    toml_part_is(&place->parts[n], wanted->steps[n].name,
		wanted->steps[n].length))
		n++;
	return n;
}

/* Whether a key may lead through this step. */
static bool
pass_through(struct toml_step *step, const struct toml_place *place)
{
	bool by_value = place->kind == TOML_VALUE;

	if (step->origin == TOML_CLOSED)
		return false;
	if (by_value && step->origin > TOML_IMPLIED)
		return step->origin == TOML_DOTTED &&
		    step->table == place->table;
	if (by_value) {
		step->origin = TOML_DOTTED;
		step->table = place->table;
	} else if (step->origin == TOML_UNSEEN)
		step->origin = TOML_IMPLIED;
	return true;
}

static bool
define(struct toml_wanted *wanted, size_t at, enum toml_kind kind)
{
	static const enum toml_origin origins[] = {[TOML_HEADER] = TOML_OPENED,
	    [TOML_ELEMENT] = TOML_LISTED,
	    [TOML_VALUE] = TOML_CLOSED};
	struct toml_step *step = &wanted->steps[at];

	if (step->origin != TOML_UNSEEN &&
	    !(step->origin == TOML_IMPLIED && kind == TOML_HEADER) &&
	    !(step->origin == TOML_LISTED && kind == TOML_ELEMENT))
		return false;
	step->origin = origins[kind];
	/* A new element begins with nothing in it. */
	for (size_t i = at + 1; kind == TOML_ELEMENT && i < wanted->count; i++)
		wanted->steps[i].origin = TOML_UNSEEN;
	return true;
}

/* An array's elements have no path: nothing leads through them. */
static bool
is_in_element(const struct toml_wanted *wanted)
{
	for (size_t i = 0; i + 1 < wanted->count; i++)
		if (wanted->steps[i].origin == TOML_LISTED)
			return true;
	return false;
}

/* False: this was defined before, or cannot be added to. */
static bool
note(struct toml_wanted *wanted, const struct toml_place *place)
{
	size_t common = count_common(wanted, place);
	int first = toml_peek(&place->value, 0);

	for (size_t i = place->table_depth; i < common; i++)
		if (!(i + 1 == place->depth ?
			    define(wanted, i, place->kind) :
			    pass_through(&wanted->steps[i], place)))
			return false;
	if (common == wanted->count && common == place->depth &&
	    place->kind == TOML_VALUE && (first == '"' || first == '\'') &&
	    !is_in_element(wanted))
		wanted->found = place->value.at;
	return true;
}

static bool
note_all(void *context, const struct toml_place *place)
{
	const struct search *search = context;

	for (size_t i = 0; i < search->count; i++)
		if (!note(&search->wanted[i], place))
			return false;
	return true;
}

static bool
copy_value(const struct toml_wanted *wanted, const char *end)
{
	struct toml_cursor cursor = {wanted->found, end};
	struct toml_sink sink = {.out = wanted->value, .size = wanted->size};

	(void)toml_quoted(&cursor, true, &sink);
	if (sink.length >= wanted->size || sink.has_nul)
		return false;
	wanted->value[sink.length] = '\0';
	return true;
}

size_t
toml_strings(
    const char *text, size_t length, struct toml_wanted *wanted, size_t count)
{
	struct search search = {wanted, count};

	for (size_t i = 0; i < count; i++)
		begin(&wanted[i]);
	size_t line = toml_read(text, length, note_all, &search);
	for (; line == 0 && count > 0; wanted++, count--) {
		if (wanted->found != NULL)
			wanted->result = TOML_FOUND;
		else if (is_in_element(wanted) ||
		    wanted->steps[wanted->count - 1].origin == TOML_UNSEEN)
			wanted->result = TOML_ABSENT;
		else
			wanted->result = TOML_OTHER;
		if (wanted->found != NULL && wanted->value != NULL &&
		    !copy_value(wanted, text + length))
			line = toml_line(text, wanted->found);
	}
	return line;
}
