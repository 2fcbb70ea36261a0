/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc is in the order of the numbers, which is mostly that of age: parents
 * come before their children, so each process is known for a descendant, and
 * killed, when it is met. Where its parent was faster to die, it is the
 * caller's child by then.
 *
 * Numbers are used again while we look. A descriptor that is opened before
 * the look at a process refers to that process, or to a dead one. And a
 * process that was there before the look began has the parent that its number
 * names: who got the number since is too young to be anybody's parent.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "base/list.h"
#include "process_tree.h"

struct process {
	pid_t parent;
	unsigned long long start; /* in ticks since boot */
	bool is_dead;
};

struct look {
	struct pid_set *killed;
	int proc;
	pid_t caller;
	unsigned long long began; /* in ticks since boot */
	pid_t *below;		  /* ascending */
	size_t count, room;
	int living;
};

/* What stat says after the name. A zombie with threads is one whose first
 * thread has left the others. */
static int
parse_stat(const char *rest, struct process *process)
{
	char state;
	int threads;

	if (sscanf(rest,
		") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d "
		"%*d %*d %d %*d %llu",
		&state, &process->parent, &threads, &process->start) != 4)
		return -1;
	process->is_dead = state == 'Z' && threads <= 1;
	return 0;
}

/* The process with this number; -1: there is none. */
static int
read_stat(int proc, const char *number, struct process *process)
{
	char path[32], text[512];

	if (snprintf(path, sizeof path, "%s/stat", number) >= (int)sizeof path)
		return -1;
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	ssize_t n = read(fd, text, sizeof text - 1);
	(void)close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	/* The name in front may hold anything, also ") S 1". */
	const char *rest = strrchr(text, ')');
	return rest != NULL ? parse_stat(rest, process) : -1;
}

static int
compare_pids(const void *a, const void *b)
{
	const pid_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static bool
is_below(const struct look *look, pid_t pid)
{
	if (pid == look->caller)
		return true;
	return look->count > 0 &&
	    bsearch(&pid, look->below, look->count, sizeof pid, compare_pids) !=
	    NULL;
}

static int
add_below(struct look *look, pid_t pid)
{
	if (look->count == look->room) {
		size_t room = look->room == 0 ? 256 : 2 * look->room;
		pid_t *more =
		    reallocarray(look->below, room, sizeof *look->below);
		if (more == NULL)
			return -1;
		look->below = more;
		look->room = room;
	}
	look->below[look->count++] = pid;
	return 0;
}

static int
visit(struct look *look, const char *number)
{
	struct process process;
	pid_t pid = (pid_t)strtol(number, NULL, 10);
	int result = 0;

	int fd = pidfd_open(pid, 0);
	if (fd == -1)
		return 0;
	if (read_stat(look->proc, number, &process) == 0 &&
	    process.start < look->began && is_below(look, process.parent)) {
		result = add_below(look, pid);
		look->living += !process.is_dead;
		if (!process.is_dead &&
		    pidfd_send_signal(fd, SIGKILL, NULL, 0) == 0)
			pid_set_add(look->killed, pid);
	}
	(void)close(fd);
	return result;
}

static unsigned long long
ticks_since_boot(void)
{
	return (unsigned long long)(clock_boot() /
	    (CLOCK_SECOND / sysconf(_SC_CLK_TCK)));
}

int
process_tree_kill(struct pid_set *killed)
{
	struct look look = {
	    .killed = killed, .caller = getpid(), .began = ticks_since_boot()};
	const struct dirent *entry;
	int result = 0;

	DIR *proc = list_directory(open_directory("/proc"));
	if (proc == NULL)
		return -1;
	look.proc = dirfd(proc);
	while (result == 0 && (entry = list_next(proc)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			result = visit(&look, entry->d_name);
	free(look.below);
	list_close(proc);
	return result == -1 ? -1 : look.living;
}
