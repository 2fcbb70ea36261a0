/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log: one JSON object a line, each carrying in "prev" the SHA-256
 * of the line before it (of its bytes without the newline), so that a
 * changed, removed or cut-off line shows. The file "<path>.chain" beside it
 * is the lock of the writers and keeps the newest line's hash, which the first
 * line after a rotation carries; it is never unlinked. It is private to the
 * writers (0600): whoever may read a file may lock it, and so stall them.
 */
#ifndef AUDIT_LOG_H
#define AUDIT_LOG_H

#include <jansson.h>

#include "base/sha256.h"

/*
 * A new event: timestamp (UTC, RFC 3339, microseconds, this host's clock),
 * level and event_type, to which the caller adds its members in order. NULL:
 * no memory.
 */
json_t *audit_event(const char *level, const char *event_type);

/*
 * Appends the event with its "prev" to the log, in one write under the lock,
 * and waits until it is on the disk. path "-": stdout, without a chain ("prev"
 * is "<none>"). hash gets the SHA-256 of the line. The log and its missing
 * directories are created with mode 0640 and 0750; a symlink or anything but
 * a regular file is refused (ELOOP, EINVAL). 0, or -1 with errno; nothing is
 * then written but, at the worst (disk full), a line that is not whole, which
 * the next append closes with a newline and which stays visible, or (EIO) a
 * line that may not survive a crash of the host.
 */
int audit_log_append(const char *path, json_t *event, char hash[SHA256_TEXT]);

/*
 * As audit_log_append, but once only for the file `marker` in `directory`,
 * whatever moment an earlier caller was killed at: under the lock, before the
 * line is written, the marker notes the line and where in the log it will
 * stand. Where the line stands already, event becomes what it says. Only to
 * stdout, which cannot be read back, a line can come twice. Where the marker
 * cannot be written, the line is: twice is better than never. 1: the line
 * stood already.
 */
int audit_log_append_once(const char *path, json_t *event, int directory,
    const char *marker, char hash[SHA256_TEXT]);

#endif
