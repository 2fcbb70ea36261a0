/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "relay.h"

enum { RELAY_SIZE = 65536 };

/* A description of its own, or -1. A regular file never blocks, and opened
 * anew it would be written from its beginning. */
static int
open_anew(int fd)
{
	char path[32];
	struct stat st;

	if (fstat(fd, &st) == -1 ||
	    (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)))
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int
relay_open(struct relay *relay, int fd)
{
	int own = open_anew(fd);

	*relay = (struct relay){.fd = own != -1 ? own : fd,
	    .is_own = own != -1,
	    .buffer = malloc(RELAY_SIZE)};
	return relay->buffer == NULL ? -1 : 0;
}

size_t
relay_room(const struct relay *relay)
{
	return RELAY_SIZE - relay->used;
}

void
relay_add(struct relay *relay, const char *data, size_t length)
{
	if (relay->start + relay->used + length > RELAY_SIZE) {
		memmove(
		    relay->buffer, relay->buffer + relay->start, relay->used);
		relay->start = 0;
	}
	memcpy(relay->buffer + relay->start + relay->used, data, length);
	relay->used += length;
}

int
relay_write(struct relay *relay)
{
	size_t length = relay->used;

	if (!relay->is_own && length > PIPE_BUF)
		length = PIPE_BUF;
	ssize_t n = write(relay->fd, relay->buffer + relay->start, length);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	relay->start += (size_t)n;
	relay->used -= (size_t)n;
	return 0;
}
