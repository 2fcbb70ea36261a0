/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bringing one file out of a directory that hostile code wrote. Called when
 * no process of the build is left.
 */
#ifndef ARTIFACT_H
#define ARTIFACT_H

#include <stdint.h>

#include "build/artifact_word.h"

enum artifact_kind { ARTIFACT_ANY, ARTIFACT_LIBRARY };

/*
 * Copies the regular file `path` below the directory `tree` (openat2(2),
 * RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS) to `name` in the directory `to`, at
 * most `most` bytes, all from one descriptor, and checks the copy where it is
 * to be a library. `name` appears only for ARTIFACT_TAKEN; *bytes is then its
 * size.
 */
enum artifact_result artifact_take(int tree, const char *path,
    enum artifact_kind kind, int to, const char *name, uint64_t most,
    uint64_t *bytes);

#endif
