/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attempt NAME [ARG ...]: tries one thing that a sandbox may refuse, and
 * prints "ok" or the name of the errno. Numbers are C's, so 0x10 and 04755
 * do. What it prints is what a hostile program would get.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static long
number(const char *text)
{
	char *end;
	long value = (long)strtoull(text, &end, 0);

	if (*end != '\0')
		errx(1, "no number: %s", text);
	return value;
}

/* Every name with the errno that it gives on nonsense. */
static long
try_calls(char **names)
{
	for (; *names != NULL; names++) {
		int call = seccomp_syscall_resolve_name(*names);
		if (call < 0)
			errx(1, "no call: %s", *names);
		long result = syscall(call, -1, -1, -1, -1, -1, -1);
		printf("%s %s\n", *names,
		    result == -1 ? strerrorname_np(errno) : "ok");
		fflush(stdout);
	}
	exit(0);
}

/* A raw call by number, further arguments as given. */
static long
try_number(char **args)
{
	long values[7] = {0};

	for (int i = 0; i < 7 && args[i] != NULL; i++)
		values[i] = number(args[i]);
	return syscall(values[0], values[1], values[2], values[3], values[4],
	    values[5], values[6]);
}

/* getpid(2) by the door of 32-bit programs. */
static long
try_int80(char **args)
{
	long result = -1;

	(void)args;
#ifdef __x86_64__
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
#endif
	return result > 0 ? 0 : -1;
}

