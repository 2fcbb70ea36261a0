/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies an archive from where the queue keeps it, in slices, so that memory
 * stays flat whatever its size.
 */
#ifndef ARCHIVE_COPY_H
#define ARCHIVE_COPY_H

#include <libpq-fe.h>
#include <stdint.h>

enum archive_answer {
	ARCHIVE_WHOLE,
	ARCHIVE_MISSING,    /* no such row */
	ARCHIVE_TOO_LARGE,  /* nothing, or a part of it, was written */
	ARCHIVE_CHANGED,    /* while it was read: begin again */
	ARCHIVE_UNREADABLE, /* a row: see error; a file: errno */
	ARCHIVE_UNWRITABLE  /* errno */
};

struct archive_row {
	const char *url;
	const char *statement; /* fetch.sql with its schema */
	const char *registry_id;
	uint64_t most; /* bytes */
	int64_t patience_ms;
	PGconn *connection; /* NULL to begin with */
	char error[512];
};

enum archive_answer archive_copy_row(struct archive_row *row, int out);

enum archive_answer archive_copy_file(int in, uint64_t most, int out);

#endif
