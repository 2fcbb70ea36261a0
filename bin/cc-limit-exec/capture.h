/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output of any length in a file of bounded length: the first half of what
 * fits as it comes, the last half at the end, and between them a line that
 * says how many bytes were dropped. The compiler's first error and its last
 * word are both worth keeping.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stddef.h>
#include <stdint.h>

struct capture {
	int fd;
	size_t head_room; /* bytes of the head that are still free */
	char *ring;	  /* the last bytes after the head */
	size_t ring_size, ring_at, ring_used;
	uint64_t kept, dropped;
	char last_of_head;
};

/* Keeps at most `most` bytes (> 0) in fd. 0, or -1: no memory. */
int capture_open(struct capture *capture, int fd, size_t most);

/* Each: 0, or -1 with errno when the file cannot be written. */
int capture_add(struct capture *capture, const char *data, size_t length);
int capture_finish(struct capture *capture);

#endif
