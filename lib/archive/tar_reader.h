/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of tar (POSIX ustar and pax, GNU, v7) for hostile archives.
 * It is our own because the general one does not do here: libarchive 3.6
 * keeps the whole map of a sparse file (twice the archive's size in memory),
 * ends a pax name at a NUL byte without a word, and takes an archive that is
 * cut off between two entries for whole. Ours holds one header, one extended
 * header and one map of holes, each with a limit, and refuses what it does
 * not know, and what readers disagree about: what was looked at with another
 * tar is what is built.
 */
#ifndef TAR_READER_H
#define TAR_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "archive_stream.h"
#include "refusal.h"
#include "tar_sparse.h"

enum { TAR_BLOCK = 512, TAR_EXTENDED_MAX = 1 << 16 };

enum tar_type { /* other values: as in the header */
	TAR_FILE = '0',
	TAR_HARD_LINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHARACTER_DEVICE = '3',
	TAR_BLOCK_DEVICE = '4',
	TAR_DIRECTORY = '5',
	TAR_FIFO = '6',
	TAR_SPARSE = 'S' /* in a form that is not read; else it is a file */
};

struct tar_entry {
	char type;
	const char *name; /* no NUL inside; not checked any further */
	size_t length;
	uint64_t size;
	unsigned mode;
};

struct tar_reader {
	struct archive_stream *stream; /* to be set, opened; its refusal */
	const char *block;	       /* what is left of the stream's block */
	size_t left;
	uint64_t data; /* held of the entry, not yet read */
	struct tar_map map;
	unsigned padding; /* behind it */
	bool is_begun;
	/* The extended headers of the next entry, one of each, and ... */
	bool has_pax;
	bool has_gnu_name;
	bool has_gnu_link;
	bool is_sparse;
	bool has_size;
	uint64_t size;
	bool has_name;
	size_t length;
	char name[TAR_EXTENDED_MAX];
	char extended[TAR_EXTENDED_MAX];
};

/*
 * The next entry, valid until the next call: 1; 0 at a whole archive's end,
 * behind which nothing is; -1: see refusal.h; the name is NULL where it is not
 * the entry that is refused.
 */
int tar_reader_next(struct tar_reader *tar, struct tar_entry *entry);

/*
 * The next bytes of the entry, also of its holes; their number, 0 at its end,
 * or -1.
 */
ssize_t tar_reader_data(struct tar_reader *tar, const char **data);

#endif
