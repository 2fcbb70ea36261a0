/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a tar archive, compressed with bzip2, whose bytes follow from names,
 * contents and executable bits alone: one time for all entries, owner 0,
 * modes 0755 and 0644.
 */
#ifndef TAR_WRITER_H
#define TAR_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive;

struct tar_writer {
	int out;
	int64_t mtime;
	/* All of them after the end: of the archive, and of the tar in it. */
	uint64_t packed, unpacked;
	struct archive *archive;
};

/* Each: 0 or -1 with errno. */
int tar_writer_open(struct tar_writer *writer, int out, int64_t mtime);

int tar_writer_directory(struct tar_writer *writer, const char *path);

/*
 * A regular file: `size` bytes from the descriptor. EAGAIN: it has not as
 * many, or more; so it changed, and the archive is of no use.
 */
int tar_writer_file(struct tar_writer *writer, const char *path, int fd,
    uint64_t size, bool is_executable);

/* Writes the end of the archive. */
int tar_writer_close(struct tar_writer *writer);

/* Instead of that, after a failure: writes nothing more. */
void tar_writer_abandon(struct tar_writer *writer);

#endif
