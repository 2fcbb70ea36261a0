/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place on disk where a command without a mount namespace may write:
 * DIR.scratch beside the trusted build directory DIR, never in it. Only our
 * own user may enter it; it is removed whatever the command left there.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

struct scratch {
	int parent;	  /* the directory that holds it */
	char *path;	  /* absolute */
	const char *name; /* its last component, in path */
};

/*
 * Makes <directory>.scratch anew, or, where directory is NULL, a directory of
 * its own below $TMPDIR, with target, tmp and cargo in it. 0 or -1 with
 * errno; nothing to remove is then left.
 */
int scratch_make(const char *directory, struct scratch *scratch);

/* Absent is done, also after a scratch that was never made. 0 or -1. */
int scratch_remove(struct scratch *scratch);

#endif
