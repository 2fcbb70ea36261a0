/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handshake.h"

/* The first byte of a record; the rest is its text or its number. */
enum kind {
	KIND_DIRECTORY = 'd',
	KIND_READY = 'r',
	KIND_ERROR = 'e',
	KIND_EXEC = 'x'
};

struct record {
	char kind;
	int number;
	char text[400];
};

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr aligned;
};

int
handshake_pair(int sockets[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets);
}

/* By send(2): a confined program may not use the one that carries descriptors. */
static int
send_record(int socket, const struct record *record)
{
	for (;;) {
		if (send(socket, record, sizeof *record, MSG_NOSIGNAL) != -1)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

int
handshake_send_directory(int socket, int directory)
{
	struct record record = {.kind = KIND_DIRECTORY};
	struct iovec part = {&record, sizeof record};
	union control control = {{0}};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof control.bytes};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof directory);
	memcpy(CMSG_DATA(header), &directory, sizeof directory);
	for (;;) {
		if (sendmsg(socket, &message, MSG_NOSIGNAL) != -1)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

int
handshake_send_ready(int socket)
{
	return send_record(socket, &(struct record){.kind = KIND_READY});
}

int
handshake_send_error(int socket, const char *error)
{
	struct record record = {.kind = KIND_ERROR};

	snprintf(record.text, sizeof record.text, "%s", error);
	return send_record(socket, &record);
}

int
handshake_send_exec_errno(int socket, int exec_errno)
{
	return send_record(
	    socket, &(struct record){.kind = KIND_EXEC, .number = exec_errno});
}

/* The descriptor that came with a message, or -1. */
static int
passed_descriptor(struct msghdr *message)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd;

	if (header == NULL || header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof fd))
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

static void
note(struct handshake *handshake, const struct record *record, int fd)
{
	if (fd != -1) {
		if (handshake->directory != -1)
			(void)close(handshake->directory);
		handshake->directory = fd;
	}
	switch (record->kind) {
	case KIND_READY:
		handshake->is_ready = true;
		break;
	case KIND_ERROR:
		snprintf(handshake->error, sizeof handshake->error, "%.*s",
		    (int)sizeof record->text, record->text);
		break;
	case KIND_EXEC:
		handshake->exec_errno = record->number;
		break;
	default:
		break;
	}
}

int
handshake_receive(int socket, struct handshake *handshake)
{
	for (;;) {
		struct record record;
		struct iovec part = {&record, sizeof record};
		union control control;
		struct msghdr message = {.msg_iov = &part,
		    .msg_iovlen = 1,
		    .msg_control = &control,
		    .msg_controllen = sizeof control.bytes};
		ssize_t n =
		    recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			return -1;
		if (n != sizeof record)
			break;
		note(handshake, &record, passed_descriptor(&message));
	}
	handshake->has_begun =
	    handshake->is_ready && handshake->exec_errno == 0;
	return 0;
}
