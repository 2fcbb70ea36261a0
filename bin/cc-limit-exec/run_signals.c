/* SPDX-License-Identifier: Apache-2.0 */

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "run_signals.h"

int
run_signals_open(void)
{
	static const int received[] = {SIGCHLD, RUN_PARENT_DIED, SIGTERM,
	    SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};
	sigset_t set;

	/* Ignored, as some callers leave it, children would vanish unseen. */
	(void)signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof received / sizeof *received; i++)
		sigaddset(&set, received[i]);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	if (fd == -1 || sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return -1;
	return fd;
}

int
run_signals_follow_parent(void)
{
	pid_t parent = getppid();

	if (prctl(PR_SET_PDEATHSIG, RUN_PARENT_DIED) == -1)
		return -1;
	/* Gone before it was asked for. */
	return getppid() == parent ? 0 : raise(RUN_PARENT_DIED);
}
