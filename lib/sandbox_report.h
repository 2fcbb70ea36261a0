/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of a sandboxed command: the file it was to leave, and
 * sandbox.json, which the verdict on a build is judged from.
 */
#ifndef SANDBOX_REPORT_H
#define SANDBOX_REPORT_H

#include "artifact.h"
#include "sandbox.h"

struct sandbox_report {
	enum sandbox_level level;
	struct sandbox_result result;
	bool is_asked; /* artifact: whether there was one to take */
	enum artifact_result artifact;
	uint64_t artifact_bytes;
	int artifact_errno; /* of ARTIFACT_FAILED */
};

/*
 * Takes `path` below the result's target directory to `file`, when the
 * command ended with 0; else nothing is asked.
 */
void sandbox_take_artifact(struct sandbox_report *report, const char *path,
    const char *file, uint64_t most);

/* A clause that says why there is no artifact, or NULL: taken, not asked. */
const char *sandbox_artifact_error(
    const struct sandbox_report *report, char *text, size_t size);

/* Writes sandbox.json in the directory. 0 or -1 with errno. */
int sandbox_write_report(const struct sandbox_report *report, int directory);

#endif
