/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a build into a directory of its own: the directory first, so that a
 * host that cannot write takes nothing; the row second; claim.json third, in
 * the directory under its final name. Should that fail, the row is given back
 * at once, uncounted.
 */
#ifndef CLAIM_TAKE_H
#define CLAIM_TAKE_H

#include "directory.h"
#include "hold.h"
#include "queue.h"

struct claim_take {
	struct claim_queue *queue;
	struct claim_hold *hold; /* begun with CLAIM_TAKEN */
	int home;
	const char *home_path;
	const char *prefix; /* of the directory's name */
	const char *instance, *schema;
	double delay_s; /* before a build that was given back is retried */

	/* With CLAIM_TAKEN, to be ended with claim_take_end. */
	struct claim claim;
	struct claim_directory directory;
	char *path; /* of the directory, absolute */
};

/* As claim_queue_take; CLAIM_UNWRITABLE: this host is sick, told already. */
enum claim_queue_result claim_take(struct claim_take *take);

/* claim.json's members and "directory", one line of JSON. 0 or -1. */
int claim_take_write(const struct claim_take *take, int fd);

/* Gives the build back; how is of claim.h. */
void claim_take_give_back(struct claim_take *take, const char *how);

/* Frees, and removes the directory unless it is to be kept. 0 or -1. */
int claim_take_end(struct claim_take *take, bool is_kept);

#endif
