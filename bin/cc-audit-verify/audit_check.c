/* SPDX-License-Identifier: Apache-2.0 */

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "audit_check.h"
#include "base/json.h"

void
audit_check_file(struct audit_check *check)
{
	if (check->lines == 0) {
		strcpy(check->hash, AUDIT_CHAIN_FIRST);
		strcpy(check->whole, AUDIT_CHAIN_FIRST);
	}
	check->aliens = 0;
	check->is_log = false;
}

/* What the first line that is not torn follows can only be believed. */
static int
start(struct audit_check *check, const char *line, size_t length,
    enum audit_link link)
{
	json_t *object = json_loadb(line, length, 0, NULL);
	const char *prev = json_text(object, "prev", "");
	bool has_chain = audit_chain_is_hash(prev);

	if (has_chain)
		snprintf(check->whole, SHA256_TEXT, "%s", prev);
	json_decref(object);
	check->has_start = true;
	check->from_first = link == AUDIT_LINK_HOLDS;
	if (!has_chain)
		return AUDIT_FOUND_NO_CHAIN;
	return check->lines > 0 && !check->from_first ? AUDIT_FOUND_UNPROVED :
							0;
}

static int
judge_broken(const struct audit_check *check, const char *line, size_t length)
{
	char hash[SHA256_TEXT];

	memcpy(hash, check->before, SHA256_TEXT);
	switch (audit_chain_step(line, length, hash)) {
	case AUDIT_LINK_HOLDS:
		return AUDIT_FOUND_INSERTED;
	case AUDIT_LINK_FAILED:
		return -1;
	default:
		return AUDIT_FOUND_GAP;
	}
}

static int
judge(struct audit_check *check, const char *line, size_t length,
    enum audit_link link)
{
	if (link == AUDIT_LINK_TORN)
		return AUDIT_FOUND_TORN;
	if (!check->has_start)
		return start(check, line, length, link);
	return link == AUDIT_LINK_BROKEN ? judge_broken(check, line, length) :
					   0;
}

static void
advance(struct audit_check *check, const char hash[SHA256_TEXT], bool torn)
{
	check->lines++;
	memcpy(check->before, check->hash, SHA256_TEXT);
	memcpy(check->hash, hash, SHA256_TEXT);
	if (torn)
		return;
	memcpy(check->older, check->whole, SHA256_TEXT);
	memcpy(check->whole, hash, SHA256_TEXT);
}

int
audit_check_line(struct audit_check *check, const char *line, size_t length)
{
	char hash[SHA256_TEXT];

	memcpy(hash, check->hash, SHA256_TEXT);
	enum audit_link link = audit_chain_step(line, length, hash);
	if (link == AUDIT_LINK_FAILED)
		return -1;
	if (link == AUDIT_LINK_ALIEN && check->is_log)
		return AUDIT_FOUND_ALIEN;
	if (link == AUDIT_LINK_ALIEN) {
		check->aliens++; /* perhaps the file is no log at all */
		return 0;
	}
	int found = judge(check, line, length, link);
	if (found == -1)
		return -1;
	if (!check->is_log && check->aliens > 0)
		found |= AUDIT_FOUND_ALIENS;
	check->is_log = true;
	advance(check, hash, link == AUDIT_LINK_TORN);
	return found;
}
