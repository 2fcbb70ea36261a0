/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of tar_reader.h: where in a file the bytes lie that an archive holds
 * of it; the rest are zeros. A file without holes is one region.
 *
 * Of the forms for files with holes one is read, GNU's old one, type 'S': the
 * platform's packer writes it, and all readers agree about it once it is
 * strict. Of those of pax some readers know nothing and unpack the map as
 * part of the file.
 */
#ifndef TAR_SPARSE_H
#define TAR_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "refusal.h"
#include "tar_header.h"

enum { TAR_REGIONS_MAX = 4096 };

struct tar_region {
	uint64_t offset, size;
};

struct tar_map {
	uint64_t size; /* of the file */
	uint64_t at;   /* so much of it was read */
	size_t region; /* in or before which that is */
	size_t count;
	uint64_t end;  /* of the last region */
	uint64_t held; /* bytes of all of them */
	struct tar_region regions[TAR_REGIONS_MAX];
};

void tar_map_whole(struct tar_map *map, uint64_t size);

/*
 * Begins the map that a header of type 'S' holds, continues it with a block
 * behind that. 1: one more block follows; 0: the map is whole; -1: see
 * refusal.h.
 */
int tar_map_begin(struct tar_map *map, const struct tar_header *header,
    struct refusal *refusal);
int tar_map_continue(
    struct tar_map *map, const char block[512], struct refusal *refusal);

/* Bytes up to the next border of hole and data, 0 at the end of the file. */
uint64_t tar_map_run(struct tar_map *map, bool *is_hole);

#endif
