/* SPDX-License-Identifier: Apache-2.0 */

#include "artifact_word.h"

const char *
artifact_word(enum artifact_result result)
{
	static const char *const names[] = {
	    [ARTIFACT_TAKEN] = "taken",
	    [ARTIFACT_MISSING] = "missing",
	    [ARTIFACT_NOT_REGULAR] = "not_regular",
	    [ARTIFACT_TOO_LARGE] = "too_large",
	    [ARTIFACT_NOT_LIBRARY] = "not_library",
	    [ARTIFACT_FAILED] = "failed",
	};

	return names[result];
}

const char *
artifact_explain(enum artifact_result result)
{
	static const char *const clauses[] = {
	    [ARTIFACT_TAKEN] = "was taken",
	    [ARTIFACT_MISSING] = "was not made",
	    [ARTIFACT_NOT_REGULAR] = "is not a readable regular file",
	    [ARTIFACT_TOO_LARGE] = "is larger than an artifact may be",
	    [ARTIFACT_NOT_LIBRARY] =
		"is not an ELF shared object of this machine",
	    [ARTIFACT_FAILED] = "could not be copied",
	};

	return clauses[result];
}
