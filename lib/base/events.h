/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place where a program waits: for a socket, for the end of a child,
 * for a signal that asks it to stop, for a moment. Signals arrive as data
 * (signalfd(2)), so no handler runs and nothing is missed between two waits.
 * A service manager that watches the program hears of it from here: a program
 * that waits is not hung.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "clock.h"

struct events {
	int signals;	   /* signalfd */
	int timer;	   /* timerfd */
	int stops;	   /* how many SIGTERM, SIGINT and SIGHUP have come */
	int stop;	   /* the last of them, or 0 */
	int64_t watchdog;  /* notify_watchdog() */
	int64_t reassured; /* when the manager heard of us last */
};

/*
 * Blocks the signals (one that the caller's parent ignores, as nohup(1) does,
 * stays ignored), for good. 0, or -1 with errno.
 */
int events_open(struct events *events);

/*
 * Waits until one of the `wanted` events of `socket` (poll(2); -1: none), the
 * end of a child, a signal to stop, or the moment `until` of clock_boot(); may
 * return early. The socket's events, 0 for none.
 */
short events_wait(
    struct events *events, int socket, short wanted, int64_t until);

#endif
