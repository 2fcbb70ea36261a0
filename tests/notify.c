/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drive heard STATE: a manager that listens at $NOTIFY_SOCKET in this very
 * process; prints what lib/base/notify.c told it. drive listen: prints what others
 * tell it, a line each. drive send STATE: tells whoever is there, prints errno.
 * drive watchdog: prints the nanoseconds.
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

#include "base/notify.h"

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

static int
print_next(int fd, int flags)
{
	char heard[1000];
	ssize_t n = recv(fd, heard, sizeof heard, flags);

	if (n == -1)
		return -1;
	printf("%.*s\n", (int)n, heard);
	return fflush(stdout);
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "watchdog") == 0) {
		printf("%" PRId64 "\n", notify_watchdog());
	} else if (argc == 3 && strcmp(argv[1], "send") == 0) {
		int result = notify(argv[2]);
		printf("%d %s\n", result, result == 0 ? "-" : strerror(errno));
	} else if (argc == 3 && strcmp(argv[1], "heard") == 0) {
		int fd = listen_at(getenv("NOTIFY_SOCKET"));
		if (notify(argv[2]) == -1)
			return 111;
		return print_next(fd, MSG_DONTWAIT) == 0 ? 0 : 111;
	} else if (argc == 2 && strcmp(argv[1], "listen") == 0) {
		int fd = listen_at(getenv("NOTIFY_SOCKET"));
		while (print_next(fd, 0) == 0)
			;
	} else {
		return 100;
	}
	return 0;
}
