/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending everything that a command started: children, their children, those
 * that daemonized with a double fork or left by setsid. The caller is made a
 * child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), so every orphan below
 * it becomes its own child, and "no child left" means "no descendant left".
 */
#ifndef DESCENDANTS_H
#define DESCENDANTS_H

#include <sys/types.h>

/* Makes the caller a subreaper. 0 or -1 with errno. */
int descendants_adopt(void);

/*
 * Reaps every child that has ended, without waiting. When `command` (0:
 * none) is among them, *status gets its wait status. 1 when it was, 0 when
 * not, -1 with errno ECHILD when no child is left at all.
 */
int descendants_reap(pid_t command, int *status);

/*
 * Kills all descendants with SIGKILL and reaps, again until none is left.
 * *status as above, untouched when `command` was reaped before. The number
 * of processes that it signalled, or -1 with errno (/proc not readable, or
 * EAGAIN: some are not dead after `seconds`, in uninterruptible sleep).
 */
int descendants_kill(pid_t command, int *status, int seconds);

#endif
