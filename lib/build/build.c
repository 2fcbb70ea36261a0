/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "build.h"
#include "directory.h"

/* 0, or -1: no memory. */
static int
load(const struct build *build, const char *name, json_t **report)
{
	*report = json_load_at(build->directory, name);
	if (*report == NULL && errno == ENOMEM)
		return -1;
	if (*report == NULL && errno == ENOENT)
		return 0;
	if (json_number(*report, "version", 0) != 1) {
		json_decref(*report);
		*report = json_null();
	}
	return 0;
}

int
build_load(const char *path, struct build *build)
{
	*build = (struct build){.directory = open_directory(path)};
	if (build->directory == -1)
		return -1;
	if (load(build, FETCH_FILE, &build->fetch) == 0 &&
	    load(build, UNPACK_FILE, &build->unpack) == 0 &&
	    load(build, RUN_FILE, &build->run) == 0 &&
	    load(build, SANDBOX_FILE, &build->sandbox) == 0 &&
	    load(build, ENDED_FILE, &build->ended) == 0 &&
	    load(build, RECORD_FILE, &build->record) == 0)
		return 0;
	build_free(build);
	errno = ENOMEM;
	return -1;
}

void
build_free(struct build *build)
{
	(void)close(build->directory);
	build_forget_end(build);
	json_decref(build->fetch);
	json_decref(build->unpack);
	json_decref(build->run);
	json_decref(build->sandbox);
}

void
build_forget_end(struct build *build)
{
	json_decref(build->ended);
	json_decref(build->record);
	build->ended = build->record = NULL;
}

bool
build_holds(const struct build *build, const char *name)
{
	struct stat st;

	return fstatat(build->directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}
