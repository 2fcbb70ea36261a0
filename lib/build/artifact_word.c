/* SPDX-License-Identifier: Apache-2.0 */

#include "artifact_word.h"

static const struct {
	const char *word, *clause;
} said[] = {
    [ARTIFACT_TAKEN] = {"taken", "was taken"},
    [ARTIFACT_MISSING] = {"missing", "was not made"},
    [ARTIFACT_NOT_REGULAR] = {"not_regular", "is not a readable regular file"},
    [ARTIFACT_TOO_LARGE] = {"too_large", "is larger than an artifact may be"},
    [ARTIFACT_NOT_LIBRARY] = {"not_library",
	"is not an ELF shared object of this machine"},
    [ARTIFACT_FAILED] = {"failed", "could not be copied"},
};

const char *
artifact_word(enum artifact_result result)
{
	return said[result].word;
}

const char *
artifact_explain(enum artifact_result result)
{
	return said[result].clause;
}