static long
try_clone(char **args)
{
	long pid = syscall(SYS_clone, number(args[0]) | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : waitpid((pid_t)pid, NULL, 0) == -1;
}

static long
try_socket(char **args)
{
	return socket((int)number(args[0]), (int)number(args[1]), 0);
}

static long
try_socketpair(char **args)
{
	int pair[2];

	return socketpair((int)number(args[0]), (int)number(args[1]), 0, pair);
}

/* To a Unix socket by its path, or by its name when it begins with '@'. */
static long
try_connect(char **args)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(args[0]);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, args[0], length);
	if (*args[0] == '@')
		address.sun_path[0] = '\0';
	return fd == -1 ?
	    -1 :
	    connect(fd, (const struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

/* Two ends that found each other by the address of the one. */
static int
meet(struct sockaddr *address, socklen_t length, int type, int ends[2])
{
	int listener = socket(address->sa_family, type, 0);

	ends[0] = socket(address->sa_family, type, 0);
	if (listener == -1 || ends[0] == -1 ||
	    bind(listener, address, length) == -1 ||
	    getsockname(listener, address, &length) == -1 ||
	    (type != SOCK_DGRAM && listen(listener, 1) == -1) ||
	    connect(ends[0], address, length) == -1)
		return -1;
	ends[1] = type == SOCK_DGRAM ? listener : accept(listener, NULL, NULL);
	return ends[1] == -1 ? -1 : 0;
}

static int
meet_by_kind(const char *kind, int type, int ends[2])
{
	struct sockaddr_in four = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 six = {
	    .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un local = {.sun_family = AF_UNIX};

	if (strcmp(kind, "pair") == 0)
		return socketpair(AF_UNIX, type, 0, ends);
	if (strcmp(kind, "4") == 0)
		return meet((struct sockaddr *)&four, sizeof four, type, ends);
	if (strcmp(kind, "6") == 0)
		return meet((struct sockaddr *)&six, sizeof six, type, ends);
	memcpy(local.sun_path, kind, strlen(kind));
	if (*kind == '@')
		local.sun_path[0] = '\0';
	return meet((struct sockaddr *)&local, sizeof local, type, ends);
}

/* A descriptor from one end to the other; what it reads is what we wrote. */
static int
pass_descriptor(const int ends[2])
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control = {{0}};
	char byte = 'x';
	int pipes[2], fd = -1;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof control.bytes};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (pipe(pipes) == -1 || write(pipes[1], "p", 1) != 1)
		return -1;
	*header = (struct cmsghdr){CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(header), &pipes[0], sizeof fd);
	if (sendmsg(ends[0], &message, MSG_NOSIGNAL) == -1 ||
	    recvmsg(ends[1], &message, 0) == -1)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	return read(fd, &byte, 1) == 1 && byte == 'p' ? 0 : -1;
}

/* talk 4|6|pair|PATH|@NAME TYPE: bytes, and between Unix ones a descriptor. */
static long
try_talk(char **args)
{
	int ends[2];
	char byte = 0;

	if (meet_by_kind(args[0], (int)number(args[1]), ends) == -1 ||
	    send(ends[0], "x", 1, MSG_NOSIGNAL) != 1 ||
	    recv(ends[1], &byte, 1, 0) != 1)
		return -1;
	return *args[0] == '4' || *args[0] == '6' ? 0 : pass_descriptor(ends);
}

/*
 * under-way COMMAND [ARG ...]: runs it with so few descriptors allowed that
 * what we keep under way leaves it none to send.
 */
static long
try_under_way(char **args)
{
	struct rlimit few = {40, 40}, more = {100, 100};
	int pair[2], kept[2];

	if (setrlimit(RLIMIT_NOFILE, &more) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	for (int i = 0; i < 60; i++) {
		union {
			char bytes[CMSG_SPACE(sizeof(int))];
			struct cmsghdr aligned;
		} control = {{0}};
		char byte = 'x';
		struct iovec part = {&byte, 1};
		struct msghdr message = {.msg_iov = &part,
		    .msg_iovlen = 1,
		    .msg_control = &control,
		    .msg_controllen = sizeof control.bytes};
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		*header = (struct cmsghdr){
		    CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(header), &pair[0], sizeof(int));
		if (sendmsg(pair[1], &message, MSG_NOSIGNAL) == -1)
			return -1;
	}
	if (setrlimit(RLIMIT_NOFILE, &few) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, kept) == -1)
		return -1;
	/* That it is as bad as that, or this shows nothing. */
	if (pass_descriptor(kept) != -1 || errno != ETOOMANYREFS)
		errx(1, "a descriptor can be sent");
	pid_t pid = fork();
	if (pid == 0) {
		execvp(args[0], args);
		_exit(127);
	}
	int status;
	(void)waitpid(pid, &status, 0);
	errno = EIO;
	return status == 0 ? 0 : -1;
}

/* Waits on such a socket until stdin ends. */
static long
try_listen(char **args)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(args[0]);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char byte;

	memcpy(address.sun_path, args[0], length);
	if (*args[0] == '@')
		address.sun_path[0] = '\0';
	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) ==
		-1 ||
	    listen(fd, 5) == -1)
		return -1;
	printf("listening\n");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		continue;
	return 0;
}

static long
try_ioctl(char **args)
{
	char byte = '\n';

	return syscall(SYS_ioctl, 0, number(args[0]), &byte);
}

static long
try_open(char **args)
{
	return open(args[0], (int)number(args[1]), (mode_t)number(args[2]));
}

static long
try_mknod(char **args)
{
	return mknod(args[0], (mode_t)number(args[1]), 0);
}

static long
try_chmod(char **args)
{
	return chmod(args[0], (mode_t)number(args[1]));
}

static long
try_fchmod(char **args)
{
	return fchmod(open(args[0], O_RDONLY), (mode_t)number(args[1]));
}

static long
try_mkdir(char **args)
{
	return mkdir(args[0], (mode_t)number(args[1]));
}

static long
try_rename(char **args)
{
	return rename(args[0], args[1]);
}

static long
try_link(char **args)
{
	return link(args[0], args[1]);
}

static long
try_kill(char **args)
{
	return kill((pid_t)number(args[0]), (int)number(args[1]));
}

