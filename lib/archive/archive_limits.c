/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>

#include "archive_limits.h"

int
archive_limits_check(const struct archive_limits *limits, uint64_t packed,
    uint64_t unpacked, struct refusal *refusal)
{
	if (unpacked > limits->unpacked)
		return refuse(refusal,
		    "the archive unpacks to more than %" PRIu64
		    " bytes (--unpacked-max)",
		    limits->unpacked);
	if (unpacked > ARCHIVE_RATIO_FREE &&
	    (unpacked - 1) / limits->ratio >= packed)
		return refuse(refusal,
		    "the archive unpacks to more than %" PRIu64
		    " times its size (--ratio-max)",
		    limits->ratio);
	return 0;
}
