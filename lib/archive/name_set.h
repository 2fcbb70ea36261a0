/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that an archive has used, so that none is used twice, not even
 * in another case. Linux and cargo tell such names apart, but who looks at the
 * archive where the file system does not sees one file in the place of two,
 * and a worker whose disk folds case could never unpack it, so that the answer
 * would hang on the host. Of a name only digests are kept, so its length
 * costs nothing.
 */
#ifndef NAME_SET_H
#define NAME_SET_H

#include <stddef.h>

#include "refusal.h"

enum name_kind {
	NAME_IMPLIED, /* a directory, so far only the parent of something */
	NAME_DIRECTORY,
	NAME_FILE
};

enum name_answer {
	NAME_IS_NEW,
	NAME_IS_KNOWN,
	NAME_CLASHES, /* differs from a known one in ASCII case only */
	NAME_FAILED   /* errno */
};

struct name_set {
	void *root;
};

/*
 * Looks for a name and adds it if it is new. *kind gets what it is, which is
 * the caller's to change until the next call; untouched when it clashes.
 */
enum name_answer name_set_add(struct name_set *set, const char *name,
    size_t length, enum name_kind **kind);

/* Says so of a name that clashes, as it is below the top directory. -1. */
int name_set_refuse(struct refusal *refusal, const char *name, size_t length);

void name_set_free(struct name_set *set);

#endif
