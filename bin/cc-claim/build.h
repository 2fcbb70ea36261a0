/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One build from its directory to the end of its claim. However its command
 * ends, no process of it is left, ended.json says why where the command could
 * not, the row is asked how the claim ended, and the answer is the result: no
 * exit status of the command takes part.
 */
#ifndef CLAIM_BUILD_H
#define CLAIM_BUILD_H

#include <stdbool.h>

#include "base/events.h"
#include "hold.h"

struct claim_build {
	struct events *events;
	struct claim_hold *hold; /* held */
	int directory;
	const char *name;    /* of the package, fit to be shown */
	char **command;	     /* its last word is the directory's path */
	char **last_command; /* the same, after a command that was killed */
	double delay_s;	     /* before a build that was given back is retried */
};

/*
 * Runs the command while the claim is held. The word with which the claim
 * ended, NULL when the database did not say; *has_begun: whether the command
 * could be started at all. What happens is told through the link.
 */
const char *claim_build_run(const struct claim_build *build, bool *has_begun);

#endif
