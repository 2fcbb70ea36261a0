/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive_limits.h"
#include "archive/entry_path.h"
#include "archive/name_set.h"
#include "check.h"

static int
refuse_link(int why, struct refusal *refusal)
{
	if (why == EXDEV)
		return refuse(refusal, PACK_LINK_OUT);
	return refuse(refusal,
	    why == ELOOP ? "it is a symbolic link that leads in a circle" :
			   "it is a symbolic link to nothing");
}

static int
check_kind(const struct tree_entry *entry, struct refusal *refusal)
{
	switch (entry->st.st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
		return 0;
	case S_IFLNK:
		return refuse_link(entry->why, refusal);
	case S_IFIFO:
		return refuse(refusal, "it is a FIFO");
	case S_IFSOCK:
		return refuse(refusal, "it is a socket");
	default:
		return refuse(refusal, "it is a device");
	}
}

static int
check_path(const char *text, size_t depth, struct name_set *names,
    struct refusal *refusal)
{
	const struct entry_limits limits = {ENTRY_PATH_MAX, ENTRY_DEPTH_MAX};
	struct entry_path path;
	enum name_kind *kind;

	if (entry_path_read(&path, text, strlen(text), &limits, refusal) == -1)
		return -1;
	if (depth == 0 && path.depth > 0)
		return refuse(refusal, "its name has a slash");
	switch (name_set_add(names, path.text, path.length, &kind)) {
	case NAME_IS_NEW:
		return 0;
	case NAME_FAILED:
		return -1;
	default:
		text = path.text + path.first + 1;
		return name_set_refuse(refusal, text, strlen(text));
	}
}

static int
check_entry(const struct tree_entry *entry, const char *top,
    struct name_set *names, struct refusal *refusal)
{
	char *path;

	if (check_kind(entry, refusal) == -1 ||
	    asprintf(&path, "%s/%s", top, entry->path) == -1)
		return -1;
	int result = check_path(path, 1, names, refusal);
	free(path);
	return result;
}

int
pack_check_sizes(uint64_t packed, uint64_t unpacked, struct refusal *refusal)
{
	const struct archive_limits limits = {
	    ARCHIVE_PACKED_MAX, ARCHIVE_UNPACKED_MAX, ARCHIVE_RATIO_MAX};

	if (packed < UINT64_MAX && packed > limits.packed)
		return refuse(refusal,
		    "the archive is larger than %" PRIu64
		    " bytes (--archive-max)",
		    limits.packed);
	return archive_limits_check(&limits, packed, unpacked, refusal);
}

int
pack_check(const struct tree *tree, const char *top, const char **entry,
    struct refusal *refusal)
{
	struct name_set names = {0};
	uint64_t bytes = 0;

	*entry = top;
	int result = check_path(top, 0, &names, refusal);
	for (size_t i = 0; result == 0 && i < tree->count; i++) {
		*entry = tree->entries[i].path;
		result = check_entry(&tree->entries[i], top, &names, refusal);
		if (result == 0 && S_ISREG(tree->entries[i].st.st_mode)) {
			bytes += (uint64_t)tree->entries[i].st.st_size;
			result = pack_check_sizes(UINT64_MAX, bytes, refusal);
		}
	}
	name_set_free(&names);
	return result;
}
