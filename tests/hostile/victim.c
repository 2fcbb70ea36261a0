/* SPDX-License-Identifier: Apache-2.0 */
/*
 * victim DIR: a process of the host with something to lose. It prints where
 * everything of it is as NAME=VALUE lines, then a line of a dot, and notes in
 * DIR/events whatever reaches it: signals, connections, datagrams. SIGTERM
 * ends it and clears away what would stay.
 */

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { SIGNALS, TCP, UDP, PATH, DATAGRAM, ABSTRACT, SOURCES };

struct victim {
	const char *directory;
	int events;
	struct pollfd sources[SOURCES];
	int shm, message, semaphore;
	char queue[64], key[64], file[64], abstract[64];
};

static void
note(const struct victim *victim, const char *what, unsigned number)
{
	dprintf(victim->events, "%s %u\n", what, number);
}

static int
internet(int type, const char *name)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&address, length) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 5) == -1))
		err(1, "cannot listen");
	printf("%s=%d\n", name, ntohs(address.sin_port));
	return fd;
}

static int
local(int type, const char *name, const char *variable)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, name, length);
	if (*name == '@')
		address.sun_path[0] = '\0';
	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length +
		    (*name == '@' ? 0 : 1))) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 5) == -1))
		err(1, "cannot listen on '%s'", name);
	printf("%s=%s\n", variable, name);
	return fd;
}

static int
signals(void)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	return signalfd(-1, &all, SFD_CLOEXEC);
}

static void
listen_everywhere(struct victim *victim)
{
	char path[100];
	int fds[SOURCES] = {[SIGNALS] = signals()};

	fds[TCP] = internet(SOCK_STREAM, "TCP_PORT");
	fds[UDP] = internet(SOCK_DGRAM, "UDP_PORT");
	snprintf(path, sizeof path, "%s/stream", victim->directory);
	fds[PATH] = local(SOCK_STREAM, path, "UNIX_PATH");
	snprintf(path, sizeof path, "%s/datagram", victim->directory);
	fds[DATAGRAM] = local(SOCK_DGRAM, path, "UNIX_DATAGRAM");
	fds[ABSTRACT] = local(SOCK_STREAM, victim->abstract, "UNIX_ABSTRACT");
	for (int i = 0; i < SOURCES; i++)
		victim->sources[i] =
		    (struct pollfd){.fd = fds[i], .events = POLLIN};
}

/* By name and number in the kernel, where no file's mode is asked. */
static void
share_memory(struct victim *victim, const char *secret)
{
	struct {
		long type;
		char text[64];
	} message = {.type = 1};

	victim->shm = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	char *shared = victim->shm == -1 ? NULL : shmat(victim->shm, NULL, 0);
	if (shared == NULL)
		err(1, "cannot share memory");
	strcpy(shared, secret);
	printf("SHM_ID=%d\n", victim->shm);
	victim->message = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	strcpy(message.text, secret);
	if (msgsnd(victim->message, &message, sizeof message.text, 0) == -1)
		err(1, "cannot send a message");
	printf("MSG_ID=%d\n", victim->message);
	victim->semaphore = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	printf("SEM_ID=%d\n", victim->semaphore);
	mqd_t queue = mq_open(victim->queue, O_RDWR | O_CREAT, 0600, NULL);
	if (queue == -1 || mq_send(queue, secret, strlen(secret), 0) == -1)
		err(1, "cannot make a message queue");
	printf("MQ_NAME=%s\n", victim->queue);
	int fd = shm_open(victim->file, O_RDWR | O_CREAT, 0600);
	if (fd == -1 || write(fd, secret, strlen(secret)) == -1)
		err(1, "cannot write to /dev/shm");
	printf("SHM_NAME=%s\n", victim->file);
}

static void
keep_key(const struct victim *victim, const char *secret)
{
	long id = syscall(
	    SYS_add_key, "user", victim->key, secret, strlen(secret), -4);

	printf("KEY_ID=%ld\nKEY_NAME=%s\n", id, victim->key);
}

/* A file that has no name any more. */
static void
keep_descriptor(const char *secret)
{
	int fd = memfd_create("secret", MFD_CLOEXEC);

	if (fd == -1 || write(fd, secret, strlen(secret)) == -1)
		err(1, "cannot write a secret");
	printf("SECRET_FD=%d\nSECRET_ADDRESS=%p\n", fd, (const void *)secret);
}

/* What was changed by way of a number shows in the numbers. */
static void
end(const struct victim *victim)
{
	(void)shmctl(victim->shm, IPC_RMID, NULL);
	(void)msgctl(victim->message, IPC_RMID, NULL);
	(void)semctl(victim->semaphore, 0, IPC_RMID);
	(void)mq_unlink(victim->queue);
	(void)shm_unlink(victim->file);
	exit(0);
}

static void
look(const struct victim *victim, int source)
{
	static const char *const names[] = {
	    "signal", "tcp", "udp", "unix", "datagram", "abstract"};
	struct signalfd_siginfo information;
	char byte;
	int fd = victim->sources[source].fd;

	if (source == SIGNALS) {
		(void)!read(fd, &information, sizeof information);
		if (information.ssi_signo == SIGTERM &&
		    information.ssi_pid == (uint32_t)getppid())
			end(victim);
		note(victim, "signal", information.ssi_signo);
	} else if (source == UDP || source == DATAGRAM) {
		(void)!read(fd, &byte, 1);
		note(victim, names[source], 0);
	} else {
		(void)close(accept(fd, NULL, NULL));
		note(victim, names[source], 0);
	}
}

int
main(int argc, char **argv)
{
	struct victim victim = {.directory = argv[1]};
	char path[200];

	if (argc != 3)
		errx(1, "usage: victim dir secret");
	snprintf(path, sizeof path, "%s/events", victim.directory);
	victim.events = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	snprintf(victim.queue, sizeof victim.queue, "/hostile-%d", getpid());
	snprintf(victim.file, sizeof victim.file, "hostile-%d", getpid());
	snprintf(victim.key, sizeof victim.key, "hostile-%d", getpid());
	snprintf(
	    victim.abstract, sizeof victim.abstract, "@hostile-%d", getpid());
	printf("VICTIM_PID=%d\n", getpid());
	listen_everywhere(&victim);
	share_memory(&victim, argv[2]);
	keep_key(&victim, argv[2]);
	keep_descriptor(argv[2]);
	printf(".\n");
	(void)fclose(stdout);
	while (poll(victim.sources, SOURCES, -1) > 0)
		for (int i = 0; i < SOURCES; i++)
			if (victim.sources[i].revents != 0)
				look(&victim, i);
	return 1;
}
