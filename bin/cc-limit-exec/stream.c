/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "stream.h"

enum { AT_ONCE = 65536 };

/* O_NONBLOCK belongs to our end alone; the command's blocks, as it expects. */
static int
open_pipe(struct stream *stream)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	stream->pipe = ends[0];
	stream->command = ends[1];
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int
stream_keep(struct stream *stream, int file, size_t most)
{
	stream->kind = STREAM_KEPT;
	if (capture_open(&stream->capture, file, most) == -1)
		return -1;
	return open_pipe(stream);
}

int
stream_relay(struct stream *stream, int fd)
{
	stream->kind = STREAM_RELAYED;
	if (relay_open(&stream->relay, fd) == -1)
		return -1;
	return open_pipe(stream);
}

void
stream_started(struct stream *stream)
{
	if (stream->kind == STREAM_PASSES)
		return;
	(void)close(stream->command);
	stream->command = -1;
}

static bool
has_room(const struct stream *stream)
{
	return stream->kind == STREAM_KEPT || relay_room(&stream->relay) > 0;
}

static bool
has_backlog(const struct stream *stream)
{
	return stream->kind == STREAM_RELAYED && stream->relay.used > 0;
}

void
stream_poll(const struct stream *stream, struct pollfd fds[2])
{
	fds[0] = fds[1] = (struct pollfd){.fd = -1};
	if (stream->kind == STREAM_PASSES)
		return;
	if (stream->pipe != -1 && !stream->is_last_call && has_room(stream))
		fds[0] = (struct pollfd){stream->pipe, POLLIN, 0};
	if (has_backlog(stream))
		fds[1] = (struct pollfd){stream->relay.fd, POLLOUT, 0};
}

static void
close_pipe(struct stream *stream)
{
	(void)close(stream->pipe);
	stream->pipe = -1;
}

/* The command, when it goes on writing, gets what a broken pipe gives. */
static void
give_up(struct stream *stream)
{
	stream->dropped += stream->relay.used;
	stream->kept -= stream->relay.used;
	stream->relay.used = 0;
	if (stream->pipe != -1)
		close_pipe(stream);
}

static int
put(struct stream *stream, const char *data, size_t length)
{
	if (stream->kind == STREAM_KEPT)
		return capture_add(&stream->capture, data, length);
	relay_add(&stream->relay, data, length);
	stream->kept += length;
	return 0;
}

/* One read: 1 when there was something, 0 when not, -1 with errno. */
static int
take(struct stream *stream)
{
	char data[AT_ONCE];
	size_t most = sizeof data;

	if (stream->kind == STREAM_RELAYED && relay_room(&stream->relay) < most)
		most = relay_room(&stream->relay);
	if (stream->is_last_call && stream->rest < most)
		most = stream->rest;
	ssize_t n = read(stream->pipe, data, most);
	if (n == -1 && errno == EAGAIN && !stream->is_last_call)
		return 0;
	if (n <= 0) {
		close_pipe(stream);
		return 0;
	}
	stream->rest -= stream->is_last_call ? (size_t)n : 0;
	return put(stream, data, (size_t)n) == -1 ? -1 : 1;
}

/* What was in the pipe at the last call; in portions, as the reader reads. */
static int
take_rest(struct stream *stream)
{
	while (stream->pipe != -1 && has_room(stream))
		if (take(stream) == -1)
			return -1;
	return 0;
}

int
stream_move(struct stream *stream, const struct pollfd fds[2])
{
	if (fds[1].revents != 0 && relay_write(&stream->relay) == -1)
		give_up(stream);
	if (stream->is_last_call)
		return take_rest(stream);
	return fds[0].revents != 0 && stream->pipe != -1 ? take(stream) : 0;
}

int
stream_last_call(struct stream *stream)
{
	int rest = 0;

	if (stream->pipe == -1)
		return 0;
	if (ioctl(stream->pipe, FIONREAD, &rest) == -1)
		return -1;
	stream->is_last_call = true;
	stream->rest = (size_t)rest;
	return take_rest(stream);
}

bool
stream_is_done(const struct stream *stream)
{
	return stream->pipe == -1 && !has_backlog(stream);
}

int
stream_finish(struct stream *stream)
{
	if (stream->kind == STREAM_RELAYED)
		give_up(stream);
	if (stream->kind != STREAM_KEPT)
		return 0;
	int result = capture_finish(&stream->capture);
	stream->kept = stream->capture.kept;
	stream->dropped = stream->capture.dropped;
	return result;
}
