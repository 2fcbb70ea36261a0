/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What unpacking leaves in the build directory: source/, language, library
 * and unpack.json, or after a refusal the last of them alone. The tree is
 * made as SOURCE_NEW and appears by rename.
 */
#ifndef UNPACK_RESULTS_H
#define UNPACK_RESULTS_H

#include <stdint.h>

#include "archive/package_facts.h"

struct unpack_results {
	const struct package_facts *facts;
	const char *level;   /* of its confinement: landlock, seccomp, none */
	const char *refusal; /* one escaped line, or NULL */
	const char *const *ignored; /* ignored.h's lines; NULL: none */
	uint64_t entries;
	uint64_t bytes;
};

/*
 * Makes all of them appear, unpack.json last: where it is, and no refusal in
 * it, everything is. 0, or -1 with errno; then source/ is SOURCE_NEW again.
 */
int unpack_results_publish(int directory, const struct unpack_results *results);

/* Writes unpack.json alone. 0 or -1 with errno. */
int unpack_results_report(int directory, const struct unpack_results *results);

/* Removes SOURCE_NEW and all of them but source/. 0 or -1 with errno. */
int unpack_results_remove(int directory);

#endif
