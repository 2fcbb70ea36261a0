/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bringing one file out of a directory that hostile code wrote. Called when
 * no process of the build is left.
 */
#ifndef ARTIFACT_H
#define ARTIFACT_H

#include <stdint.h>

enum artifact_result {
	ARTIFACT_TAKEN,
	ARTIFACT_MISSING,     /* no such file */
	ARTIFACT_NOT_REGULAR, /* a symlink on the way, FIFO, device, ... */
	ARTIFACT_TOO_LARGE,
	ARTIFACT_NOT_LIBRARY, /* no ELF shared object of this machine */
	ARTIFACT_FAILED	      /* this host's fault: errno */
};

/*
 * Copies the regular file `path` below the directory `tree` (openat2(2),
 * RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS) to `name` in the directory `to`, at
 * most `most` bytes, all from one descriptor, and checks the copy. `name`
 * appears only for ARTIFACT_TAKEN; *bytes is then its size.
 */
enum artifact_result artifact_take(int tree, const char *path, int to,
    const char *name, uint64_t most, uint64_t *bytes);

/* The word of a report whose command has not ended. */
#define ARTIFACT_PENDING "pending"

/* The word that reports use: taken, missing, not_regular, ... */
const char *artifact_word(enum artifact_result result);

/* A clause for people: "is larger than ...", never from the submission. */
const char *artifact_explain(enum artifact_result result);

#endif
