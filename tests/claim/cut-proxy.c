/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cut-proxy LISTEN UPSTREAM MODE WORD: a proxy between a PostgreSQL client
 * and its server, both on Unix sockets, that spoils the first statement that
 * has WORD in it; all else, before and after, goes through. Its answer is
 * read to the end, so that the transaction is over, and then, by MODE:
 *   cut      the connection is closed
 *   swallow  the connection stays open and nothing comes through any more
 *   slow     LISTEN.held appears, and after LISTEN.go has, the answer goes on
 * or, with late, the connection is closed first, and the statement reaches
 * the server after LISTEN.go has appeared. LISTEN.done says that it is over.
 * With silent nothing ever comes through.
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

/* Makes the file LISTEN.suffix, or waits for it. */
static void
mark(const char *listen, const char *suffix, bool is_awaited)
{
	char path[200];

	(void)snprintf(path, sizeof path, "%s.%s", listen, suffix);
	if (!is_awaited)
		(void)close(open(path, O_WRONLY | O_CREAT, 0600));
	while (is_awaited && access(path, F_OK) == -1)
		(void)poll(NULL, 0, 10);
}

struct relay {
	int client, server;
	const char *listen, *mode, *word;
	bool *is_done; /* of all connections */
	bool is_losing;
	char data[1 << 16];
};

static bool
has_mode(const struct relay *r, const char *mode)
{
	return strcmp(r->mode, mode) == 0;
}

static void
deliver_late(struct relay *r, size_t length)
{
	ssize_t n;

	(void)close(r->client);
	mark(r->listen, "go", true);
	if (write(r->server, r->data, length) != (ssize_t)length)
		err(111, "cannot write to the server");
	do
		n = read(r->server, r->data, sizeof r->data);
	while (n > 0 && !is_over(r->data, n));
	mark(r->listen, "done", false);
}

/* Each: whether the connection goes on. */
static bool
hear_client(struct relay *r)
{
	ssize_t n = read(r->client, r->data, sizeof r->data);

	if (n <= 0)
		return false;
	if (!*r->is_done &&
	    memmem(r->data, (size_t)n, r->word, strlen(r->word)) != NULL)
		*r->is_done = r->is_losing = true;
	if (r->is_losing && has_mode(r, "late")) {
		deliver_late(r, (size_t)n);
		return false;
	}
	return write(r->server, r->data, (size_t)n) == n;
}

static bool
hear_server(struct relay *r)
{
	ssize_t n = read(r->server, r->data, sizeof r->data);

	if (n <= 0)
		return false;
	if (r->is_losing && !is_over(r->data, n))
		return true; /* slow: an answer in one piece, then */
	if (r->is_losing && (has_mode(r, "cut") || has_mode(r, "swallow"))) {
		mark(r->listen, "done", false);
		if (has_mode(r, "swallow"))
			pause();
		return false;
	}
	if (r->is_losing) {
		mark(r->listen, "held", false);
		mark(r->listen, "go", true);
	}
	bool is_written = write(r->client, r->data, (size_t)n) == n;
	if (r->is_losing)
		mark(r->listen, "done", false);
	r->is_losing = false;
	return is_written;
}

static void
relay(struct relay *r)
{
	bool is_open = true;

	while (is_open) {
		struct pollfd fds[] = {
		    {r->client, POLLIN, 0}, {r->server, POLLIN, 0}};
		if (poll(fds, 2, -1) == -1)
			err(111, "cannot wait");
		if (fds[0].revents != 0)
			is_open = hear_client(r);
		if (is_open && fds[1].revents != 0)
			is_open = hear_server(r);
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
			struct relay r = {.client = client,
			    .server = connect_to(argv[2]),
			    .listen = argv[1],
			    .mode = argv[3],
			    .word = argv[4],
			    .is_done = is_done};
			relay(&r);
			_exit(0);
		}
		(void)close(client);
	}
}
