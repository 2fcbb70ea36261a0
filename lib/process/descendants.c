/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must not miss anybody nor hit a stranger is simple: only own children
 * are signalled (until they are reaped nobody else can get their number), and
 * when they die their children become own ones. Nobody is reaped while
 * somebody lives. So the dead still count against RLIMIT_NPROC, and a tree
 * that forks faster than it is killed runs out of forks; and the kernel's
 * list of our children only grows, at its end, so a pass over it that meets
 * only dead ones has met everybody. The look through /proc is for speed alone:
 * a fork bomb ends at once, not level by level, while it takes the processor
 * from us. Whom it does not see (hidepid) the passes meet.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "descendants.h"
#include "pid_set.h"
#include "process_tree.h"

enum { REAP_AT_ONCE = 1000, WAIT_MS = 100 };

struct children {
	int list;
	size_t used;
	char text[1024];
};

struct awaited {
	pid_t command;
	int *status;
};

static int
open_list(void)
{
	return open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
}

int
descendants_adopt(void)
{
	char self[16] = "";

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		return -1;
	int list = open_list();
	if (list == -1)
		return -1;
	(void)close(list);
	if (readlink("/proc/self", self, sizeof self - 1) == -1)
		return -1;
	if (strtol(self, NULL, 10) != getpid()) {
		errno = ENOTSUP;
		return -1;
	}
	return 0;
}

/* 1: reaped one; 0: none of these has ended; -1: there is no such child. */
static int
reap_one(pid_t which, struct awaited *awaited)
{
	int status;

	/* __WALL: also those whose end sends no SIGCHLD. */
	pid_t pid = waitpid(which, &status, WNOHANG | __WALL);
	if (pid <= 0)
		return (int)pid;
	if (pid == awaited->command) {
		*awaited->status = status;
		awaited->command = 0;
	}
	return 1;
}

/* -1 when no child is left. */
static int
reap(struct awaited *awaited)
{
	int result = 1;

	if (awaited->command > 0)
		(void)reap_one(awaited->command, awaited);
	for (int n = 0; n < REAP_AT_ONCE && result == 1; n++)
		result = reap_one(-1, awaited);
	return result;
}

int
descendants_reap(pid_t command, int *status)
{
	struct awaited awaited = {.command = command, .status = status};
	int result = reap(&awaited);

	if (awaited.command != command)
		return 1;
	return result == -1 ? -1 : 0;
}

/* An own child that runs. What /proc says of the state is no answer: it
 * calls a process a zombie whose first thread has left the others. */
static bool
is_alive(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info,
		   WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
	    info.si_pid == 0;
}

bool
descendants_has_ended(pid_t command)
{
	if (!is_alive(command))
		return true;
	for (int n = 0; n < REAP_AT_ONCE; n++) {
		siginfo_t info = {0};
		if (waitid(P_ALL, 0, &info,
			WEXITED | WNOHANG | WNOWAIT | __WALL) == -1 ||
		    info.si_pid == 0)
			return false;
		if (info.si_pid == command)
			return true;
		(void)waitpid(info.si_pid, NULL, __WALL);
	}
	return false;
}

/*
 * The next of the listed pids; 0 when the list has no more for now. A number
 * that fills the text is none, and no room to read into is no end of the list.
 */
static ssize_t
next_pids(struct children *children, pid_t *pids)
{
	char *at = children->text, *space;
	ssize_t count = 0;

	if (children->used >= sizeof children->text) {
		errno = EBADMSG;
		return -1;
	}
	ssize_t n = read(children->list, children->text + children->used,
	    sizeof children->text - children->used);
	if (n <= 0)
		return n;
	char *end = children->text + children->used + (size_t)n;
	while ((space = memchr(at, ' ', (size_t)(end - at))) != NULL) {
		pids[count++] = (pid_t)strtol(at, NULL, 10);
		at = space + 1;
	}
	children->used = (size_t)(end - at);
	memmove(children->text, at, children->used);
	return count;
}

/*
 * One pass over our children. How many of them live; *alive gets one of
 * those. 0: then no descendant lives either. -1 with errno when the list
 * cannot be read; *error is that of a kill that was refused.
 */
static int
kill_children(struct pid_set *killed, pid_t *alive, int *error)
{
	struct children children = {.list = open_list()};
	pid_t pids[sizeof children.text / 2];
	int living = 0;
	ssize_t n;

	if (children.list == -1)
		return -1;
	while ((n = next_pids(&children, pids)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (!is_alive(pids[i]))
				continue;
			if (kill(pids[i], SIGKILL) == 0)
				pid_set_add(killed, pids[i]);
			else
				*error = errno;
			*alive = pids[i];
			living++;
		}
	}
	close_keeping_errno(children.list);
	return n == 0 ? living : -1;
}

/* While one dies, so do the others, and their children become ours. Not for
 * ever: one in uninterruptible sleep would shelter them. */
static void
wait_for_death(pid_t pid, int64_t until)
{
	int64_t left = (until - clock_now() + CLOCK_MS - 1) / CLOCK_MS;
	int fd = pidfd_open(pid, 0);
	struct pollfd death = {.fd = fd, .events = POLLIN};

	(void)poll(&death, 1, (int)clock_earlier(left, WAIT_MS));
	close_keeping_errno(fd);
}

/* 0 when nobody lives; how many children do when the time is up; or -1. */
static int
kill_all(struct pid_set *killed, int64_t until, int *error)
{
	for (bool is_first = true;; is_first = false) {
		pid_t alive;
		int living = kill_children(killed, &alive, error);
		if (living <= 0)
			return living;
		if (is_first)
			(void)process_tree_kill(killed);
		if (clock_now() >= until)
			return living;
		wait_for_death(alive, until);
	}
}

/* At least the children; more where /proc shows more. */
static int
count_stragglers(int children, struct pid_set *killed)
{
	int seen = process_tree_kill(killed);
	int least = children > 0 ? children : 1;

	return seen > least ? seen : least;
}

struct descendants_end
descendants_kill(pid_t command, int64_t patience)
{
	struct descendants_end end = {.error = ETIMEDOUT};
	struct awaited awaited = {.command = command, .status = &end.status};
	int64_t until = clock_after(clock_now(), patience);
	int living = 0;

	struct pid_set killed = pid_set_new();
	pid_set_add(&killed, command);
	killed.count = 0;
	while (living == 0 && reap(&awaited) != -1)
		living = kill_all(&killed, until, &end.error);
	if (living == -1)
		end.error = errno;
	if (living != 0) {
		/* Its own end does not wait for theirs. */
		if (awaited.command > 0)
			(void)reap_one(awaited.command, &awaited);
		end.stragglers = count_stragglers(living, &killed);
	}
	end.has_status = command > 0 && awaited.command == 0;
	end.killed = killed.count;
	pid_set_free(&killed);
	return end;
}

const char *
descendants_error(int error)
{
	return error == ETIMEDOUT ? "they take too long to die" :
				    strerror(error);
}
