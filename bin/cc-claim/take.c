/* SPDX-License-Identifier: Apache-2.0 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"
#include "base/sha256.h"
#include "build/directory.h"
#include "take.h"

static enum claim_queue_result
tell_sick(const struct claim_take *take, const char *what)
{
	warn("cannot %s a build directory in '%s'", what, take->home_path);
	return CLAIM_UNWRITABLE;
}

/*
 * package_key: one word for the shell that stands for the package in its
 * schema, the SHA-256 of "schema", NUL, "name". A name itself is hostile.
 */
static int
store_key(int directory, const struct claim *claim)
{
	char *pair, key[SHA256_TEXT];
	int n = asprintf(&pair, "%s%c%s",
	    claim->schema != NULL ? claim->schema : "", 0, claim->package_name);

	if (n == -1)
		return -1;
	int result = sha256_bytes(pair, (size_t)n, key);
	free(pair);
	if (result == -1)
		return -1;
	key[SHA256_TEXT - 1] = '\n';
	return store_file_at(directory, PACKAGE_KEY_FILE, key, SHA256_TEXT);
}

static int
store_claim(int directory, const struct claim *claim)
{
	json_t *object = claim_to_json(claim);

	if (object == NULL) {
		errno = EILSEQ;
		return -1;
	}
	return json_put_at(directory, CLAIM_FILE, object);
}

/* The files, then the name that says that they are there. 0 or -1. */
static int
publish(struct claim_take *take)
{
	const struct claim *claim = &take->claim;
	int directory = take->directory.fd;

	if (store_key(directory, claim) == -1 ||
	    store_claim(directory, claim) == -1 ||
	    claim_directory_rename(
		&take->directory, take->prefix, claim->claim_token) == -1)
		return -1;
	return asprintf(&take->path, "%s/%s", take->home_path,
		   take->directory.name) == -1 ?
	    -1 :
	    0;
}

void
claim_take_give_back(struct claim_take *take, const char *how)
{
	struct claim_queue *queue = take->queue;

	if (claim_hold_release(take->hold, queue->events, how, take->delay_s,
		take->hold->acknowledged + take->hold->stale) == NULL)
		warnx("cannot give a build back: no answer, the "
		      "sweep will take it");
}

/* What must be there before anybody hears of the build. 0 or -1. */
static int
complete_claim(struct claim_take *take)
{
	struct claim *claim = &take->claim;

	memcpy(claim->compiler_instance_id, take->instance, UUID_TEXT);
	claim->started_boottime_ms = clock_boot() / CLOCK_MS;
	if (take->schema == NULL)
		return 0;
	claim->schema = strdup(take->schema);
	return claim->schema == NULL ? -1 : 0;
}

static enum claim_queue_result
take_into_directory(struct claim_take *take)
{
	struct claim_queue *queue = take->queue;
	bool is_doubtful;
	int64_t sent;

	enum claim_queue_result result =
	    claim_queue_take(queue, &take->claim, &sent, &is_doubtful);
	if (result != CLAIM_TAKEN)
		return result;
	take->hold->claim = &take->claim;
	claim_hold_begin(take->hold, sent, is_doubtful);
	if (queue->events->stops > 0) {
		claim_take_give_back(take, CLAIM_WAS_INTERRUPTED);
		return CLAIM_NONE;
	}
	if (complete_claim(take) == 0 && publish(take) == 0)
		return CLAIM_TAKEN;
	result = tell_sick(take, "fill");
	claim_take_give_back(take, CLAIM_WAS_GIVEN_BACK);
	return result;
}

enum claim_queue_result
claim_take(struct claim_take *take)
{
	take->claim = (struct claim){.package_name = NULL};
	take->path = NULL;
	if (claim_directory_make(take->home, &take->directory) == -1)
		return tell_sick(take, "make");
	enum claim_queue_result result = take_into_directory(take);
	if (result != CLAIM_TAKEN)
		(void)claim_take_end(take, false);
	return result;
}

int
claim_take_end(struct claim_take *take, bool is_kept)
{
	int result = is_kept ? close(take->directory.fd) :
			       claim_directory_remove(&take->directory);

	claim_free(&take->claim);
	free(take->path);
	return result;
}

int
claim_take_write(const struct claim_take *take, int fd)
{
	json_t *object = claim_to_json(&take->claim);
	json_t *path = json_string(take->path);

	if (json_object_set_new(object, "directory", path) == -1) {
		json_decref(object);
		errno = EILSEQ; /* a home whose name is not UTF-8 */
		return -1;
	}
	/* ASCII: a name may hold what turns a terminal's text around. */
	char *line = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(object);
	if (line == NULL) {
		errno = ENOMEM;
		return -1;
	}
	size_t length = strlen(line);
	line[length] = '\n';
	int result = write_all(fd, line, length + 1);
	free(line);
	return result;
}
