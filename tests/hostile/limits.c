/* SPDX-License-Identifier: Apache-2.0 */
/*
 * More than a build's share of the machine. Each attack is bounded by itself
 * and says LEAKED when it had more than the limits that the table gives it:
 * 32 MiB of memory, 1 s of CPU, 64 processes, 8 MiB of target directory.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

enum { MIB = 1 << 20, MANY = 400 };

/* Forks as often as it can, MANY times at most. */
static enum verdict
bomb(void)
{
	static char text[40];
	int count = 0, gate[2];

	if (pipe(gate) == -1)
		return broken("no pipe");
	for (; count < MANY; count++) {
		pid_t pid = fork();
		if (pid == -1)
			break;
		if (pid == 0) {
			char byte;
			(void)close(gate[1]);
			(void)!read(gate[0], &byte, 1);
			_exit(0);
		}
	}
	(void)close(gate[1]);
	snprintf(text, sizeof text, "%d processes", count);
	return count < 64 ? contained(text) : leaked(text);
}

static int
touch(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -1;
	for (size_t i = 0; i < bytes; i += 4096)
		((volatile char *)memory)[i] = 1;
	return 0;
}

static int
touch_little(void)
{
	return touch(4 * MIB);
}

static enum verdict
take_memory(void)
{
	return judge(touch(64 * MIB), "64 MiB");
}

/* Eight times three quarters of the limit, all at the same time. */
static enum verdict
take_memory_in_children(void)
{
	int begun[2], gate[2], count = 0;
	char byte;

	if (pipe(begun) == -1 || pipe(gate) == -1)
		return broken("no pipe");
	for (int i = 0; i < 8; i++) {
		if (fork() != 0)
			continue;
		(void)close(gate[1]);
		(void)close(begun[0]);
		if (touch(24 * MIB) == 0)
			(void)!write(begun[1], "x", 1);
		(void)close(begun[1]);
		(void)!read(gate[0], &byte, 1);
		_exit(0);
	}
	(void)close(begun[1]);
	while (read(begun[0], &byte, 1) == 1)
		count++;
	(void)close(gate[1]);
	return count == 8 ? leaked("192 MiB in 8 processes") :
			    contained("less than 192 MiB");
}

static enum verdict
fill(int fd, size_t most, const char *what)
{
	static char block[MIB];
	size_t total = 0;

	if (fd == -1)
		return broken("no file");
	memset(block, 'x', sizeof block);
	while (total < most) {
		ssize_t n = write(fd, block, sizeof block);
		if (n <= 0)
			return n == -1 ? judge(-1, NULL) :
					 contained("nothing written");
		total += (size_t)n;
	}
	return leaked(what);
}

static enum verdict
fill_target(void)
{
	return fill(open(below_target("fill"), O_WRONLY | O_CREAT, 0600),
	    32 * MIB, "32 MiB of the target directory");
}

static enum verdict
fill_tmp(void)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/fill", fact("TMPDIR"));
	return fill(open(path, O_WRONLY | O_CREAT, 0600), 32 * MIB,
	    "32 MiB of the temporary directory");
}

static enum verdict
fill_shared_memory(void)
{
	char name[32];

	snprintf(name, sizeof name, "/hostile-fill-%d", getpid());
	int fd = shm_open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	return fd == -1 ? judge(-1, NULL) :
			  fill(fd, 32 * MIB, "32 MiB of shared memory");
}

static enum verdict
fill_memory_file(void)
{
	return fill(
	    memfd_create("x", MFD_CLOEXEC), 128 * MIB, "128 MiB in a memfd");
}

/* Files without content, whose inodes are the kernel's memory. */
static enum verdict
fill_inodes(void)
{
	char path[4096];

	for (int i = 0; i < 20000; i++) {
		snprintf(
		    path, sizeof path, "%s/%d", fact("CARGO_TARGET_DIR"), i);
		int fd = open(path, O_WRONLY | O_CREAT, 0600);
		if (fd == -1)
			return judge(-1, NULL);
		(void)close(fd);
	}
	return leaked("20000 inodes, 20 MiB of the kernel's memory");
}