static long
try_priority(char **args)
{
	return setpriority(
	    PRIO_PROCESS, (id_t)number(args[0]), (int)number(args[1]));
}

static long
try_limit(char **args)
{
	struct rlimit limit = {100, 100};

	return prlimit((pid_t)number(args[0]), RLIMIT_NOFILE, &limit, NULL);
}

static long
try_privileges(char **args)
{
	(void)args;
	printf("%d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	return 0;
}

/* The open descriptors above 2. */
static long
try_descriptors(char **args)
{
	(void)args;
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			printf("%d\n", fd);
	return 0;
}

/* How many children can be had at once, up to a number. */
static long
try_fork(char **args)
{
	long count = 0, most = number(args[0]);

	for (; count < most; count++) {
		pid_t pid = fork();
		if (pid == -1)
			break;
		if (pid == 0) {
			pause();
			_exit(0);
		}
	}
	printf("%ld\n", count);
	fflush(stdout);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return 0;
}

/* Writes megabytes to a file until it is full; says how many fit. */
static long
try_fill(char **args)
{
	static char block[1 << 20];
	int fd = open(args[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	long count = 0, most = number(args[1]);

	memset(block, 'x', sizeof block);
	while (fd != -1 && count < most &&
	    write(fd, block, sizeof block) == sizeof block)
		count++;
	printf("%ld\n", count);
	return fd == -1 ? -1 : 0;
}

/* A megabyte of memory that two processes share by its name. */
static long
try_shared_memory(char **args)
{
	const size_t size = 1 << 20;
	int fd = shm_open(args[0], O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd == -1 || ftruncate(fd, (off_t)size) == -1)
		return -1;
	char *shared =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		return -1;
	if (fork() == 0) {
		memset(shared, 'x', size);
		_exit(0);
	}
	(void)wait(NULL);
	return shared[size - 1] == 'x' ? 0 : -1;
}

static long
try_semaphore(char **args)
{
	sem_t *semaphore = sem_open(args[0], O_CREAT | O_EXCL, 0600, 0);

	if (semaphore == SEM_FAILED)
		return -1;
	if (fork() == 0)
		_exit(sem_post(semaphore));
	(void)wait(NULL);
	return sem_trywait(semaphore);
}

static const struct {
	const char *name;
	int arguments; /* at least */
	long (*run)(char **args);
} attempts[] = {
    {"calls", 1, try_calls},
    {"chmod", 2, try_chmod},
    {"clone", 1, try_clone},
    {"connect", 1, try_connect},
    {"descriptors", 0, try_descriptors},
    {"fchmod", 2, try_fchmod},
    {"fill", 2, try_fill},
    {"fork", 1, try_fork},
    {"int80", 0, try_int80},
    {"ioctl", 1, try_ioctl},
    {"kill", 2, try_kill},
    {"limit", 1, try_limit},
    {"link", 2, try_link},
    {"listen", 1, try_listen},
    {"mkdir", 2, try_mkdir},
    {"mknod", 2, try_mknod},
    {"number", 1, try_number},
    {"open", 3, try_open},
    {"priority", 2, try_priority},
    {"privileges", 0, try_privileges},
    {"rename", 2, try_rename},
    {"semaphore", 1, try_semaphore},
    {"shared-memory", 1, try_shared_memory},
    {"socket", 2, try_socket},
    {"socketpair", 2, try_socketpair},
    {"talk", 2, try_talk},
    {"under-way", 1, try_under_way},
};

int
main(int argc, char **argv)
{
	umask(0);
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
		if (argc < 2 || strcmp(argv[1], attempts[i].name) != 0)
			continue;
		if (argc - 2 < attempts[i].arguments)
			errx(1, "'%s' wants arguments", argv[1]);
		long result = attempts[i].run(argv + 2);
		printf("%s\n", result == -1 ? strerrorname_np(errno) : "ok");
		return 0;
	}
	errx(1, "usage: attempt name [arg ...]");
}
