/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build directories of a home, <home>/build-tmp/<name>/, each with its
 * <name>.scratch beside it where hostile code wrote. A directory belongs to
 * the living process that holds a flock(2) on it: the kernel drops the lock
 * however that process ends, so one whose lock is free is nobody's.
 *
 * A new directory can be found between mkdir(2) and flock(2), and be removed
 * as nobody's. So its maker looks, once it has the lock, whether it is still
 * linked, and else makes another one under another name; no name is ever used
 * again, so what is removed is what was found.
 */
#ifndef CLAIM_DIRECTORY_H
#define CLAIM_DIRECTORY_H

#include "build/claim.h"

#define CLAIM_DIRECTORY_HELD "held-"
#define CLAIM_DIRECTORY_SCRATCH ".scratch"
enum { CLAIM_DIRECTORY_NAME = sizeof CLAIM_DIRECTORY_HELD + UUID_TEXT };

struct claim_directory {
	int home; /* <home>/build-tmp */
	int fd;	  /* the directory, locked while this is open */
	char name[CLAIM_DIRECTORY_NAME];
};

/*
 * A new, locked, empty directory in which a file can be written: tried, so
 * that a full or read-only disk shows before a build is taken. 0, or -1 with
 * errno, and nothing is left behind.
 */
int claim_directory_make(int home, struct claim_directory *directory);

/* Gives it its final name: prefix and token. 0 or -1 with errno. */
int claim_directory_rename(
    struct claim_directory *directory, const char *prefix, const char *token);

/* Removes it, and first its scratch, and closes it. 0 or -1 with errno. */
int claim_directory_remove(struct claim_directory *directory);

/* For claim_home.c: what is called so, and its scratch. As openat, unlinkat. */
int claim_directory_open(int home, const char *name);
int claim_directory_remove_at(int home, const char *name);

#endif
