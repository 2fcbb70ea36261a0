/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a command leaves for its caller, --out and --out-any. Each
 * is brought out alone, under artifact.h's rules: one that is missing keeps
 * none of the others.
 */
#ifndef OUT_H
#define OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "artifact.h"

struct out {
	char *path; /* below the target directory */
	char *file; /* where it goes, as the caller wrote it */
	enum artifact_kind kind;
	bool is_asked; /* whether there was one to take */
	enum artifact_result result;
	uint64_t bytes;
	int error; /* errno of ARTIFACT_FAILED */
};

/* Zero to begin with. */
struct out_list {
	struct out *outs;
	size_t count;
};

/* target/PATH=FILE. 0, or -1 with errno: EINVAL (not of this form), ENOMEM. */
int out_add(struct out_list *list, const char *text, enum artifact_kind kind);

/*
 * The file of an output that would be written over another one's, or over
 * sandbox.json in `directory` (NULL: nowhere), under whatever spelling of its
 * directory; NULL where there is none.
 */
const char *out_conflict(const struct out_list *list, const char *directory);

/* Takes each from the directory `tree`, at most `most` bytes of all. */
void out_take(struct out_list *list, int tree, uint64_t most);

/* A clause that says why it was not taken, or NULL: taken, not asked. */
const char *out_error(const struct out *out, char *text, size_t size);

/*
 * artifact, artifact_bytes and artifact_error: of a command that has ended,
 * or as ARTIFACT_PENDING. NULL: no memory.
 */
json_t *out_json(const struct out *out, bool has_ended);

/* path, and these, of each but the first. NULL: no memory. */
json_t *out_json_others(const struct out_list *list, bool has_ended);

#endif
