/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cut-proxy LISTEN UPSTREAM cut|swallow|late|silent WORD: a proxy between a
 * PostgreSQL client and its server, both on Unix sockets, that loses one
 * answer. The first statement that has WORD in it reaches the server; its
 * answer is read to the end, so that the transaction is over, and then
 *   cut      the connection is closed
 *   swallow  the connection stays open and nothing comes through it any more
 * All else, before and after, goes through. With late the connection is
 * closed at once, and the statement reaches the server when a file
 * LISTEN.late appears. With silent nothing ever comes through.
 */

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof address.sun_path)
		errx(100, "'%s' is too long", path);
	strcpy(address.sun_path, path);
	return address;
}

static int
connect_to(const char *path)
{
	struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof address) == -1)
		err(111, "cannot connect to '%s'", path);
	return fd;
}

/* Whether the last thing the server said is ReadyForQuery, idle. */
static bool
is_over(const char *data, ssize_t n)
{
	return n >= 6 && memcmp(data + n - 6, "Z\0\0\0\5I", 6) == 0;
}

/* Sends what was held back, and waits until the server has done it. */
static void
deliver_late(int server, const char *path, const char *data, size_t n)
{
	char late[200], answer[1 << 16];
	ssize_t got;

	(void)snprintf(late, sizeof late, "%s.late", path);
	while (access(late, F_OK) == -1)
		(void)poll(NULL, 0, 10);
	if (write(server, data, n) != (ssize_t)n)
		err(111, "cannot write to the server");
	do
		got = read(server, answer, sizeof answer);
	while (got > 0 && !is_over(answer, got));
	(void)snprintf(late, sizeof late, "%s.done", path);
	(void)close(open(late, O_WRONLY | O_CREAT, 0600));
}

static void
relay(int client, int server, char **argv, bool *is_done)
{
	const char *mode = argv[3], *word = argv[4];
	char data[1 << 16];
	bool is_losing = false;

	for (;;) {
		struct pollfd fds[] = {
		    {client, POLLIN, 0}, {server, POLLIN, 0}};
		if (poll(fds, 2, -1) == -1)
			err(111, "cannot wait");
		if (fds[0].revents != 0) {
			ssize_t n = read(client, data, sizeof data);
			if (n <= 0)
				return;
			if (!*is_done &&
			    memmem(data, (size_t)n, word, strlen(word)))
				*is_done = is_losing = true;
			if (is_losing && strcmp(mode, "late") == 0) {
				(void)close(client);
				deliver_late(server, argv[1], data, (size_t)n);
				return;
			}
			if (write(server, data, (size_t)n) != n)
				return;
		}
		if (fds[1].revents != 0) {
			ssize_t n = read(server, data, sizeof data);
			if (n <= 0)
				return;
			if (!is_losing && write(client, data, (size_t)n) != n)
				return;
			if (is_losing && is_over(data, n)) {
				if (strcmp(mode, "cut") == 0)
					return;
				pause();
			}
		}
	}
}

int
main(int argc, char **argv)
{
	if (argc != 5)
		errx(100, "usage: cut-proxy listen upstream mode word");
	struct sockaddr_un address = address_of(argv[1]);
	bool *is_done = mmap(NULL, sizeof *is_done, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (is_done == MAP_FAILED || listener == -1)
		err(111, "cannot start");
	(void)signal(SIGCHLD, SIG_IGN);
	(void)unlink(argv[1]);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) == -1 ||
	    listen(listener, 16) == -1)
		err(111, "cannot listen on '%s'", argv[1]);
	for (;;) {
		int client = accept(listener, NULL, NULL);
		if (client == -1)
			continue;
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (strcmp(argv[3], "silent") == 0)
				pause();
			relay(client, connect_to(argv[2]), argv, is_done);
			_exit(0);
		}
		(void)close(client);
	}
}
