/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An archive's bytes without their compression (bzip2, gzip, or none), block
 * by block in constant memory, counted while they come. What is damaged, cut
 * off, compressed twice, followed by anything, or larger than a limit is
 * refused.
 */
#ifndef ARCHIVE_STREAM_H
#define ARCHIVE_STREAM_H

#include <stdint.h>
#include <sys/types.h>

#include "archive_limits.h"
#include "refusal.h"

enum { ARCHIVE_BLOCK = 1 << 16 };

struct archive_stream {
	/* To be set before archive_stream_open. */
	int fd;
	struct archive_limits limits;
	struct refusal *refusal;
	/*
	 * Called before each read of fd, to wait for it, and with -1 before
	 * each block. 0 to go on, or -1 with errno.
	 */
	int (*wait)(void *context, int fd);
	void *context;

	struct archive *archive;
	uint64_t size;	   /* of a regular file, else 0: known at the end */
	uint64_t packed;   /* read so far */
	uint64_t unpacked; /* handed out or counted so far */
	int error;	   /* why reading failed, or 0 */
	char buffer[ARCHIVE_BLOCK];
};

/* Reads the first bytes. 0, or -1: see refusal.h. */
int archive_stream_open(struct archive_stream *stream);

/* The next bytes, valid until the next call; their number, 0: end, or -1. */
ssize_t archive_stream_block(struct archive_stream *stream, const char **block);

/* Counts bytes that the archive stands for and does not hold. 0 or -1. */
int archive_stream_count(struct archive_stream *stream, uint64_t bytes);

void archive_stream_close(struct archive_stream *stream);

#endif
