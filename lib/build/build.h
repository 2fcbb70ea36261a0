/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A build as its directory tells of it: the reports that the chain's programs
 * left there, loaded once, so that whatever is said of it is said of the same.
 */
#ifndef BUILD_H
#define BUILD_H

#include <jansson.h>
#include <stdbool.h>

struct build {
	int directory;
	/* NULL: not there; JSON null, which has no members: damaged. */
	json_t *fetch, *unpack, *run, *sandbox, *ended, *record;
};

/* 0, or -1 with errno: no directory there, or no memory. */
int build_load(const char *path, struct build *build);
void build_free(struct build *build);

/* Back to when nobody had ended it, and nothing was written of it. */
void build_forget_end(struct build *build);

/* Whether something of this name is in the directory. */
bool build_holds(const struct build *build, const char *name);

#endif
