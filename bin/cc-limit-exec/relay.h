/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output on its way to somebody who may not read it: a bounded buffer, and
 * writes that do not block. The descriptor was inherited, its O_NONBLOCK would
 * be everybody's, so pipes and terminals are opened anew; what cannot be
 * (a socket, a pipe of another user) is written to when poll(2) says that
 * there is room, no more at once than a pipe then takes.
 */
#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>
#include <stddef.h>

struct relay {
	int fd;
	bool is_own; /* opened anew */
	size_t start, used;
	char *buffer;
};

/* 0, or -1: no memory. */
int relay_open(struct relay *relay, int fd);
size_t relay_room(const struct relay *relay);

/* Takes data that fits. */
void relay_add(struct relay *relay, const char *data, size_t length);

/* For when poll(2) says that fd can be written. 0, or -1 with errno. */
int relay_write(struct relay *relay);

#endif
