/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program that runs a command hears: as data (signalfd(2)), so no
 * handler runs and nothing is missed between two waits.
 */
#ifndef RUN_SIGNALS_H
#define RUN_SIGNALS_H

#include <signal.h>

/* SIGALRM is free: no alarm is used. */
enum { RUN_PARENT_DIED = SIGALRM };

/*
 * Receives SIGCHLD, RUN_PARENT_DIED, SIGTERM, SIGINT, SIGHUP, SIGQUIT and what
 * a command may want to hear of: SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT. They,
 * SIGPIPE and SIGXFSZ are blocked for good, so a reader who has gone and a
 * file size limit of the caller are errors of write(2) and not our death. The
 * descriptor (close-on-exec, non-blocking), or -1 with errno.
 */
int run_signals_open(void);

/* Asks for RUN_PARENT_DIED when the parent process dies. 0, or -1. */
int run_signals_follow_parent(void);

#endif
