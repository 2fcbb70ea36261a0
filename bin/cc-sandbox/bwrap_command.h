/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bubblewrap's argument vector for level bwrap: an empty root, read-only
 * once it stands, in which nothing of the host exists but what is named here.
 */
#ifndef BWRAP_COMMAND_H
#define BWRAP_COMMAND_H

#include "request.h"

/* The wrapper's exit status when it could not copy the source. */
enum { BWRAP_COPY_FAILED = 74 };

/* Where the command finds everything, at this level. */
struct sandbox_view bwrap_view(const struct sandbox_request *request);

/*
 * Completes the process; it passes on descriptors that the caller closes
 * after the run. 0 or -1 with errno.
 */
int bwrap_prepare(struct sandbox_process *process,
    const struct sandbox_request *request, const struct sandbox_view *view);

#endif
