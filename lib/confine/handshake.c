/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/files.h"
#include "handshake.h"

/* The first byte of a record; the rest is its text or its number. */
enum kind {
	KIND_DIRECTORY = 'd',
	KIND_LEFT = 'l', /* where it can be taken, when it cannot be sent */
	KIND_TAKEN = 't',
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

union received_control {
	char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	struct cmsghdr aligned;
};

/* The first end is told which process sends. */
int
handshake_pair(int sockets[2])
{
	const int yes = 1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) ==
	    -1)
		return -1;
	if (setsockopt(sockets[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) ==
	    0)
		return 0;
	close_keeping_errno(sockets[0]);
	close_keeping_errno(sockets[1]);
	return -1;
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

/* Says which descriptor it is, and waits until the other end has it. */
static int
leave_directory(int socket, int directory)
{
	struct record record = {.kind = KIND_LEFT, .number = directory};
	ssize_t n;

	if (send_record(socket, &record) == -1)
		return -1;
	while ((n = recv(socket, &record, sizeof record, 0)) == -1 &&
	    errno == EINTR)
		continue;
	if (n == -1)
		return -1;
	errno = n == sizeof record && record.kind == KIND_TAKEN ?
	    record.number :
	    EPIPE;
	return errno == 0 ? 0 : -1;
}

static int
send_descriptor(int socket, int directory)
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

/*
 * Descriptors that are under way count for the user: another process of his
 * that has enough of them under way keeps us from sending one.
 */
int
handshake_send_directory(int socket, int directory)
{
	if (send_descriptor(socket, directory) == 0)
		return 0;
	return errno == ETOOMANYREFS ? leave_directory(socket, directory) : -1;
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

/* What came with a message: a descriptor, or -1, and the sender, or 0. */
static int
passed_descriptor(struct msghdr *message, pid_t *sender)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	struct ucred credentials;
	int fd = -1;

	*sender = 0;
	for (; header != NULL; header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET)
			continue;
		if (header->cmsg_type == SCM_RIGHTS &&
		    header->cmsg_len == CMSG_LEN(sizeof fd))
			memcpy(&fd, CMSG_DATA(header), sizeof fd);
		if (header->cmsg_type == SCM_CREDENTIALS &&
		    header->cmsg_len == CMSG_LEN(sizeof credentials)) {
			memcpy(&credentials, CMSG_DATA(header),
			    sizeof credentials);
			*sender = credentials.pid;
		}
	}
	return fd;
}

/* Out of the process that waits for us to have it. */
static int
take_directory(int socket, pid_t sender, int number)
{
	char path[64];
	struct record record = {.kind = KIND_TAKEN};

	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)sender, number);
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		record.number = errno;
	(void)send_record(socket, &record);
	return fd;
}

static void
note_directory(struct handshake *handshake, int fd)
{
	if (fd == -1)
		return;
	close_keeping_errno(handshake->directory);
	handshake->directory = fd;
}

static void
note(struct handshake *handshake, const struct record *record)
{
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

/* 1, 0 there is none, -1. */
static int
receive_record(int socket, struct record *record, int *fd, pid_t *sender)
{
	struct iovec part = {record, sizeof *record};
	union received_control control;
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof control.bytes};
	ssize_t n;

	do
		n = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	if (n != sizeof *record)
		return 0;
	*fd = passed_descriptor(&message, sender);
	return 1;
}

int
handshake_receive(int socket, struct handshake *handshake)
{
	struct record record;
	int fd, result;
	pid_t sender;

	while ((result = receive_record(socket, &record, &fd, &sender)) == 1) {
		if (record.kind == KIND_LEFT)
			fd = take_directory(socket, sender, record.number);
		note_directory(handshake, fd);
		note(handshake, &record);
	}
	if (result == -1)
		return -1;
	handshake->has_begun =
	    handshake->is_ready && handshake->exec_errno == 0;
	return 0;
}
