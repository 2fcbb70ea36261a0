/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/files.h"
#include "process/descendants.h"
#include "request.h"

/* What the sandbox's processes are given to die. */
#define KILL_PATIENCE (20 * CLOCK_SECOND)

static int
prepare(const struct sandbox_process *process, pid_t parent)
{
	/* A parent that died before the prctl sends no signal. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return -1;
	if (getppid() != parent)
		_exit(EXIT_SYSTEM);
	if (setsid() == -1 || chdir("/") == -1)
		return -1;
	for (int i = 0; i < process->passed_count; i++)
		if (fcntl(process->passed[i], F_SETFD, 0) == -1)
			return -1;
	if (process->output != 0 &&
	    (dup2(process->output, 1) == -1 || dup2(process->output, 2) == -1))
		return -1;
	struct rlimit limit = {process->processes, process->processes};
	return process->processes == 0 ? 0 : setrlimit(RLIMIT_NPROC, &limit);
}

/* The child: becomes the program, or says over the socket why not. */
static _Noreturn void
become(struct sandbox_process *process, pid_t parent, const sigset_t *mask)
{
	char text[300];
	const char *name = process->arguments.words[0];

	if (prepare(process, parent) == -1) {
		snprintf(text, sizeof text, "cannot prepare '%s': %s", name,
		    strerror(errno));
		(void)handshake_send_error(process->socket, text);
		_exit(EXIT_SYSTEM);
	}
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	if (process->is_command)
		(void)handshake_send_ready(process->socket);
	/* The command is looked for by its own PATH, a wrapper by ours. */
	if (process->is_command)
		environ = process->environment.words;
	execvpe(name, process->arguments.words, process->environment.words);
	int saved = errno;
	snprintf(
	    text, sizeof text, "cannot run '%s': %s", name, strerror(saved));
	if (process->is_command)
		(void)handshake_send_exec_errno(process->socket, saved);
	else
		(void)handshake_send_error(process->socket, text);
	_exit(saved == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

struct watch {
	int signals; /* signalfd */
	int socket;
	void (*heard)(void *context);
	void *context;
};

/* Until the program has ended; or the signal that tells us to stop. */
static int
wait_for(pid_t pid, const struct watch *watch)
{
	struct signalfd_siginfo received;
	struct pollfd both[] = {{.fd = watch->signals, .events = POLLIN},
	    {.fd = watch->socket, .events = POLLIN}};

	for (;;) {
		(void)poll(both, 2, -1);
		if (both[1].revents != 0)
			watch->heard(watch->context);
		/* Nobody is left at the other end, which would not cease. */
		if ((both[1].revents & (POLLHUP | POLLERR)) != 0)
			both[1].fd = -1;
		if (read(watch->signals, &received, sizeof received) !=
		    (ssize_t)sizeof received)
			continue;
		if (received.ssi_signo != SIGCHLD)
			return (int)received.ssi_signo;
		if (descendants_has_ended(pid))
			return 0;
	}
}

static int
start_and_wait(struct sandbox_process *process, const struct watch *watch,
    const sigset_t *mask, struct sandbox_end *end)
{
	pid_t self = getpid(), pid = fork();

	if (pid == -1)
		return -1;
	if (pid == 0)
		become(process, self, mask);
	end->signal = wait_for(pid, watch);
	struct descendants_end killed = descendants_kill(pid, KILL_PATIENCE);
	end->status = killed.status;
	errno = killed.error;
	return killed.stragglers > 0 ? -1 : 0;
}

int
sandbox_run(struct sandbox_process *process, int socket,
    void (*heard)(void *context), void *context, struct sandbox_end *end)
{
	static const int signals[] = {SIGCHLD, SIGHUP, SIGINT, SIGTERM};
	struct watch watch = {-1, socket, heard, context};
	sigset_t awaited, mask;

	if (arguments_vector(&process->arguments) == NULL ||
	    arguments_vector(&process->environment) == NULL)
		return -1;
	(void)sigemptyset(&awaited);
	for (int i = 0; i < 4; i++)
		(void)sigaddset(&awaited, signals[i]);
	/* Inherited as ignored, it would hide the end of every child. */
	(void)signal(SIGCHLD, SIG_DFL);
	if (descendants_adopt() == -1 ||
	    sigprocmask(SIG_BLOCK, &awaited, &mask) == -1)
		return -1;
	watch.signals = signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
	int result = watch.signals == -1 ?
	    -1 :
	    start_and_wait(process, &watch, &mask, end);
	close_keeping_errno(watch.signals);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	return result;
}
