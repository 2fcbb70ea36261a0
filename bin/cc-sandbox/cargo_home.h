/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a build may know of the operator's cargo home: where crates come from
 * ([source] tables), and nothing else of its config.toml. Tokens, aliases,
 * wrappers and linkers stay behind, because only the keys of a source are
 * copied, decoded and written anew; what is not understood of a source is an
 * error, never left out.
 */
#ifndef CARGO_HOME_H
#define CARGO_HOME_H

#include "base/arguments.h"

struct cargo_home {
	char *sources; /* the tables, as TOML; directories made absolute */
	struct arguments directories; /* those that the tables name */
	struct arguments registry;    /* the home's registry/index, ... */
	size_t line;		      /* where the fault is, from 1 */
};

/*
 * Reads the config (or config.toml) of a cargo home, an absolute path; one
 * without is empty. Relative directories start at the home's parent, as
 * cargo has it. 0, or -1 with errno and the line: EBADMSG is no TOML, ENOTSUP
 * a source that is something else than [source.NAME] with strings.
 */
int cargo_home_read(const char *path, struct cargo_home *home);

void cargo_home_free(struct cargo_home *home);

#endif
