/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNALS_H
#define SIGNALS_H

/*
 * In a child, before it becomes another program: every signal gets its
 * default disposition and none is blocked. Also the two below SIGRTMIN that
 * glibc keeps for itself and does not let sigaction(3) touch; a caller that
 * ignored them would pass that on through execve(2). Async-signal-safe.
 */
void signals_reset(void);

#endif
