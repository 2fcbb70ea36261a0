/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for the name of an archive's entry: a relative path of ordinary
 * components that a person can read as what it is.
 */
#ifndef ENTRY_PATH_H
#define ENTRY_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "refusal.h"

enum {
	ENTRY_PATH_MAX = 1024, /* bytes, when nobody says otherwise */
	ENTRY_DEPTH_MAX = 64   /* components below the first one */
};

struct entry_limits {
	uint64_t path; /* bytes, without what entry_path leaves out */
	uint64_t depth;
};

/* Points into the name that was read. */
struct entry_path {
	const char *text; /* behind a leading "./" */
	size_t length;	  /* up to a trailing slash */
	size_t first;	  /* bytes of the first component */
	size_t depth;	  /* components below it */
	bool has_slash;	  /* a trailing one: a directory's way to say so */
};

/* 0, or -1 and the rule. A backslash is an ordinary character. */
int entry_path_read(struct entry_path *path, const char *name, size_t length,
    const struct entry_limits *limits, struct refusal *refusal);

#endif
