/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two audit events of a build, from its directory: the guide's fields in
 * the guide's order, each a string but wall_clock_ms, "<none>" or "<absent>"
 * where there is nothing to say; then ours, counters as numbers or null.
 */
#ifndef BUILD_EVENT_H
#define BUILD_EVENT_H

#include <jansson.h>

#include "build/build.h"
#include "build/claim.h"

#define BUILD_STARTED "compiler.build.started"
#define BUILD_FINISHED "compiler.build.finished"

/* A new object, or NULL: no memory. */
json_t *build_event_started(
    const struct build *build, const struct claim *claim);

/*
 * The same. A verdict is only told as such where record.json says that it
 * was written; else this is an internal_error that names it.
 */
json_t *build_event_finished(
    const struct build *build, const struct claim *claim);

#endif