static double
cpu_seconds(int who)
{
	struct rusage usage;

	(void)getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static _Noreturn void
burn(double seconds)
{
	while (cpu_seconds(RUSAGE_SELF) < seconds)
		continue;
	_exit(0);
}

static enum verdict
burn_processor(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		burn(3);
	(void)waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? contained("SIGXCPU or SIGKILL") :
				     leaked("3 s of CPU");
}

/* Four at half of the limit take twice the limit. */
static enum verdict
burn_in_children(void)
{
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			burn(0.5);
	while (wait(NULL) != -1)
		continue;
	return cpu_seconds(RUSAGE_CHILDREN) > 1.5 ?
	    leaked("2 s of CPU in 4 processes") :
	    contained("less than 1.5 s");
}

static enum verdict
open_many(void)
{
	int count = 0;

	while (count < 2000 && dup(0) != -1)
		count++;
	return count < 256 ? judge(-1, NULL) : leaked("2000 descriptors");
}

static int
lower_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_max < 16 ?
	    -1 :
	    0;
}

/* What is answered with success need not have been done. */
static enum verdict
raise_limits(void)
{
	static const enum __rlimit_resource resources[] = {
	    RLIMIT_AS, RLIMIT_CPU, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_CORE};

	for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
		struct rlimit limit, now;
		(void)getrlimit(resources[i], &limit);
		if (limit.rlim_max == RLIM_INFINITY)
			return leaked("no limit");
		limit.rlim_max++;
		(void)setrlimit(resources[i], &limit);
		(void)syscall(SYS_setrlimit, resources[i], &limit);
		(void)getrlimit(resources[i], &now);
		if (now.rlim_max >= limit.rlim_max)
			return leaked("a higher limit");
	}
	return contained("all as before");
}

/*
 * A limit of 1 keeps the kernel from starting a core handler, and 0 does not:
 * as root, outside, it would read our memory.
 */
static enum verdict
start_core_handler(void)
{
	static const struct rlimit limits[] = {
	    {0, 0}, {0, 1}, {RLIM_INFINITY, RLIM_INFINITY}};
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) == -1)
		return broken("no limit");
	if (limit.rlim_max != 1)
		return leaked("a limit that lets the handler start");
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		(void)setrlimit(RLIMIT_CORE, &limits[i]);
		(void)syscall(SYS_setrlimit, RLIMIT_CORE, &limits[i]);
		(void)prlimit(getpid(), RLIMIT_CORE, &limits[i], &limit);
		(void)prlimit(0, RLIMIT_CORE, &limits[i], &limit);
		if (getrlimit(RLIMIT_CORE, &limit) == -1)
			return broken("no limit any more");
		if (limit.rlim_cur != 1 || limit.rlim_max != 1)
			return leaked("a limit other than 1");
	}
	return contained("still 1");
}

/* A real crash after that, for a host that has a handler. */
static enum verdict
crash(void)
{
	const struct rlimit none = {0, 0};
	pid_t pid = fork();

	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)syscall(SYS_setrlimit, RLIMIT_CORE, &none);
		abort();
	}
	int status;
	(void)waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && !WCOREDUMP(status) ?
	    contained("no core") :
	    leaked("a core");
}

static enum verdict
raise_priority(void)
{
	if (setpriority(PRIO_PROCESS, 0, -5) == 0)
		return leaked("a lower nice");
	return judge(syscall(SYS_ioprio_set, 1, 0, 1 << 13 | 1),
	    "the disk in real time");
}

static enum verdict
run_in_real_time(void)
{
	const struct sched_param param = {1};

	return judge(sched_setscheduler(0, SCHED_FIFO, &param), "real time");
}

static enum verdict
take_huge_pages(void)
{
	void *memory = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (memory != MAP_FAILED)
		return leaked("a huge page");
	/* None to be had is the host's luck, not a wall. */
	if (errno == ENOMEM)
		return leaked("what there is of huge pages");
	return judge(-1, NULL);
}

