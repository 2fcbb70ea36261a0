/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "process/descendants.h"
#include "run.h"
#include "run_judge.h"
#include "run_signals.h"

enum { KILL_PATIENCE_S = 10 };
enum { POLL_SIGNALS, POLL_TOLD, POLL_STREAMS, POLLED = POLL_STREAMS + 4 };

struct watch {
	const struct run_plan *plan;
	struct stream *streams;
	struct run_result *result;
	pid_t command; /* 0: there is none, or no more */
	int signals;   /* signalfd */
	int told;      /* what launch.h tells; -1: nothing more */
	int64_t start, end, idle_end, grace_end;
};

static int
fail(struct watch *watch, const char *trouble)
{
	watch->result->trouble = trouble;
	return -1;
}

static int
call_last(struct watch *watch)
{
	for (int i = 0; i < 2; i++)
		if (stream_last_call(&watch->streams[i]) == -1)
			return fail(watch, "keep the command's output");
	return 0;
}

/*
 * How many besides the command, or -1. All at once where they have a cgroup;
 * where they have none, or something in it outlives that, one by one.
 */
static int
kill_tree(pid_t command, const struct cgroup *cgroup, int *status)
{
	int listed = cgroup == NULL ? 0 : cgroup_kill(cgroup, command);
	int killed = descendants_kill(command, status, KILL_PATIENCE_S);

	return killed == -1 || killed > listed ? killed : listed;
}

/* Ends all processes. RUN_EXITED: the command has ended by itself. */
static int
end_tree(struct watch *watch, enum run_outcome outcome)
{
	struct run_result *result = watch->result;
	uint64_t cpu = run_cpu_time(watch->command);

	const struct cgroup *cgroup = watch->plan->launch.cgroup;
	result->killed = kill_tree(watch->command, cgroup, &result->status);
	if (result->killed == -1)
		return fail(watch, "end all processes of the command");
	watch->command = 0;
	result->has_status = true;
	result->is_killed = outcome != RUN_EXITED;
	if (cgroup != NULL)
		cgroup_measure(cgroup, &result->use);
	result->outcome = outcome == RUN_EXITED ?
	    run_judge(&watch->plan->launch.limits[LIMIT_CPU], result, cpu) :
	    outcome;
	int64_t now = clock_now();
	result->wall_ns = now - watch->start;
	/* A slow reader of the rest is not part of the run, but not given
	 * for ever. */
	if (watch->end < clock_after(now, watch->plan->grace_ns))
		watch->end = clock_after(now, watch->plan->grace_ns);
	return call_last(watch);
}

static int
interrupt(struct watch *watch, int signal)
{
	if (watch->command == 0) {
		watch->end = 0;
		return 0;
	}
	if (watch->result->interrupted_by != 0)
		return end_tree(watch, RUN_INTERRUPTED);
	watch->result->interrupted_by = signal;
	watch->idle_end = CLOCK_NEVER;
	if (signal == RUN_PARENT_DIED)
		return end_tree(watch, RUN_INTERRUPTED);
	(void)kill(watch->command, signal);
	watch->grace_end = clock_after(clock_now(), watch->plan->grace_ns);
	return 0;
}

static int
handle_signal(struct watch *watch, int signal)
{
	switch (signal) {
	case SIGCHLD:
		return 0;
	case SIGUSR1:
	case SIGUSR2:
	case SIGWINCH:
	case SIGCONT:
		if (watch->command != 0)
			(void)kill(watch->command, signal);
		return 0;
	default:
		return interrupt(watch, signal);
	}
}

/* The pipe closes when the command begins, and when the child has failed. */
static void
take_told(struct watch *watch)
{
	launch_read_failure(watch->told, &watch->result->failure);
	(void)close(watch->told);
	watch->told = -1;
}

/* A batch and no more: whoever sends them without pause must not keep us. */
static int
take_signals(struct watch *watch)
{
	struct signalfd_siginfo batch[8];
	bool has_child = false;

	ssize_t n = read(watch->signals, batch, sizeof batch);
	for (ssize_t i = 0; i * (ssize_t)sizeof *batch < n; i++) {
		has_child = has_child || batch[i].ssi_signo == SIGCHLD;
		if (handle_signal(watch, (int)batch[i].ssi_signo) == -1)
			return -1;
	}
	if (!has_child || watch->command == 0 ||
	    !descendants_has_ended(watch->command))
		return 0;
	if (watch->told != -1)
		take_told(watch);
	return end_tree(watch, RUN_EXITED);
}

