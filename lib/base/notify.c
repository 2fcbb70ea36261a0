/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"
#include "notify.h"
#include "parse.h"

/* The length of the address, or 0 with errno. */
static socklen_t
socket_address(const char *name, struct sockaddr_un *address)
{
	size_t length = strlen(name);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((*name != '/' && *name != '@') || length == 1) {
		errno = EAFNOSUPPORT;
		return 0;
	}
	if (length >= sizeof address->sun_path) {
		errno = ENAMETOOLONG;
		return 0;
	}
	memcpy(address->sun_path, name, length);
	/* An abstract name has no NUL at its end, but one in front. */
	if (*name == '@')
		address->sun_path[0] = '\0';
	else
		length++;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

int
notify(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	const struct timeval patience = {.tv_sec = 1};
	struct sockaddr_un address;

	if (name == NULL || *name == '\0')
		return 0;
	socklen_t length = socket_address(name, &address);
	int fd =
	    length == 0 ? -1 : socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&address, length);
	close_keeping_errno(fd);
	return sent == -1 ? -1 : 0; /* a datagram goes whole or not at all */
}

int64_t
notify_watchdog(void)
{
	const char *interval = getenv("WATCHDOG_USEC");
	const char *watched = getenv("WATCHDOG_PID");
	uint64_t us, pid;

	if (interval == NULL ||
	    parse_count(interval, 1, INT64_MAX / 1000, &us) == -1)
		return 0;
	/* The variables are inherited; the watch is not. */
	if (watched != NULL &&
	    (parse_count(watched, 1, INT64_MAX, &pid) == -1 ||
		(pid_t)pid != getpid()))
		return 0;
	return (int64_t)us * 1000;
}
