/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tar_sparse.h"

/* GNU tar, "Sparse Formats": Old GNU Format. */
struct field {
	char offset[12];
	char size[12];
};

struct first_block {
	char before[386];
	struct field fields[4];
	char is_continued;
	char size[12];
	char unused[17];
};

struct next_block {
	struct field fields[21];
	char is_continued;
	char unused[7];
};

_Static_assert(sizeof(struct first_block) == sizeof(struct tar_header) &&
	sizeof(struct next_block) == sizeof(struct tar_header),
    "each is a block");

void
tar_map_whole(struct tar_map *map, uint64_t size)
{
	map->size = map->end = map->held = size;
	map->at = 0;
	map->region = 0;
	map->count = 1;
	map->regions[0] = (struct tar_region){0, size};
}

static int
damaged(struct refusal *refusal)
{
	return refuse(refusal, "its map of holes is damaged");
}

/*
 * A region lies behind the one before it. Its bytes begin a block: some
 * readers look for them there, others right behind those before.
 */
static bool
is_in_order(const struct tar_map *map, const struct tar_region *region)
{
	return region->offset >= map->end && region->offset <= map->size &&
	    region->size <= map->size - region->offset &&
	    (region->size == 0 || map->held % sizeof(struct tar_header) == 0);
}

static int
add_region(
    struct tar_map *map, const struct field *field, struct refusal *refusal)
{
	struct tar_region region;

	/* Of a half empty one some readers take it, some take it for none. */
	if (field->offset[0] == '\0' || field->size[0] == '\0' ||
	    !tar_number(field->offset, sizeof field->offset, &region.offset) ||
	    !tar_number(field->size, sizeof field->size, &region.size) ||
	    !is_in_order(map, &region))
		return damaged(refusal);
	if (map->count == TAR_REGIONS_MAX)
		return refuse(refusal,
		    "it has more than %d regions between holes: write the "
		    "archive with cc-pack, or with tar without --sparse",
		    TAR_REGIONS_MAX);
	map->regions[map->count++] = region;
	map->end = region.offset + region.size;
	map->held += region.size;
	return 0;
}

/* An empty field ends the map, and nothing may follow it. */
static int
add_regions(struct tar_map *map, const struct field *fields, size_t count,
    char is_continued, struct refusal *refusal)
{
	static const struct field empty;
	size_t i = 0;

	for (; i < count && memcmp(&fields[i], &empty, sizeof empty) != 0; i++)
		if (add_region(map, &fields[i], refusal) == -1)
			return -1;
	if (i == count && is_continued == 1)
		return 1;
	for (; i < count; i++)
		if (memcmp(&fields[i], &empty, sizeof empty) != 0)
			return damaged(refusal);
	/* A hole at the file's end ends with a region of no bytes. */
	return is_continued == '\0' && map->end == map->size ? 0 :
							       damaged(refusal);
}

int
tar_map_begin(struct tar_map *map, const struct tar_header *header,
    struct refusal *refusal)
{
	struct first_block block;

	memcpy(&block, header, sizeof block);
	map->at = map->end = map->held = 0;
	map->region = map->count = 0;
	if (memcmp(header->magic, "ustar  ", sizeof header->magic) != 0 ||
	    !tar_number(block.size, sizeof block.size, &map->size))
		return damaged(refusal);
	return add_regions(map, block.fields,
	    sizeof block.fields / sizeof *block.fields, block.is_continued,
	    refusal);
}

int
tar_map_continue(
    struct tar_map *map, const char block[512], struct refusal *refusal)
{
	struct next_block next;

	memcpy(&next, block, sizeof next);
	return add_regions(map, next.fields,
	    sizeof next.fields / sizeof *next.fields, next.is_continued,
	    refusal);
}

uint64_t
tar_map_run(struct tar_map *map, bool *is_hole)
{
	const struct tar_region *region = &map->regions[map->region];

	while (map->region < map->count &&
	    map->at == region->offset + region->size) {
		map->region++;
		region++;
	}
	*is_hole = map->region == map->count || map->at < region->offset;
	if (map->region == map->count)
		return map->size - map->at;
	return *is_hole ? region->offset - map->at :
			  region->offset + region->size - map->at;
}
