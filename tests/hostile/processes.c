/* SPDX-License-Identifier: Apache-2.0 */
/* Processes of the host: signals, traces, priorities. */

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

enum { IOPRIO_PROCESS = 1, IOPRIO_USER = 3, IOPRIO_SLOW = 2 << 13 | 6 };

static pid_t
victim(void)
{
	return (pid_t)fact_number("VICTIM_PID");
}

static enum verdict
signal_victim(void)
{
	return judge(kill(victim(), SIGUSR1), "a signal");
}

static enum verdict
signal_thread(void)
{
	return judge(
	    syscall(SYS_tgkill, victim(), victim(), SIGUSR1), "a signal");
}

static enum verdict
signal_queued(void)
{
	return judge(
	    sigqueue(victim(), SIGUSR2, (union sigval){1}), "a signal");
}

static enum verdict
signal_by_pidfd(void)
{
	int fd = pidfd_open(victim(), 0);

	return judge(fd == -1 ? -1 : pidfd_send_signal(fd, SIGUSR1, NULL, 0),
	    "a signal");
}

/*
 * Everybody, by a signal that nobody but the victim takes any notice of. What
 * kill(2) answers does not count: our own processes got it, too.
 */
static enum verdict
signal_everybody(void)
{
	signal(SIGWINCH, SIG_IGN);
	if (kill(-1, SIGWINCH) == -1)
		return judge(-1, NULL);
	return contained("only our own");
}

/* The kernel signals whom we name when there is something to read. */
static enum verdict
signal_by_owner(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return broken("no pair of sockets");
	if (fcntl(pair[0], F_SETSIG, SIGUSR1) == -1 ||
	    fcntl(pair[0], F_SETOWN, victim()) == -1 ||
	    fcntl(pair[0], F_SETFL, O_ASYNC) == -1)
		return judge(-1, NULL);
	if (write(pair[1], "x", 1) != 1)
		return broken("nothing written");
	return contained("no answer");
}

static enum verdict
signal_runner(void)
{
	return judge(kill((pid_t)fact_number("RUNNER_PID"), SIGCONT),
	    "a signal to the runner");
}

static enum verdict
trace(void)
{
	if (ptrace(PTRACE_SEIZE, victim(), 0, 0) == -1)
		return judge(-1, NULL);
	(void)ptrace(PTRACE_DETACH, victim(), 0, 0);
	return leaked("a trace");
}

static enum verdict
read_memory(void)
{
	char secret[64] = "";
	struct iovec here = {secret, 16};
	union {
		unsigned long number;
		void *pointer;
	} address = {strtoul(fact("SECRET_ADDRESS"), NULL, 0)};
	struct iovec there = {address.pointer, 16};

	return judge(
	    process_vm_readv(victim(), &here, 1, &there, 1, 0), "its memory");
}

static enum verdict
take_descriptor(void)
{
	int fd = pidfd_open(victim(), 0);

	if (fd == -1)
		return judge(-1, NULL);
	return judge(pidfd_getfd(fd, (int)fact_number("SECRET_FD"), 0),
	    "its descriptor");
}

static enum verdict
advise_memory(void)
{
	struct iovec there = {0};
	int fd = pidfd_open(victim(), 0);

	if (fd == -1)
		return judge(-1, NULL);
	return judge(
	    syscall(SYS_process_madvise, fd, &there, 1, 20, 0), "its memory");
}

static enum verdict
compare(void)
{
	return judge(syscall(SYS_kcmp, victim(), getpid(), KCMP_FILE, 0, 0),
	    "an order of kernel pointers");
}

static enum verdict
enter_namespaces(void)
{
	int fd = pidfd_open(victim(), 0);

	return judge(fd == -1 ? -1 : setns(fd, CLONE_NEWUTS | CLONE_NEWIPC),
	    "its namespaces");
}

static enum verdict
limit_victim(void)
{
	const struct rlimit limit = {64, 64};

	return judge(
	    prlimit(victim(), RLIMIT_NOFILE, &limit, NULL), "its limit");
}

static int
lower_own_priority(void)
{
	return setpriority(PRIO_PROCESS, 0, 1);
}

static enum verdict
slow_victim(void)
{
	return judge(setpriority(PRIO_PROCESS, (id_t)victim(), 3), "its nice");
}

/* All processes of our user, though not one of them is named. */
static enum verdict
slow_user(void)
{
	return judge(setpriority(PRIO_USER, 0, 5), "everybody's nice");
}

static enum verdict
slow_disk_of_victim(void)
{
	return judge(
	    syscall(SYS_ioprio_set, IOPRIO_PROCESS, victim(), IOPRIO_SLOW | 7),
	    "its class");
}

static enum verdict
slow_disk_of_user(void)
{
	return judge(
	    syscall(SYS_ioprio_set, IOPRIO_USER, getuid(), IOPRIO_SLOW),
	    "everybody's class");
}

static enum verdict
bind_victim(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return judge(
	    sched_setaffinity(victim(), sizeof set, &set), "its processors");
}

static enum verdict
reschedule_victim(void)
{
	const struct sched_param param = {0};

	return judge(
	    sched_setscheduler(victim(), SCHED_BATCH, &param), "its scheduler");
}

const struct attack attacks_on_processes[] = {
    {"signal", ask_own_process, signal_victim},
    {"signal-thread", ask_own_process, signal_thread},
    {"signal-queued", ask_own_process, signal_queued},
    {"signal-by-pidfd", ask_own_process, signal_by_pidfd},
    {"signal-everybody", ask_own_process, signal_everybody},
    {"signal-by-owner", ask_own_process, signal_by_owner},
    {"signal-runner", ask_own_process, signal_runner},
    {"trace", start_child, trace},
    {"read-memory", start_child, read_memory},
    {"take-descriptor", start_child, take_descriptor},
    {"advise-memory", start_child, advise_memory},
    {"compare-pointers", start_child, compare},
    {"enter-namespaces", start_child, enter_namespaces},
    {"limit-other", lower_own_priority, limit_victim},
    {"slow-other", lower_own_priority, slow_victim},
    {"slow-disk-of-other", lower_own_priority, slow_disk_of_victim},
    {"bind-other", lower_own_priority, bind_victim},
    {"reschedule-other", lower_own_priority, reschedule_victim},
    {"slow-user", ask_own_process, slow_user},
    {"slow-disk-of-user", ask_own_process, slow_disk_of_user},
    {0},
};
