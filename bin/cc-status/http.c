/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "http.h"

enum { DROPPED_MAX = 1 << 16 };

/* As read(2), but no later than `end`: -1 with ETIMEDOUT. */
static ssize_t
read_before(int in, void *data, size_t length, int64_t end)
{
	for (;;) {
		struct pollfd source = {in, POLLIN, 0};
		int64_t left = end - clock_now();
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		int n = poll(&source, 1, (int)(left / CLOCK_MS) + 1);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n != 1)
			continue;
		ssize_t got = read(in, data, length);
		if (got != -1 || (errno != EINTR && errno != EAGAIN))
			return got;
	}
}

/* Whether the head of the request is there: all up to an empty line. */
static bool
is_whole(const char *head)
{
	return strstr(head, "\r\n\r\n") != NULL || strstr(head, "\n\n") != NULL;
}

static enum http_status
read_head(int in, int64_t end, char head[static HTTP_HEAD_MAX + 1])
{
	size_t used = 0;

	head[0] = '\0';
	while (!is_whole(head)) {
		if (used == HTTP_HEAD_MAX)
			return HTTP_TOO_LARGE;
		ssize_t n =
		    read_before(in, head + used, HTTP_HEAD_MAX - used, end);
		if (n == -1 && errno == ETIMEDOUT)
			return used == 0 ? HTTP_NOTHING : HTTP_TIMED_OUT;
		if (n <= 0)
			return used == 0 || n == -1 ? HTTP_NOTHING :
						      HTTP_BAD_REQUEST;
		/* A NUL would hide from strstr what follows it. */
		if (memchr(head + used, '\0', (size_t)n) != NULL)
			return HTTP_BAD_REQUEST;
		used += (size_t)n;
		head[used] = '\0';
	}
	return HTTP_OK;
}

static enum http_status
parse_line(char *line, struct http_request *request)
{
	line[strcspn(line, "\r\n")] = '\0';
	const char *method = strsep(&line, " ");
	char *target = strsep(&line, " ");

	if (line == NULL || *target != '/' ||
	    (strcmp(line, "HTTP/1.1") != 0 && strcmp(line, "HTTP/1.0") != 0))
		return HTTP_BAD_REQUEST;
	request->is_head = strcmp(method, "HEAD") == 0;
	if (!request->is_head && strcmp(method, "GET") != 0)
		return HTTP_NOT_ALLOWED;
	target[strcspn(target, "?")] = '\0';
	snprintf(request->path, sizeof request->path, "%s", target);
	return HTTP_OK;
}

enum http_status
http_read(int in, int64_t end, struct http_request *request)
{
	char head[HTTP_HEAD_MAX + 1];

	*request = (struct http_request){.is_head = false};
	enum http_status status = read_head(in, end, head);
	return status == HTTP_OK ? parse_line(head, request) : status;
}

static const char *
phrase(enum http_status status)
{
	switch (status) {
	case HTTP_OK:
		return "OK";
	case HTTP_NOT_FOUND:
		return "Not Found";
	case HTTP_NOT_ALLOWED:
		return "Method Not Allowed";
	case HTTP_TIMED_OUT:
		return "Request Timeout";
	case HTTP_TOO_LARGE:
		return "Request Header Fields Too Large";
	case HTTP_UNAVAILABLE:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

int
http_answer(int out, enum http_status status, bool is_head, const char *type,
    const char *body)
{
	static const struct timeval patience = {5, 0};
	char *answer;
	int length = asprintf(&answer,
	    "HTTP/1.1 %d %s\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Length: %zu\r\n"
	    "%s"
	    "Cache-Control: no-store\r\n"
	    "Connection: close\r\n"
	    "\r\n%s",
	    (int)status, phrase(status), type, strlen(body),
	    status == HTTP_NOT_ALLOWED ? "Allow: GET, HEAD\r\n" : "",
	    is_head ? "" : body);

	if (length == -1)
		return -1;
	/* For a client that does not read; where it is no socket, in vain. */
	(void)setsockopt(
	    out, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	int result = write_all(out, answer, (size_t)length);
	free(answer);
	return result;
}

void
http_hang_up(int in, int out, int64_t end)
{
	char dropped[1024];
	size_t total = 0;
	ssize_t n;

	if (shutdown(out, SHUT_WR) == -1)
		return; /* no socket: it cannot be reset */
	while (total < DROPPED_MAX &&
	    (n = read_before(in, dropped, sizeof dropped, end)) > 0)
		total += (size_t)n;
}
