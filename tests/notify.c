/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drive heard STATE: a manager that listens at $NOTIFY_SOCKET in this very
 * process; prints what lib/notify.c told it. drive send STATE: tells whoever
 * is there, prints errno. drive watchdog: prints the nanoseconds.
 */

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

static int
listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	strncpy(address.sun_path, name, sizeof address.sun_path - 1);
	socklen_t length =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	if (fd == -1 || bind(fd, (struct sockaddr *)&address, length) == -1)
		exit(111);
	return fd;
}

int
main(int argc, char **argv)
{
	char heard[200];

	if (argc == 2 && strcmp(argv[1], "watchdog") == 0) {
		printf("%" PRId64 "\n", notify_watchdog());
	} else if (argc == 3 && strcmp(argv[1], "send") == 0) {
		int result = notify(argv[2]);
		printf("%d %s\n", result, result == 0 ? "-" : strerror(errno));
	} else if (argc == 3 && strcmp(argv[1], "heard") == 0) {
		int fd = listen_at(getenv("NOTIFY_SOCKET"));
		if (notify(argv[2]) == -1)
			return 111;
		ssize_t n = recv(fd, heard, sizeof heard, MSG_DONTWAIT);
		printf("%.*s\n", (int)n, heard);
	} else {
		return 100;
	}
	return 0;
}
