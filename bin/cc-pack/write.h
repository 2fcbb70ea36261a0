/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACK_WRITE_H
#define PACK_WRITE_H

#include "tar_writer.h"
#include "tree.h"

/*
 * Writes the whole archive: the top directory, the tree's entries in it, the
 * end. 0, or -1 with errno; EAGAIN: *entry changed while it was read. The
 * writer is open before, and closed or of no more use afterwards.
 */
int pack_write(struct tar_writer *writer, const struct tree *tree,
    const char *top, const char **entry);

#endif
