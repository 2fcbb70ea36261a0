/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes an audit line unique: a file that is written before the line and
 * says what the line will be, in which file (device and inode, so a rotation
 * changes nothing) and where in it. Used under the log's lock.
 */
#ifndef AUDIT_MARKER_H
#define AUDIT_MARKER_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/sha256.h"

struct audit_marker {
	int directory;
	const char *name;
};

/* Before the line is written at the end of log (-1: one that has no end). */
int audit_marker_intend(const struct audit_marker *marker, int log,
    bool open_line, const json_t *event);

/* Once it is written. */
int audit_marker_finish(const struct audit_marker *marker);

/*
 * 1 when the line was written before: event becomes it, hash its SHA-256.
 * 0 when there is no marker that can be read, or its line does not stand where
 * it says, in the log or in a neighbour that the log was renamed to. -1 with
 * errno.
 */
int audit_marker_stands(const struct audit_marker *marker, const char *path,
    json_t *event, char hash[SHA256_TEXT]);

#endif
