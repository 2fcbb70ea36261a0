/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacking an untrusted archive: directories and regular files below one top
 * directory come out, everything else is refused. Memory grows with the
 * number of entries only, of which there is a limit.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/archive_stream.h"
#include "archive/entry_path.h"
#include "archive/name_set.h"
#include "archive/refusal.h"
#include "source_tree.h"

struct unpack {
	/* To be set, with the stream's own, before unpack_archive. */
	struct archive_stream stream;
	struct entry_limits paths;
	uint64_t entries_max; /* directories count also where not listed */
	/* Its root is empty and stands for the top directory. */
	struct source_tree tree;

	struct refusal refusal;
	bool is_in_entry;
	char entry[384]; /* its name, escaped */
	uint64_t entries;
	uint64_t bytes; /* of the files */
	bool has_vendored;
	struct name_set names;
	char top[256];
	size_t top_length;
};

/*
 * 0, or -1: see refusal.h. is_in_entry and entry then say where, also when
 * the host failed (errno). What was made in the tree stays.
 */
int unpack_archive(struct unpack *unpack);

#endif
