/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a build may know of the operator's cargo home: where crates come from
 * ([source] tables), and nothing else of its config.toml. Tokens, aliases,
 * wrappers and linkers stay behind, because only the keys of a source are
 * copied; a line of a source that is not understood is an error, never left
 * out.
 */
#ifndef CARGO_HOME_H
#define CARGO_HOME_H

#include "arguments.h"

struct cargo_home {
	char *sources; /* the tables, as TOML; directories made absolute */
	struct arguments directories; /* those that the tables name */
	struct arguments registry;    /* the home's registry/index, ... */
	size_t line;		      /* what is not understood, from 1 */
};

/*
 * Reads the config (or config.toml) of a cargo home, an absolute path; one
 * without is empty. Relative directories start at the home's parent, as
 * cargo has it. 0, or -1 with errno; EBADMSG: see line.
 */
int cargo_home_read(const char *path, struct cargo_home *home);

void cargo_home_free(struct cargo_home *home);

#endif
