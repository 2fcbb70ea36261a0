/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending everything that a command started: children, their children, those
 * that daemonized with a double fork or left by setsid. The caller is made a
 * child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), so every orphan below
 * it becomes its own child, and "no child left" means "no descendant left".
 * For callers with one thread and a default disposition of SIGCHLD.
 */
#ifndef DESCENDANTS_H
#define DESCENDANTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Makes the caller a subreaper and checks that descendants_kill will work. 0,
 * or -1 with errno: ENOENT when /proc lists no children, ENOTSUP when it is
 * the /proc of another pid namespace.
 */
int descendants_adopt(void);

/*
 * Reaps children that have ended, without waiting: the command (0: none, or
 * reaped before, when its number may be another's) first, then so many of the
 * others that a process that forks without pause cannot keep the caller here.
 * 1 when the command was among them, *status then has its wait status; 0 when
 * not; -1 with errno ECHILD when no child is left at all.
 */
int descendants_reap(pid_t command, int *status);

/*
 * Whether the command has ended. It is not reaped, so the kernel still knows
 * what it used; other children that have ended are.
 */
bool descendants_has_ended(pid_t command);

struct descendants_end {
	int killed;	/* processes besides the command that got SIGKILL */
	int stragglers; /* that live all the same; 0: nobody is left */
	int error;	/* why they do: an errno */
	bool has_status;
	int status; /* of wait(2), of the command, if it has ended now */
};

/*
 * Kills all descendants with SIGKILL and reaps, again until none is left or
 * the patience, in nanoseconds, is at its end; at least once. The command as
 * above. The error of those who are left is EPERM (one has changed its user),
 * ETIMEDOUT (they take long to die: one has much memory to give back, or is in
 * uninterruptible sleep), or what reading /proc gave. Fastest for a command
 * with a session of its own, which the scheduler then weighs as one against
 * the caller.
 */
struct descendants_end descendants_kill(pid_t command, int64_t patience);

/* Why stragglers live, for people. */
const char *descendants_error(int error);

#endif