static int
move_streams(struct watch *watch, const struct pollfd *fds)
{
	for (int i = 0; i < 2; i++) {
		int moved = stream_move(&watch->streams[i], &fds[2 * i]);
		if (moved == -1)
			return fail(watch, "keep the command's output");
		if (moved == 1 && watch->plan->idle_timeout_ns != 0)
			watch->idle_end = clock_after(
			    clock_now(), watch->plan->idle_timeout_ns);
	}
	return 0;
}

static int
check_deadlines(struct watch *watch)
{
	int64_t now = clock_now();

	if (watch->command == 0)
		return 0;
	if (watch->result->interrupted_by != 0)
		return now < watch->grace_end && now < watch->end ?
		    0 :
		    end_tree(watch, RUN_INTERRUPTED);
	if (now >= watch->end)
		return end_tree(watch, RUN_TIMEOUT);
	return now < watch->idle_end ? 0 : end_tree(watch, RUN_IDLE_TIMEOUT);
}

static int
wait_for_events(const struct watch *watch, struct pollfd fds[POLLED])
{
	int64_t until = watch->end;

	if (watch->command != 0)
		until = clock_earlier(
		    until, clock_earlier(watch->idle_end, watch->grace_end));
	int64_t left = until - clock_now();
	if (left < 0)
		left = 0;
	struct timespec timeout = {left / CLOCK_SECOND, left % CLOCK_SECOND};
	fds[POLL_SIGNALS] = (struct pollfd){watch->signals, POLLIN, 0};
	fds[POLL_TOLD] = (struct pollfd){watch->told, POLLIN, 0};
	stream_poll(&watch->streams[0], &fds[POLL_STREAMS]);
	stream_poll(&watch->streams[1], &fds[POLL_STREAMS + 2]);
	return ppoll(fds, POLLED, &timeout, NULL);
}

static int
step(struct watch *watch)
{
	struct pollfd fds[POLLED];

	if (wait_for_events(watch, fds) == -1)
		return fail(watch, "wait for the command");
	if (fds[POLL_TOLD].revents != 0)
		take_told(watch);
	if (move_streams(watch, &fds[POLL_STREAMS]) == -1)
		return -1;
	if (fds[POLL_SIGNALS].revents != 0 && take_signals(watch) == -1)
		return -1;
	return check_deadlines(watch);
}

static bool
is_over(const struct watch *watch)
{
	if (watch->command != 0)
		return false;
	return clock_now() >= watch->end ||
	    (stream_is_done(&watch->streams[0]) &&
		stream_is_done(&watch->streams[1]));
}

static int
start(struct watch *watch)
{
	const struct run_plan *plan = watch->plan;
	struct run_result *result = watch->result;

	watch->signals = run_signals_open();
	if (watch->signals == -1)
		return fail(watch, "receive signals");
	if (plan->dies_with_parent && run_signals_follow_parent() == -1)
		return fail(watch, "follow the parent process");
	watch->start = clock_now();
	watch->end = clock_after(watch->start, plan->timeout_ns);
	if (plan->idle_timeout_ns != 0)
		watch->idle_end =
		    clock_after(watch->start, plan->idle_timeout_ns);
	pid_t child =
	    launch_start(&plan->launch, &watch->told, &result->failure);
	stream_started(&watch->streams[0]);
	stream_started(&watch->streams[1]);
	if (child != -1) {
		watch->command = child;
		return 0;
	}
	result->outcome = RUN_SETUP_FAILED;
	return call_last(watch);
}

static int
finish(struct watch *watch)
{
	for (int i = 0; i < 2; i++)
		if (stream_finish(&watch->streams[i]) == -1)
			return fail(watch, "keep the command's output");
	(void)getrusage(RUSAGE_CHILDREN, &watch->result->usage);
	return 0;
}

int
run_command(const struct run_plan *plan, struct stream streams[2],
    struct run_result *result)
{
	struct watch watch = {.plan = plan,
	    .streams = streams,
	    .result = result,
	    .told = -1,
	    .idle_end = CLOCK_NEVER,
	    .grace_end = CLOCK_NEVER};

	memset(result, 0, sizeof *result);
	result->use = cgroup_use_unknown;
	int failed = start(&watch);
	while (failed == 0 && !is_over(&watch))
		failed = step(&watch);
	if (failed == 0)
		return finish(&watch);
	int saved = errno;
	if (watch.command != 0)
		(void)kill_tree(
		    watch.command, plan->launch.cgroup, &result->status);
	errno = saved;
	return -1;
}
