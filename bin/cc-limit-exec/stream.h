/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command's stdout or stderr, seen from the program that runs it: not
 * seen at all, kept in a file, or passed on. The command writes into a pipe
 * that is emptied whatever becomes of the data, so a file that is full never
 * keeps it waiting; only a reader who does not read does.
 */
#ifndef STREAM_H
#define STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture.h"
#include "relay.h"

enum stream_kind { STREAM_PASSES, STREAM_KEPT, STREAM_RELAYED };

struct stream {
	enum stream_kind kind;
	int pipe;    /* to read from; -1: nothing comes any more */
	int command; /* the command's end, until stream_started */
	bool is_last_call;
	size_t rest; /* after the last call: what still comes */
	uint64_t kept, dropped;
	struct capture capture;
	struct relay relay;
};

/* Each: 0, or -1 with errno. */
int stream_keep(struct stream *stream, int file, size_t most);
int stream_relay(struct stream *stream, int fd);

/* The command has its end of the pipe. */
void stream_started(struct stream *stream);

/* What to poll for: the pipe, and the reader. */
void stream_poll(const struct stream *stream, struct pollfd fds[2]);

/*
 * Moves what can be moved now. 1 when the command has written something, 0
 * when not, -1 with errno when it cannot be kept.
 */
int stream_move(struct stream *stream, const struct pollfd fds[2]);

/*
 * Nobody writes any more who should: what is in the pipe now is the end, also
 * where a stranger holds the pipe open. 0, or -1 with errno.
 */
int stream_last_call(struct stream *stream);

/* Whether nothing is left to move. */
bool stream_is_done(const struct stream *stream);

/* Gives up what is left to move. 0, or -1 with errno when it cannot be kept. */
int stream_finish(struct stream *stream);

#endif
