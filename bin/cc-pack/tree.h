/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a directory holds, all the way down, in one order whatever the order
 * of its creation. A symlink stands for what it points to, if that lies in
 * the directory: nothing outside is opened, even when somebody changes the
 * tree meanwhile.
 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct tree_entry {
	char *path; /* below the root: "src/lib.rs" */
	/* Of what a symlink points to; its own if it cannot be followed. */
	struct stat st;
	int why;       /* EXDEV: it leads out; ELOOP: in a circle */
	size_t parent; /* 1 + its index while the tree is read; 0: root */
};

struct tree {
	int root; /* the caller's */
	/* Whether an entry, with all below it, belongs to the tree. */
	bool (*wants)(const void *context, const struct tree_entry *entry);
	const void *context;
	size_t most;		    /* entries */
	struct tree_entry *entries; /* sorted by path, as bytes */
	size_t count;
	const char *failed; /* the entry at which reading failed */
};

/*
 * Fills entries. 0, or -1 with errno; E2BIG: more than `most` entries.
 * Directories come before what they hold, also those that are a symlink to
 * one; other than these and regular files are listed, never opened.
 */
int tree_read(struct tree *tree);

/* Opens an entry for reading; never waits for the writer of a FIFO. */
int tree_open(const struct tree *tree, const char *path);

#endif
