/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/files.h"
#include "base/json.h"
#include "base/remove_tree.h"
#include "build/directory.h"
#include "results.h"

static const char *
text_or(const char *text, const char *fallback)
{
	return text[0] != '\0' ? text : fallback;
}

/* Of a package that cargo is to build. NULL: no memory. */
static json_t *
describe_ignored(const struct unpack_results *results)
{
	json_t *array = json_array();

	for (const char *const *line = results->ignored;
	     array != NULL && line != NULL && *line != NULL; line++)
		if (json_array_append_new(array, json_string(*line)) == -1) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
describe(const struct unpack_results *results)
{
	static const struct package_facts none;
	const struct package_facts *facts =
	    results->refusal == NULL ? results->facts : &none;

	return json_pack(
	    "{s:i, s:s, s:s, s:s?, s:s?, s:s, s:s, s:I, s:I, s:o, s:s?}",
	    "version", 1, "level", results->level, "language",
	    text_or(facts->language, "<none>"), "crate_name",
	    text_or(facts->crate_name, NULL), "library_name",
	    text_or(facts->library_name, NULL), "cargo_toml_hash",
	    text_or(facts->cargo_toml_hash, "<absent>"), "cargo_lock_hash",
	    text_or(facts->cargo_lock_hash, "<none>"), "entries",
	    (json_int_t)results->entries, "bytes", (json_int_t)results->bytes,
	    "ignored", describe_ignored(results), "refusal", results->refusal);
}

int
unpack_results_report(int directory, const struct unpack_results *results)
{
	return json_put_at(directory, UNPACK_FILE, describe(results));
}

static int
store_word(int directory, const char *name, const char *word)
{
	char line[PACKAGE_NAME + 1];
	int n = snprintf(line, sizeof line, "%s\n", word);

	return n == 1 ? 0 : store_file_at(directory, name, line, (size_t)n);
}

int
unpack_results_publish(int directory, const struct unpack_results *results)
{
	fault_point("before-rename", SOURCE_DIRECTORY);
	if (renameat2(directory, SOURCE_NEW, directory, SOURCE_DIRECTORY,
		RENAME_NOREPLACE) == -1)
		return -1;
	fault_point("after-rename", SOURCE_DIRECTORY);
	const struct package_facts *facts = results->facts;
	if (store_word(directory, LANGUAGE_FILE, facts->language) == 0 &&
	    store_word(directory, LIBRARY_FILE, facts->library_name) == 0 &&
	    unpack_results_report(directory, results) == 0)
		return 0;
	int saved = errno;
	(void)renameat(directory, SOURCE_DIRECTORY, directory, SOURCE_NEW);
	errno = saved;
	return -1;
}

int
unpack_results_remove(int directory)
{
	static const char *const names[] = {
	    LANGUAGE_FILE, LIBRARY_FILE, UNPACK_FILE};
	int result = remove_tree_at(directory, SOURCE_NEW);

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (unlinkat(directory, names[i], 0) == -1 && errno != ENOENT)
			result = -1;
	return result;
}
