/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staying after the build. Each leaves a process that would live for a
 * minute, which shows outside by the name of its program; the runner looks
 * for it when the chain has ended.
 */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

/* What a daemon does to be left alone, and then some. */
static _Noreturn void
stay(void)
{
	static const int ignored[] = {
	    SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGPIPE};

	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)alarm(0);
	for (int i = 0; i < 60; i++)
		(void)sleep(1);
	_exit(0);
}

static void
close_all(void)
{
	int fd = open("/dev/null", O_RDWR);

	for (int i = 0; i < 3; i++)
		(void)dup2(fd, i);
}

static enum verdict
fork_twice(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (setsid() != -1 && fork() == 0) {
			close_all();
			stay();
		}
		_exit(0);
	}
	(void)waitpid(pid, NULL, 0);
	return contained("it was ended");
}

static enum verdict
adopt_children(void)
{
	if (fork() == 0) {
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
		for (int i = 0; i < 4; i++)
			if (fork() == 0 && fork() == 0) {
				close_all();
				stay();
			}
		close_all();
		stay();
	}
	return contained("they were ended");
}

/* A child of our parent, not of ours. */
static enum verdict
become_sibling(void)
{
	if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0) {
		close_all();
		stay();
	}
	return contained("it was ended");
}

/* Whoever waits for the output to end waits for the grandchild. */
static enum verdict
hold_output(void)
{
	if (fork() == 0 && fork() == 0)
		stay();
	return contained("it was ended");
}

/* Runs into the time limit with children that are stopped. */
static enum verdict
stop_children(void)
{
	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();
		if (pid == 0)
			stay();
		(void)kill(pid, SIGSTOP);
	}
	(void)contained("it was ended");
	stay();
}

static enum verdict
ignore_time_limit(void)
{
	(void)contained("it was ended");
	stay();
}

/* Never the same process for long; ends by itself after some seconds. */
static enum verdict
run_away(void)
{
	(void)contained("it was ended");
	for (int i = 0; i < 3000; i++) {
		if (fork() != 0)
			_exit(0);
		(void)setsid();
		(void)usleep(1000);
	}
	stay();
}

const struct attack attacks_that_outlive[] = {
    {"double-fork", start_child, fork_twice},
    {"own-subreaper", start_child, adopt_children},
    {"sibling", start_child, become_sibling},
    {"hold-output", start_child, hold_output},
    {"stopped-children", start_child, stop_children},
    {"ignored-term", start_child, ignore_time_limit},
    {"running-away", start_child, run_away},
    {0},
};
