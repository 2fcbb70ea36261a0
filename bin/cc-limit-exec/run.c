/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "process/descendants.h"
#include "run.h"
#include "run_judge.h"
#include "run_signals.h"

/* So long the report waits for processes that were killed and live. */
#define REPORT_PATIENCE (5 * CLOCK_SECOND)

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
	watch->result->trouble_errno = errno;
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
 * All at once where they have a cgroup; where they have none, or something in
 * it outlives that, one by one.
 */
static struct descendants_end
kill_tree(pid_t command, const struct cgroup *cgroup, int64_t patience)
{
	int listed = cgroup == NULL ? 0 : cgroup_kill(cgroup, command);
	struct descendants_end end = descendants_kill(command, patience);

	if (end.killed < listed)
		end.killed = listed;
	return end;
}

/* Kills all processes; notes how the command ended and who lives on. */
static void
end_processes(struct watch *watch)
{
	struct run_result *result = watch->result;
	const struct run_plan *plan = watch->plan;

	result->kill_end = clock_after(clock_now(), plan->kill_patience_ns);
	struct descendants_end end =
	    kill_tree(watch->command, plan->launch.cgroup,
		clock_earlier(plan->kill_patience_ns, REPORT_PATIENCE));
	watch->command = 0;
	result->killed = end.killed;
	result->stragglers = end.stragglers;
	result->straggler_error = end.error;
	result->has_status = end.has_status;
	result->status = end.status;
}

/* Ends the run. RUN_EXITED: the command has ended by itself. */
static int
end_tree(struct watch *watch, enum run_outcome outcome)
{
	struct run_result *result = watch->result;
	const struct run_plan *plan = watch->plan;
	uint64_t cpu = run_cpu_time(watch->command);

	end_processes(watch);
	result->is_killed = outcome != RUN_EXITED;
	if (plan->launch.cgroup != NULL)
		cgroup_measure(plan->launch.cgroup, &result->use);
	result->outcome = outcome == RUN_EXITED ?
	    run_judge(&plan->limits[LIMIT_CPU], result, cpu) :
	    outcome;
	int64_t now = clock_now();
	result->wall_ns = now - watch->start;
	/* A slow reader of the rest is not part of the run, but not given
	 * for ever. */
	if (watch->end < clock_after(now, plan->grace_ns))
		watch->end = clock_after(now, plan->grace_ns);
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
		end_processes(&watch);
	errno = saved;
	return -1;
}

/* Who was asked to end once more has done all that can be done. */
static bool
is_asked_to_end(int signals)
{
	struct signalfd_siginfo received;

	while (read(signals, &received, sizeof received) ==
	    (ssize_t)sizeof received)
		switch (received.ssi_signo) {
		case SIGCHLD:
		case SIGUSR1:
		case SIGUSR2:
		case SIGWINCH:
		case SIGCONT:
			break;
		default:
			return true;
		}
	return false;
}

void
run_await_stragglers(const struct run_plan *plan, struct run_result *result)
{
	/* A death is told, but that of a grandchild only to its parent. */
	const int64_t most = CLOCK_SECOND;
	int signals = run_signals_open();

	while (result->stragglers > 0) {
		int64_t left = result->kill_end - clock_now();
		struct pollfd heard = {.fd = signals, .events = POLLIN};
		if (left <= 0)
			break;
		(void)poll(
		    &heard, 1, (int)(clock_earlier(left, most) / CLOCK_MS) + 1);
		if (is_asked_to_end(signals))
			break;
		struct descendants_end end =
		    kill_tree(0, plan->launch.cgroup, 0);
		result->stragglers = end.stragglers;
		result->straggler_error = end.error;
	}
	close_keeping_errno(signals);
}
