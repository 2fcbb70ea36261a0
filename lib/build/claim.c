/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "claim.h"
#include "directory.h"

json_t *
claim_to_json(const struct claim *claim)
{
	return json_pack("{s:i, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s?,"
			 " s:I}",
	    "version", 1, "build_claim_id", claim->build_claim_id,
	    "claim_token", claim->claim_token, "attempt", claim->attempt,
	    "compiler_instance_id", claim->compiler_instance_id, "package_name",
	    claim->package_name, "package_version", claim->package_version,
	    "registry_id", claim->registry_id, "storage_type",
	    claim->storage_type, "schema", claim->schema, "started_boottime_ms",
	    (json_int_t)claim->started_boottime_ms);
}

static int
copy_uuid(const json_t *object, const char *name, char text[UUID_TEXT])
{
	const char *found = json_text(object, name, "");

	if (!uuid_is_valid(found))
		return -1;
	memcpy(text, found, UUID_TEXT);
	return 0;
}

static int
copy_text(const json_t *object, const char *name, char **text)
{
	const char *found = json_text(object, name, NULL);

	if (found == NULL)
		return -1;
	*text = strdup(found);
	return *text == NULL ? -1 : 0;
}

static int
read_members(const json_t *object, struct claim *claim)
{
	errno = EBADMSG;
	if (copy_uuid(object, "build_claim_id", claim->build_claim_id) == -1 ||
	    copy_uuid(object, "claim_token", claim->claim_token) == -1 ||
	    copy_uuid(object, "compiler_instance_id",
		claim->compiler_instance_id) == -1 ||
	    copy_uuid(object, "registry_id", claim->registry_id) == -1)
		return -1;
	if (copy_text(object, "package_name", &claim->package_name) == -1 ||
	    copy_text(object, "package_version", &claim->package_version) ==
		-1 ||
	    copy_text(object, "storage_type", &claim->storage_type) == -1)
		return -1;
	if (json_is_string(json_object_get(object, "schema")) &&
	    copy_text(object, "schema", &claim->schema) == -1)
		return -1;
	claim->attempt = (int)json_number(object, "attempt", 0);
	claim->started_boottime_ms =
	    json_number(object, "started_boottime_ms", -1);
	return claim->attempt >= 1 && claim->started_boottime_ms >= 0 ? 0 : -1;
}

int
claim_load(int directory, struct claim *claim)
{
	struct claim found = {.package_name = NULL};
	json_t *object = json_load_at(directory, CLAIM_FILE);

	if (object == NULL)
		return -1;
	int result = read_members(object, &found);
	json_decref(object);
	if (result == -1) {
		claim_free(&found);
		return -1;
	}
	*claim = found;
	return 0;
}

void
claim_free(struct claim *claim)
{
	free(claim->package_name);
	free(claim->package_version);
	free(claim->storage_type);
	free(claim->schema);
}
