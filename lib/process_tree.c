/* SPDX-License-Identifier: Apache-2.0 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "process_tree.h"

struct process {
	pid_t pid;
	pid_t parent;
	unsigned long long start; /* ticks since boot */
	bool is_below;
};

struct snapshot {
	struct process *processes; /* sorted by pid */
	size_t count;
	size_t room;
};

/* The process with this number, or -1 when there is none (any more). */
static int
look_at(int proc, const char *number, struct process *process)
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
	char *rest = strrchr(text, ')');
	struct process found = {.pid = (pid_t)strtol(number, NULL, 10)};
	if (rest == NULL ||
	    sscanf(rest,
		") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d "
		"%*d %*d %*d %*d %llu",
		&found.parent, &found.start) != 2)
		return -1;
	*process = found;
	return 0;
}

static int
add_process(struct snapshot *snapshot, const struct process *process)
{
	if (snapshot->count == snapshot->room) {
		size_t room = snapshot->room == 0 ? 256 : 2 * snapshot->room;
		struct process *more = reallocarray(
		    snapshot->processes, room, sizeof *snapshot->processes);
		if (more == NULL)
			return -1;
		snapshot->processes = more;
		snapshot->room = room;
	}
	snapshot->processes[snapshot->count++] = *process;
	return 0;
}

static int
compare_pids(const void *a, const void *b)
{
	const struct process *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

static int
take_snapshot(DIR *proc, struct snapshot *snapshot)
{
	struct dirent *entry;
	struct process process;

	while ((entry = readdir(proc)) != NULL) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    look_at(dirfd(proc), entry->d_name, &process) == -1)
			continue;
		if (add_process(snapshot, &process) == -1)
			return -1;
	}
	qsort(
	    snapshot->processes, snapshot->count, sizeof process, compare_pids);
	return 0;
}

/* The parent was perhaps read long before the child: a number that has been
 * given to a younger process meanwhile does not make it the parent. */
static bool
has_parent_below(const struct snapshot *snapshot, const struct process *child)
{
	const struct process wanted = {.pid = child->parent};
	const struct process *parent = bsearch(&wanted, snapshot->processes,
	    snapshot->count, sizeof wanted, compare_pids);

	return parent != NULL && parent->is_below &&
	    parent->start <= child->start;
}

static void
mark_descendants(struct snapshot *snapshot, pid_t root)
{
	bool is_changed;

	do {
		is_changed = false;
		for (size_t i = 0; i < snapshot->count; i++) {
			struct process *p = &snapshot->processes[i];
			if (p->is_below ||
			    (p->parent != root &&
				!has_parent_below(snapshot, p)))
				continue;
			p->is_below = true;
			is_changed = true;
		}
	} while (is_changed);
}

/* The descriptor holds on to whoever had the number when it was opened; the
 * second look tells whether that is the process of the snapshot. */
static void
kill_process(int proc, const struct process *process)
{
	char number[16];
	struct process now;

	int fd = pidfd_open(process->pid, 0);
	if (fd == -1)
		return;
	snprintf(number, sizeof number, "%d", process->pid);
	if (look_at(proc, number, &now) == 0 && now.start == process->start)
		(void)pidfd_send_signal(fd, SIGKILL, NULL, 0);
	(void)close(fd);
}

int
process_tree_kill(pid_t root)
{
	struct snapshot snapshot = {0};

	DIR *proc = opendir("/proc");
	if (proc == NULL)
		return -1;
	int result = take_snapshot(proc, &snapshot);
	int saved = errno;
	mark_descendants(&snapshot, root);
	for (size_t i = 0; i < snapshot.count; i++)
		if (snapshot.processes[i].is_below)
			kill_process(dirfd(proc), &snapshot.processes[i]);
	free(snapshot.processes);
	(void)closedir(proc);
	errno = saved;
	return result;
}
