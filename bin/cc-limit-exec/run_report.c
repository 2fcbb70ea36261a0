/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number that is none, as the size of no limit, is null: many readers of
 * JSON, ours among them, refuse integers above 63 bits.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/signal_name.h"
#include "run_report.h"

/* Text of launch_explain: valid UTF-8 without control characters. */
static void
put_text(FILE *out, const char *text)
{
	if (text == NULL) {
		fputs("null", out);
		return;
	}
	putc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void
put_end(FILE *out, const struct run_result *result)
{
	bool has_run = result->has_status &&
	    result->outcome != RUN_SETUP_FAILED &&
	    result->outcome != RUN_EXEC_FAILED;
	char name[32];

	fputs(",\"exit_status\":", out);
	if (has_run && WIFEXITED(result->status))
		fprintf(out, "%d", WEXITSTATUS(result->status));
	else
		fputs("null", out);
	fputs(",\"exit_signal\":", out);
	put_text(out,
	    has_run && WIFSIGNALED(result->status) ?
		signal_name(WTERMSIG(result->status), name, sizeof name) :
		NULL);
}

static int64_t
milliseconds(struct timeval time)
{
	return time.tv_sec * INT64_C(1000) + time.tv_usec / 1000;
}

/* Of children whose end nobody waited for only the cgroup knows the time. */
static int64_t
most_ms(struct timeval reaped, int64_t cgroup_us)
{
	int64_t ms = milliseconds(reaped);

	return cgroup_us / 1000 > ms ? cgroup_us / 1000 : ms;
}

static void
put_known(FILE *out, const char *name, int64_t value)
{
	if (value == -1)
		fprintf(out, ",\"%s\":null", name);
	else
		fprintf(out, ",\"%s\":%" PRId64, name, value);
}

static void
put_use(FILE *out, const struct run_plan *plan, const struct run_result *result)
{
	fprintf(out,
	    ",\"timeout_ms\":%" PRId64 ",\"wall_clock_ms\":%" PRId64
	    ",\"cpu_user_ms\":%" PRId64 ",\"cpu_sys_ms\":%" PRId64
	    ",\"max_rss_bytes\":%" PRId64,
	    plan->timeout_ns / CLOCK_MS, result->wall_ns / CLOCK_MS,
	    most_ms(result->usage.ru_utime, result->use.user_us),
	    most_ms(result->usage.ru_stime, result->use.system_us),
	    result->usage.ru_maxrss * INT64_C(1024));
	put_known(out, "memory_peak_bytes", result->use.memory_peak);
	put_known(out, "oom_kills", result->use.oom_kills);
	fprintf(out, ",\"killed\":%d,\"stragglers\":%d", result->killed,
	    result->stragglers);
}

static void
put_cgroup(FILE *out, const struct run_plan *plan)
{
	const char *missing = plan->cgroup.missing;
	const char *kind = plan->launch.cgroup != NULL ? "own" : "none";

	fprintf(out, ",\"cgroup\":\"%s\",\"cgroup_missing\":",
	    plan->cgroup_mode == CGROUP_OFF ? "off" : kind);
	put_text(out, *missing == '\0' ? NULL : missing);
}

static void
put_stream(FILE *out, const char *name, const struct stream *stream)
{
	if (stream->kind == STREAM_PASSES)
		fprintf(
		    out, ",\"%s_bytes\":null,\"%s_dropped\":null", name, name);
	else
		fprintf(out,
		    ",\"%s_bytes\":%" PRIu64 ",\"%s_dropped\":%" PRIu64, name,
		    stream->kept, name, stream->dropped);
}

static void
put_value(FILE *out, const char *name, uint64_t value)
{
	if (value == RLIM_INFINITY)
		fprintf(out, "\"%s\":null,", name);
	else
		fprintf(out, "\"%s\":%" PRIu64 ",", name, value);
}

static void
put_limits(FILE *out, const struct limit limits[])
{
	const char *separator = "";

	fputs(",\"limits\":{", out);
	for (int i = 0; i < LIMITS; i++) {
		const struct limit_kind *kind = &limit_kinds[i];
		if (limits[i].requested == 0)
			continue;
		fprintf(out, "%s\"%s\":{", separator, kind->name);
		put_value(out, "requested", limits[i].requested);
		put_value(out, "effective", limits[i].effective);
		fprintf(out, "\"enforced\":%s,\"by\":\"%s\",\"scope\":\"%s\"}",
		    limits[i].is_enforced ? "true" : "false", kind->by,
		    kind->scope);
		separator = ",";
	}
	putc('}', out);
}

char *
run_report(const struct run_plan *plan, const struct stream streams[2],
    const struct run_result *result, const char *error)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	fprintf(out, "{\"version\":1,\"outcome\":\"%s\"",
	    run_outcome_name(result->outcome));
	put_end(out, result);
	fputs(",\"error\":", out);
	put_text(out, error);
	put_use(out, plan, result);
	put_stream(out, "stdout", &streams[0]);
	put_stream(out, "stderr", &streams[1]);
	put_cgroup(out, plan);
	put_limits(out, plan->limits);
	fputs("}\n", out);
	bool is_whole = ferror(out) == 0;
	if (fclose(out) == EOF || !is_whole) {
		free(text);
		return NULL;
	}
	return text;
}
