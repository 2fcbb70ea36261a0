/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACK_CHECK_H
#define PACK_CHECK_H

#include <stdint.h>

#include "archive/refusal.h"
#include "tree.h"

#define PACK_LINK_OUT                                                          \
	"it is a symbolic link that is absolute or leads out of the package: " \
	"put what it points to in its place"

/*
 * Whether cc-unpack, as it is when nobody sets its limits, would take the
 * tree's entries below a top directory of this name. 0, or -1: see
 * refusal.h; *entry is then where it was. How large the archive
 * itself will be is not known yet.
 */
int pack_check(const struct tree *tree, const char *top, const char **entry,
    struct refusal *refusal);

/* The same for the archive that was written. */
int pack_check_sizes(
    uint64_t packed, uint64_t unpacked, struct refusal *refusal);

#endif
