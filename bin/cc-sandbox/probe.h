/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host can do, and why not: by a real run of a level, never by
 * looking at settings alone, which is how a probe comes to be wrong.
 */
#ifndef SANDBOX_PROBE_H
#define SANDBOX_PROBE_H

#include "request.h"

struct sandbox_finding {
	bool works;
	char reason[400];   /* one line; empty: works */
	const char *remedy; /* NULL: none known */
};

/*
 * Runs true(1) at the level with the request's paths and keeps what was said.
 * `scratch` as for sandbox_try.
 */
void sandbox_probe(enum sandbox_level level,
    const struct sandbox_request *request, const char *scratch,
    struct sandbox_finding *finding);

/* What to do on this host about a level that failed so, or NULL. */
const char *sandbox_remedy(const char *reason);

#endif
