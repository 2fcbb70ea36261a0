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
	ARCHIVE_MISSING,   /* no such row */
	ARCHIVE_TOO_LARGE, /* nothing, or a part of it, was written */
	ARCHIVE_CHANGED,   /* while it was read: begin again */
	ARCHIVE_DAMAGED, /* this one alone; a row: see its error; a file: errno */
	ARCHIVE_UNREADABLE, /* see the database's error */
	ARCHIVE_UNWRITABLE  /* errno */
};

struct archive_row {
	struct database *database;
	const char *statement; /* fetch.sql or artifact.sql */
	const char *registry_id;
	uint64_t most; /* bytes */
};

enum archive_answer archive_copy_row(const struct archive_row *row, int out);

enum archive_answer archive_copy_file(int in, uint64_t most, int out);

#endif
