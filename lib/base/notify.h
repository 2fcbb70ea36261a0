/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the service manager how a program is, by the protocol of
 * sd_notify(3): datagrams to the socket that $NOTIFY_SOCKET names. Where
 * nobody asked, nothing is sent and nothing fails; a manager that does not
 * listen holds the program up for a second at most.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

/*
 * Sends "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=one line", or several
 * of them with newlines between. 0, also where nobody asked, or -1 with errno.
 */
int notify(const char *state);

/*
 * For how long this process may be silent before the manager takes it for
 * hung, in nanoseconds: "WATCHDOG=1" is due twice in that time. 0: nobody
 * watches.
 */
int64_t notify_watchdog(void);

#endif
