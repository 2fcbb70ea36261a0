/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of tar_reader.h: headers that only tell something of the next entry,
 * or of all that follow. Each returns 0, or -1: see refusal.h.
 */
#ifndef TAR_EXTENDED_H
#define TAR_EXTENDED_H

#include "tar_reader.h"

bool tar_is_extended(char type);

/* Before it is read: whether the entry may have one more of this type. */
int tar_extended_note(struct tar_reader *tar, char type);

/* Takes over what the bytes in tar->extended, so many, say. */
int tar_extended_apply(struct tar_reader *tar, char type, size_t size);

#endif
