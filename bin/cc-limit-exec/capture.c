/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "capture.h"

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

int
capture_open(struct capture *capture, int fd, size_t most)
{
	size_t head = most / 2;

	/* Pages of the ring that nothing is written to cost nothing. */
	*capture = (struct capture){.fd = fd,
	    .head_room = head,
	    .ring = malloc(most - head),
	    .ring_size = most - head,
	    .last_of_head = '\n'};
	return capture->ring == NULL ? -1 : 0;
}

static int
add_to_head(struct capture *capture, const char *data, size_t length)
{
	if (length == 0)
		return 0;
	if (write_all(capture->fd, data, length) == -1)
		return -1;
	capture->head_room -= length;
	capture->last_of_head = data[length - 1];
	capture->kept += length;
	return 0;
}

static void
add_to_ring(struct capture *capture, const char *data, size_t length)
{
	/* Of more than fits, only the end counts. */
	size_t skipped = length - smaller(length, capture->ring_size);

	data += skipped;
	length -= skipped;
	size_t room = capture->ring_size - capture->ring_used;
	size_t lost = length - smaller(length, room);
	capture->dropped += skipped + lost;
	capture->ring_used += length - lost;
	while (length > 0) {
		size_t part =
		    smaller(length, capture->ring_size - capture->ring_at);
		memcpy(capture->ring + capture->ring_at, data, part);
		capture->ring_at =
		    (capture->ring_at + part) % capture->ring_size;
		data += part;
		length -= part;
	}
}

int
capture_add(struct capture *capture, const char *data, size_t length)
{
	size_t head = smaller(length, capture->head_room);

	if (add_to_head(capture, data, head) == -1)
		return -1;
	add_to_ring(capture, data + head, length - head);
	return 0;
}

static int
tell_dropped(const struct capture *capture)
{
	char line[64];

	if (capture->dropped == 0)
		return 0;
	int n = snprintf(line, sizeof line, "%s[%" PRIu64 " byte%s dropped]\n",
	    capture->last_of_head == '\n' ? "" : "\n", capture->dropped,
	    capture->dropped == 1 ? "" : "s");
	return write_all(capture->fd, line, (size_t)n);
}

int
capture_finish(struct capture *capture)
{
	/* Full, the oldest byte is where the next one would go. */
	size_t start =
	    capture->ring_used < capture->ring_size ? 0 : capture->ring_at;
	size_t first = capture->ring_used - start;

	if (tell_dropped(capture) == -1 ||
	    write_all(capture->fd, capture->ring + start, first) == -1 ||
	    write_all(capture->fd, capture->ring, start) == -1)
		return -1;
	capture->kept += capture->ring_used;
	free(capture->ring);
	capture->ring = NULL;
	return 0;
}
