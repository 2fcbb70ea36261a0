/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP request on a descriptor and its answer on another, as inetd(8) and
 * systemd's Accept=yes give them to a program. The client is a stranger: what
 * is read, and how long it may take, is bounded.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HTTP_HEAD_MAX = 8192, /* bytes of a request's lines */
	HTTP_PATH = 64
};

enum http_status {
	HTTP_NOTHING = 0, /* the client went away, or never spoke */
	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_NOT_FOUND = 404,
	HTTP_NOT_ALLOWED = 405,
	HTTP_TIMED_OUT = 408,
	HTTP_TOO_LARGE = 431,
	HTTP_UNAVAILABLE = 503
};

struct http_request {
	bool is_head;	      /* HEAD: the answer has no body */
	char path[HTTP_PATH]; /* without the query; cut: no path of ours */
};

/*
 * Reads a request until the moment `end` (clock.h). HTTP_OK, or what to
 * answer instead of serving it; any body is left unread.
 */
enum http_status http_read(int in, int64_t end, struct http_request *request);

/* Writes the answer. 0, or -1 with errno. */
int http_answer(int out, enum http_status status, bool is_head,
    const char *type, const char *body);

/*
 * Reads and drops what the client still sends, until it hangs up, `end`, or
 * enough: a socket that is closed with input left resets the connection, and
 * the client may lose the answer.
 */
void http_hang_up(int in, int out, int64_t end);

#endif
