/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-verdict says what became of the build in a directory, by the very
 * judgement that cc-complete writes to the row and cc-audit to the trail. It
 * reads only; without a record of the database the verdict is what the row
 * would get.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/json.h"
#include "base/options.h"
#include "base/text_lines.h"
#include "build/outcome.h"

struct settings {
	bool json;
};

static const struct option_table options = {
    .synopsis = "cc-verdict [options] dir",
    .purpose = "says what became of the build in a directory",
    .rows = (const struct option_row[]){
	{"json", NULL, NULL, "print one JSON object",
	    OPTION_FLAG(struct settings, json)},
	{0},
    }};

static void
print_json(const struct verdict *v)
{
	const char *signal = *v->exit_signal != '\0' ? v->exit_signal : NULL;
	json_t *object = json_pack("{s:i, s:s, s:o, s:s?, s:b, s:s?}",
	    "version", 1, "outcome", outcome_name(v->outcome), "exit_status",
	    v->exit_status >= 0 ? json_integer(v->exit_status) : json_null(),
	    "exit_signal", signal, "has_artifact", v->has_artifact, "reason",
	    v->reason);
	char *text = object == NULL ?
	    NULL :
	    json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (text == NULL)
		errx(EXIT_SYSTEM, "cannot show the verdict: no memory");
	printf("%s\n", text);
}

static void
print_text(const struct verdict *v)
{
	char *reason = text_lines_visible(v->reason != NULL ? v->reason : "");

	if (reason == NULL)
		err(EXIT_SYSTEM, "cannot show the verdict");
	size_t length = strlen(reason);
	printf("%s\n%s%s", outcome_name(v->outcome), reason,
	    length > 0 && reason[length - 1] != '\n' ? "\n" : "");
}

static int
status_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SUCCESS:
		return EXIT_DONE;
	case OUTCOME_FAILED:
		return EXIT_NO;
	case OUTCOME_TIMEOUT_KILLED:
		return EXIT_TIMED_OUT;
	default:
		return EXIT_SYSTEM;
	}
}

int
main(int argc, char **argv)
{
	struct settings settings = {.json = false};
	int at = options_read(&options, argc, argv, &settings);
	if (argc - at != 1)
		options_usage(&options);
	const char *path = argv[at];
	struct build build;
	struct verdict verdict;

	if (build_load(path, &build) == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", path);
	if (outcome_judge(&build, &verdict) == -1)
		err(EXIT_SYSTEM, "cannot judge '%s'", path);
	if (settings.json)
		print_json(&verdict);
	else
		print_text(&verdict);
	if (fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "cannot write to stdout");
	return status_of(verdict.outcome);
}