static enum verdict
take_huge_file(void)
{
	int fd = memfd_create("x", MFD_HUGETLB);

	return judge(fd, "a file of huge pages");
}

static int
send_byte(void)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 ||
		send(pair[0], "x", 1, MSG_NOSIGNAL) != 1 ?
	    -1 :
	    0;
}

static int
send_descriptors(int socket)
{
	union {
		char bytes[CMSG_SPACE(250 * sizeof(int))];
		struct cmsghdr aligned;
	} control = {{0}};
	char byte = 'x';
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof control.bytes};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(250 * sizeof(int));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

/*
 * Descriptors that are under way count for the user, in all sandboxes: with
 * enough of them nobody else of this user can send one.
 */
static enum verdict
exhaust_descriptors_under_way(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return broken("no pair of sockets");
	return judge(send_descriptors(pair[0]), "the user's descriptors");
}

/*
 * Of the memory in which filters are compiled the machine has little, and
 * without any left nobody can confine himself.
 */
static enum verdict
install_filters(void)
{
	static struct sock_filter steps[4096];
	struct sock_fprog program = {4096, steps};

	for (size_t i = 0; i < 4096; i++)
		steps[i] = (struct sock_filter)BPF_STMT(
		    BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return leaked("a filter by prctl");
	return judge(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program),
	    "a filter");
}

/* The same memory by way of a socket. */
static enum verdict
attach_filter(void)
{
	struct sock_filter step = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {1, &step};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return broken("no pair of sockets");
	return judge(setsockopt(pair[0], SOL_SOCKET, SO_ATTACH_FILTER, &program,
			 sizeof program),
	    "a filter");
}

/* Before everybody else who reads from the disk. */
static enum verdict
raise_disk_priority(void)
{
	return judge(syscall(SYS_ioprio_set, 1, 0, 2 << 13), "the disk first");
}

/* What everybody else has written is waited for, and written at once. */
static enum verdict
sync_file_system(void)
{
	return judge(syncfs(open("/", O_RDONLY | O_DIRECTORY)),
	    "all writes of the file system");
}

static enum verdict
flood_output(void)
{
	static char block[1 << 16];
	long total = 0;

	memset(block, 'x', sizeof block);
	while (total < 64 * MIB) {
		ssize_t n = write(STDERR_FILENO, block, sizeof block);
		if (n <= 0)
			break;
		total += n;
	}
	return contained("as much as was kept of it");
}

const struct attack attacks_on_limits[] = {
    {"fork-bomb", start_child, bomb},
    {"memory", touch_little, take_memory},
    {"memory-children", touch_little, take_memory_in_children},
    {"memory-target", write_in_target, fill_target},
    {"memory-tmp", write_in_target, fill_tmp},
    {"memory-shared", write_in_target, fill_shared_memory},
    {"memory-memfd", write_in_target, fill_memory_file},
    {"memory-inodes", write_in_target, fill_inodes},
    {"cpu", start_child, burn_processor},
    {"cpu-children", start_child, burn_in_children},
    {"many-descriptors", lower_limit, open_many},
    {"raise-limits", lower_limit, raise_limits},
    {"core-limit", lower_limit, start_core_handler},
    {"core-handler", start_child, crash},
    {"raise-priority", ask_own_process, raise_priority},
    {"real-time", ask_own_process, run_in_real_time},
    {"huge-pages", touch_little, take_huge_pages},
    {"huge-file", touch_little, take_huge_file},
    {"descriptors-under-way", send_byte, exhaust_descriptors_under_way},
    {"local-under-way", send_byte, exhaust_descriptors_under_way},
    {"filter-memory", start_child, install_filters},
    {"filter-memory-socket", send_byte, attach_filter},
    {"disk-priority", ask_own_process, raise_disk_priority},
    {"sync-file-system", write_in_target, sync_file_system},
    {"endless-output", send_byte, flood_output},
    {0},
};
