/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "json.h"
#include "sandbox_report.h"

void
sandbox_take_artifact(struct sandbox_report *report, const char *path,
    const char *file, uint64_t most)
{
	int status = report->result.status;

	if (!report->result.has_begun || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0)
		return;
	report->is_asked = true;
	report->artifact = ARTIFACT_FAILED;
	char *directory = strdup(file), *name = strdup(file);
	int to = directory == NULL || name == NULL ?
	    -1 :
	    open_directory(dirname(directory));
	if (to != -1)
		report->artifact = artifact_take(report->result.target, path,
		    to, basename(name), most, &report->artifact_bytes);
	report->artifact_errno = errno;
	if (to != -1)
		(void)close(to);
	free(directory);
	free(name);
}

const char *
sandbox_artifact_error(
    const struct sandbox_report *report, char *text, size_t size)
{
	if (!report->is_asked || report->artifact == ARTIFACT_TAKEN)
		return NULL;
	if (report->artifact == ARTIFACT_FAILED)
		snprintf(text, size, "%s: %s",
		    artifact_explain(report->artifact),
		    strerror(report->artifact_errno));
	else
		snprintf(text, size, "%s", artifact_explain(report->artifact));
	return text;
}

static const char *
artifact_name(const struct sandbox_report *report)
{
	static const char *const names[] = {
	    [ARTIFACT_TAKEN] = "taken",
	    [ARTIFACT_MISSING] = "missing",
	    [ARTIFACT_NOT_REGULAR] = "not_regular",
	    [ARTIFACT_TOO_LARGE] = "too_large",
	    [ARTIFACT_NOT_LIBRARY] = "not_library",
	    [ARTIFACT_FAILED] = "failed",
	};

	return report->is_asked ? names[report->artifact] : "not_asked";
}

int
sandbox_write_report(const struct sandbox_report *report, int directory)
{
	char text[300];
	const char *error = report->result.error;
	json_t *object = json_pack("{s:i, s:s, s:b, s:s?, s:s, s:I, s:s?}",
	    "version", 1, "level", sandbox_level_name(report->level), "started",
	    report->result.has_begun, "error", *error == '\0' ? NULL : error,
	    "artifact", artifact_name(report), "artifact_bytes",
	    (json_int_t)report->artifact_bytes, "artifact_error",
	    sandbox_artifact_error(report, text, sizeof text));

	if (object == NULL) {
		errno = ENOMEM;
		return -1;
	}
	int result = json_store_at(directory, "sandbox.json", object);
	int saved = errno;
	json_decref(object);
	errno = saved;
	return result;
}
