/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that an archive has used, so that none is used twice, not even
 * in another case: what is checked under one name could else be another file
 * to a tool, or a person, that does not tell them apart. Of a name only
 * digests are kept, so its length costs nothing.
 */
#ifndef NAME_SET_H
#define NAME_SET_H

#include <stddef.h>

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

void name_set_free(struct name_set *set);

#endif
