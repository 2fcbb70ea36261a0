/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"
#include "probe.h"

/* The last line that has something in it. */
static void
copy_last_line(const char *text, size_t length, char *line, size_t size)
{
	while (length > 0 && strchr("\n\r ", text[length - 1]) != NULL)
		length--;
	const char *newline = memrchr(text, '\n', length);
	const char *start = newline == NULL ? text : newline + 1;
	(void)text_visible(start, length - (size_t)(start - text), line, size);
}

/* What the programs of the sandbox said, or what we know ourselves. */
static void
find_reason(int output, const struct sandbox_result *result,
    struct sandbox_finding *finding)
{
	char text[4096];
	ssize_t length = lseek(output, 0, SEEK_SET) == 0 ?
	    read_full(output, text, sizeof text) :
	    -1;

	if (result->error[0] != '\0')
		snprintf(finding->reason, sizeof finding->reason, "%s",
		    result->error);
	else if (length > 0)
		copy_last_line(text, (size_t)length, finding->reason,
		    sizeof finding->reason);
	else
		snprintf(finding->reason, sizeof finding->reason,
		    "it ended with wait status %d and said nothing",
		    result->status);
}

void
sandbox_probe(enum sandbox_level level, const struct sandbox_request *request,
    const char *scratch, struct sandbox_finding *finding)
{
	char name[] = "true", *command[] = {name, NULL};
	struct sandbox_request trial = *request;
	struct sandbox_result result;

	*finding = (struct sandbox_finding){.works = false};
	int output = memfd_create("output", MFD_CLOEXEC);
	if (output == -1) {
		snprintf(finding->reason, sizeof finding->reason,
		    "cannot keep the output: %s", strerror(errno));
		return;
	}
	trial.command = command;
	trial.output = output;
	sandbox_try(level, &trial, scratch, &result);
	finding->works = result.has_begun && result.status == 0;
	if (!finding->works) {
		find_reason(output, &result, finding);
		finding->remedy = sandbox_remedy(finding->reason);
	}
	close_keeping_errno(result.target);
	(void)close(output);
}
