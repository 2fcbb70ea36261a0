/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "environment.h"

struct vector {
	char **words;
	size_t count;
};

bool
environment_is_setting(const char *text)
{
	return *text != '=' && strchr(text, '=') != NULL;
}

static bool
has_same_name(const char *a, const char *b)
{
	size_t length = strcspn(a, "=");

	return strcspn(b, "=") == length && strncmp(a, b, length) == 0;
}

/* The place of the variable of this name, or the first free one. */
static size_t
place_of(const struct vector *vector, const char *setting)
{
	size_t i = 0;

	while (i < vector->count && !has_same_name(vector->words[i], setting))
		i++;
	return i;
}

static bool
passes(const char *variable)
{
	static const char *const names[] = {
	    "PATH", "HOME", "TERM", "LANG", "TMPDIR"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (has_same_name(variable, names[i]))
			return true;
	return fault_is_setting(variable);
}

static void
set(struct vector *vector, char *setting)
{
	size_t place = place_of(vector, setting);

	vector->words[place] = setting;
	if (place == vector->count)
		vector->count++;
}

char **
environment_build(char *const *from, bool is_kept, char *const *settings,
    size_t settings_count)
{
	size_t n = 0;

	while (from[n] != NULL)
		n++;
	struct vector vector = {
	    .words = calloc(n + settings_count + 1, sizeof *vector.words)};
	if (vector.words == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (environment_is_setting(from[i]) &&
		    (is_kept || passes(from[i])))
			set(&vector, from[i]);
	for (size_t i = 0; i < settings_count; i++)
		set(&vector, settings[i]);
	return vector.words;
}
