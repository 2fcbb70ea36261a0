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

/*
 * Kills all descendants with SIGKILL and reaps, again until none is left.
 * command and *status as above. How many processes besides the command it has
 * killed, or -1 with errno when some live and none died for `seconds`:
 * EPERM (one has changed its user), EAGAIN (one is in uninterruptible sleep),
 * or what reading /proc gave. Fastest for a command with a session of its own,
 * which the scheduler then weighs as one against the caller.
 */
int descendants_kill(pid_t command, int *status, int seconds);

#endif
