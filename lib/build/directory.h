/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a build directory, in the order in which it appears. */
#ifndef BUILD_DIRECTORY_H
#define BUILD_DIRECTORY_H

#define PACKAGE_KEY_FILE "package_key" /* one word, for scratch space */
#define CLAIM_FILE "claim.json"
#define AUDIT_STARTED_FILE "audit-started.json"
#define ARCHIVE_FILE "package"
#define FETCH_FILE "fetch.json" /* why there is no archive */
/* The tree while cc-unpack makes it; it becomes source/ by rename. */
#define SOURCE_NEW ".source.new"
#define SOURCE_DIRECTORY "source"
#define LANGUAGE_FILE "language" /* one word, for the shell */
#define LIBRARY_FILE "library"	 /* the same */
#define UNPACK_FILE "unpack.json"
/* The runner's report until it is whole. */
#define RUN_NEW ".run.json.new"
#define STDERR_FILE "stderr"
#define SANDBOX_FILE "sandbox.json"
#define ARTIFACT_FILE "artifact"
#define RUN_FILE "run.json"
#define ENDED_FILE "ended.json" /* why a chain did not end by itself */
#define RECORD_FILE "record.json"
#define AUDIT_FINISHED_FILE "audit-finished.json"

#endif
