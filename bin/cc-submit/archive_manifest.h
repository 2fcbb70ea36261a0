/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ARCHIVE_MANIFEST_H
#define ARCHIVE_MANIFEST_H

#include "archive/manifest.h"
#include "archive/refusal.h"

/*
 * Reads package.toml out of an archive, from the descriptor's offset on and
 * no further than it takes, of at most 500 MiB unpacked. The rest of the
 * archive is not judged. 0, or -1: see refusal.h.
 */
int archive_manifest_read(
    int fd, struct manifest *manifest, struct refusal *refusal);

#endif
