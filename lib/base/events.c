/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "notify.h"

/* A blocked signal is delivered to a signalfd even where it is ignored. */
static void
add_unless_ignored(sigset_t *set, int signal)
{
	struct sigaction action;

	if (sigaction(signal, NULL, &action) == 0 &&
	    action.sa_handler != SIG_IGN)
		sigaddset(set, signal);
}

int
events_open(struct events *events)
{
	sigset_t set;

	sigemptyset(&set);
	/* With SIGCHLD ignored, the kernel would reap, and keep the status. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return -1;
	add_unless_ignored(&set, SIGCHLD);
	add_unless_ignored(&set, SIGTERM);
	add_unless_ignored(&set, SIGINT);
	add_unless_ignored(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return -1;
	int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals == -1)
		return -1;
	int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (timer == -1) {
		close_keeping_errno(signals);
		return -1;
	}
	*events = (struct events){
	    .signals = signals, .timer = timer, .watchdog = notify_watchdog()};
	return 0;
}

/* An absolute moment that has passed fires at once; 0 would disarm. */
static void
arm(int timer, int64_t until)
{
	struct itimerspec when = {.it_value = {0, 0}};

	if (until != CLOCK_NEVER) {
		until = until > 0 ? until : 1;
		when.it_value.tv_sec = until / CLOCK_SECOND;
		when.it_value.tv_nsec = until % CLOCK_SECOND;
	}
	(void)timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
take_signals(struct events *events)
{
	struct signalfd_siginfo info;

	while (read(events->signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo != SIGCHLD) {
			events->stops++;
			events->stop = (int)info.ssi_signo;
		}
}

/* Often enough, and not at every wait: until when to wait at most. */
static int64_t
reassure(struct events *events, int64_t until)
{
	int64_t now = clock_boot();

	if (events->watchdog == 0)
		return until;
	if (now - events->reassured >= events->watchdog / 4) {
		(void)notify("WATCHDOG=1");
		events->reassured = now;
	}
	int64_t due = events->reassured + events->watchdog / 2;
	return until < due ? until : due;
}

short
events_wait(struct events *events, int socket, short wanted, int64_t until)
{
	struct pollfd fds[] = {{events->signals, POLLIN, 0},
	    {events->timer, POLLIN, 0}, {socket, wanted, 0}};

	arm(events->timer, reassure(events, until));
	if (poll(fds, sizeof fds / sizeof *fds, -1) == -1)
		return 0; /* EINTR, by SIGCONT: the caller looks and waits */
	if (fds[0].revents != 0)
		take_signals(events);
	return fds[2].revents;
}
