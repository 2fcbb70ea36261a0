/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/files.h"
#include "confine/landlock_rules.h"
#include "confine_policy.h"

int
confine_add_path(
    struct confine_policy *policy, const char *name, unsigned kinds)
{
	struct confine_path *paths =
	    reallocarray(policy->paths, policy->path_count + 1, sizeof *paths);

	if (paths == NULL)
		return -1;
	paths[policy->path_count++] = (struct confine_path){name, kinds};
	policy->paths = paths;
	return 0;
}

static struct landlock_rights
rights(const struct confine_policy *policy, int abi)
{
	return landlock_all_rights(abi, policy->profile != SECCOMP_COMMAND);
}

static int
grant_paths(const struct confine_policy *policy, int ruleset,
    const struct landlock_rights *handled, const char **failed)
{
	for (size_t i = 0; i < policy->path_count; i++) {
		const struct confine_path *path = &policy->paths[i];
		*failed = path->name;
		if (landlock_allow(ruleset, handled, path->name, path->kinds) ==
		    -1)
			return -1;
	}
	*failed = NULL;
	return 0;
}

int
confine_files(const struct confine_policy *policy, int abi, const char **failed)
{
	struct landlock_rights handled = rights(policy, abi);
	int ruleset = landlock_begin(&handled);

	*failed = NULL;
	if (ruleset == -1)
		return -1;
	int result = grant_paths(policy, ruleset, &handled, failed);
	if (result == 0)
		result = landlock_confine(ruleset);
	close_keeping_errno(ruleset);
	return result;
}

static json_t *
right_names(enum landlock_set set, uint64_t bits)
{
	json_t *names = json_array();
	const char *name;

	for (unsigned i = 0; (name = landlock_right_name(set, i)) != NULL; i++)
		if ((bits >> i & 1) != 0)
			json_array_append_new(names, json_string(name));
	return names;
}

static json_t *
call_names(enum seccomp_profile profile, bool is_allowed)
{
	json_t *names = json_array();

	for (const char *const *at = seccomp_calls(profile, is_allowed);
	     *at != NULL; at++)
		json_array_append_new(names, json_string(*at));
	return names;
}

static json_t *
path_rules(const struct confine_policy *policy, uint64_t handled)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < policy->path_count; i++) {
		const struct confine_path *path = &policy->paths[i];
		uint64_t bits = landlock_granted(path->kinds) & handled;
		json_array_append_new(rules,
		    json_pack("{s:s, s:o}", "path", path->name, "granted",
			right_names(LANDLOCK_FILES, bits)));
	}
	return rules;
}

json_t *
confine_policy_json(const struct confine_policy *policy)
{
	int abi = landlock_abi();
	struct landlock_rights handled = rights(policy, abi);

	return json_pack(
	    "{s:i, s:{s:i, s:o, s:o, s:o, s:o}, s:{s:o, s:o, s:s, s:s}}",
	    "version", 1, "landlock", "abi", abi, "files",
	    right_names(LANDLOCK_FILES, handled.files), "network",
	    right_names(LANDLOCK_NETWORK, handled.network), "scopes",
	    right_names(LANDLOCK_SCOPES, handled.scopes), "paths",
	    path_rules(policy, handled.files), "seccomp", "allowed",
	    call_names(policy->profile, true), "EPERM",
	    call_names(policy->profile, false), "otherwise", "ENOSYS",
	    "other_architectures", "SIGSYS");
}
