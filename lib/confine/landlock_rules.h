/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock for whatever version the kernel has: every right that it knows is
 * handled, so what no rule grants is denied. Renaming and linking across
 * directories (REFER) is granted wherever writing is; before version 2 the
 * kernel denies it everywhere.
 */
#ifndef LANDLOCK_RULES_H
#define LANDLOCK_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LANDLOCK_READ = 1,
	LANDLOCK_WRITE = 2, /* also create, remove, rename, truncate, ioctl */
	LANDLOCK_EXECUTE = 4
};

/* What a ruleset handles; a bit for each right, as the kernel numbers it. */
struct landlock_rights {
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
};

/* The kernel's version, 0: it has none, or it is switched off. */
int landlock_abi(void);

/* All rights of a version; no network rights when sockets may be used. */
struct landlock_rights landlock_all_rights(int abi, bool with_sockets);

/* The file rights that a combination of LANDLOCK_* grants. */
uint64_t landlock_granted(unsigned kinds);

enum landlock_set { LANDLOCK_FILES, LANDLOCK_NETWORK, LANDLOCK_SCOPES };

/* The name of a right's bit, or NULL past the last one. */
const char *landlock_right_name(enum landlock_set set, unsigned bit);

/* A new ruleset without rules: a descriptor, or -1 with errno. */
int landlock_begin(const struct landlock_rights *handled);

/* Grants what is at the path, or is open, and below it. 0 or -1 with errno. */
int landlock_allow_fd(
    int ruleset, const struct landlock_rights *handled, int fd, unsigned kinds);
int landlock_allow(int ruleset, const struct landlock_rights *handled,
    const char *path, unsigned kinds);

/*
 * Confines the calling thread and what it becomes, for good; no_new_privs is
 * set. 0 or -1 with errno. The ruleset is closed by the caller.
 */
int landlock_confine(int ruleset);

#endif
