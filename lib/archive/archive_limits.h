/* SPDX-License-Identifier: Apache-2.0 */
/* How large an archive may be: one judgement for who packs and who unpacks. */
#ifndef ARCHIVE_LIMITS_H
#define ARCHIVE_LIMITS_H

#include <stdint.h>

#include "refusal.h"

enum {
	/* What holds when nobody says otherwise. */
	ARCHIVE_PACKED_MAX = 256 << 20,
	ARCHIVE_UNPACKED_MAX = 500 << 20,
	ARCHIVE_RATIO_MAX = 100,
	ARCHIVE_ENTRIES_MAX = 10000,
	/*
	 * Unpacked bytes that no ratio is asked for: the headers and padding
	 * of 10,000 entries are 10 MiB that pack to nearly nothing.
	 */
	ARCHIVE_RATIO_FREE = 16 << 20
};

struct archive_limits {
	uint64_t packed;   /* bytes of the archive as it is */
	uint64_t unpacked; /* without its compression */
	uint64_t ratio;	   /* at most so many times packed */
};

/* Whether so many bytes may unpack to so many. 0, or -1: see refusal.h. */
int archive_limits_check(const struct archive_limits *limits, uint64_t packed,
    uint64_t unpacked, struct refusal *refusal);

#endif
