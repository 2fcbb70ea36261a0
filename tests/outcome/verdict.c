/* SPDX-License-Identifier: Apache-2.0 */
/* verdict DIR: what lib/build/outcome.c makes of a build directory, as JSON. */
#include <err.h>
#include <stdio.h>

#include "base/exit.h"
#include "build/outcome.h"

int
main(int argc, char **argv)
{
	struct build build;
	struct verdict v;

	if (argc != 2)
		errx(EXIT_CALLER, "usage: verdict dir");
	if (build_load(argv[1], &build) == -1 ||
	    outcome_judge(&build, &v) == -1)
		err(EXIT_SYSTEM, "cannot judge '%s'", argv[1]);
	json_t *object = json_pack("{s:s, s:b, s:b, s:b, s:b, s:i, s:s, s:s?}",
	    "outcome", outcome_name(v.outcome), "was_killed", v.was_killed,
	    "interrupted", v.interrupted, "has_artifact", v.has_artifact,
	    "is_written", v.is_written, "exit_status", v.exit_status,
	    "exit_signal", v.exit_signal, "reason", v.reason);
	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) == -1)
		errx(EXIT_SYSTEM, "cannot print");
	putchar('\n');
	json_decref(object);
	outcome_free(&v);
	build_free(&build);
	return EXIT_DONE;
}
