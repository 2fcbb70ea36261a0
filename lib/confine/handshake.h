/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the last trusted step before a command tells the program that started
 * it, over a Unix socket that closes when the command begins: so "the sandbox
 * failed" is told from "the command failed", whatever the command does, and a
 * descriptor of a directory of the sandbox comes out. One record a message.
 */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <stdbool.h>

struct handshake {
	bool is_ready;	 /* every layer is in place */
	bool has_begun;	 /* and the command runs, or ran */
	int exec_errno;	 /* ready, but exec failed: why; else 0 */
	int directory;	 /* O_PATH, close-on-exec; -1: none came */
	char error[400]; /* why it is not ready; may be empty */
};

/*
 * A pair of sockets, close-on-exec: the first receives, the second sends. 0 or
 * -1 with errno.
 */
int handshake_pair(int sockets[2]);

/* Each: 0 or -1 with errno. */
int handshake_send_directory(int socket, int directory);
int handshake_send_ready(int socket);
int handshake_send_error(int socket, const char *error);
int handshake_send_exec_errno(int socket, int exec_errno);

/*
 * Adds to *handshake, at first HANDSHAKE_NONE, what was sent since the last
 * call, without waiting. 0, or -1 with errno.
 */
#define HANDSHAKE_NONE ((struct handshake){.directory = -1})
int handshake_receive(int socket, struct handshake *handshake);

#endif
