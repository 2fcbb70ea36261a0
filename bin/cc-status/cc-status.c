/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-status shows the queue: as a table, as JSON, as Prometheus' metrics, or
 * as the answer to one HTTP request. It only reads, and every number comes
 * from the queue's and the suite's tables at one moment, so any host gives
 * the same answer and nothing is lost when a worker restarts.
 */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/options.h"
#include "database/database_options.h"
#include "http.h"
#include "view.h"

struct settings {
	struct database_settings database;
	bool is_json, is_metrics, is_http; /* one of them, or none */
	int64_t request_timeout;	   /* ns */
	struct status_source source;
};

static const struct option_table options = {.synopsis = "cc-status [options]",
    .purpose = "shows the queue of builds",
    .rows = (const struct option_row[]){
	{"json", NULL, NULL, "print one JSON object",
	    OPTION_FLAG(struct settings, is_json)},
	{"prometheus", NULL, NULL, "print metrics in Prometheus' format",
	    OPTION_FLAG(struct settings, is_metrics)},
	{"http", NULL, NULL, "answer one request on stdin to stdout",
	    OPTION_FLAG(struct settings, is_http)},
	{"rows", "COUNT", NULL, "rows of each list (10)",
	    OPTION_INT(struct settings, source.rows, 0, 1000)},
	{"max-age-s", "SECONDS", NULL, "how long a package may wait (for ever)",
	    OPTION_COUNT(struct settings, source.max_age_s, 1, UINT32_MAX)},
	{"stale-threshold-s", "SECONDS", "CLOACINA_COMPILER_STALE_THRESHOLD_S",
	    "how old a heartbeat may be",
	    OPTION_SECONDS_TEXT(struct settings, source.stale_s)},
	DATABASE_ROWS(struct settings, database),
	DATABASE_WAIT_ROW(struct settings, database),
	{"request-timeout-s", "SECONDS", NULL,
	    "how long a request may take to come",
	    OPTION_SECONDS(struct settings, request_timeout)},
	{0},
    }};

static struct settings
parse_options(int argc, char **argv)
{
	struct settings s = {.database = {.wait = 5 * CLOCK_SECOND},
	    .request_timeout = 5 * CLOCK_SECOND,
	    .source = {.stale_s = "60", .rows = -1}};

	if (options_read(&options, argc, argv, &s) != argc)
		options_usage(&options);
	if (s.is_json + s.is_metrics + s.is_http > 1)
		errx(
		    EXIT_CALLER, "want one of --http, --json and --prometheus");
	/* Names and reasons are not for everybody who can open a socket. */
	if (s.source.rows == -1)
		s.source.rows = s.is_metrics || s.is_http ? 0 : 10;
	return s;
}

static int
print_view(struct status_source *source, enum status_form form)
{
	bool is_well;
	const char *text = status_view(source, form, &is_well);

	if (text == NULL)
		errx(EXIT_SYSTEM, "cannot ask for the queue: %s",
		    source->database.error);
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "cannot write to stdout");
	return is_well ? EXIT_DONE : EXIT_NO;
}

struct answer {
	enum http_status status;
	const char *type;
	const char *body;
};

static const char type_json[] = "application/json";
static const char type_text[] = "text/plain; charset=utf-8";
static const char type_metrics[] = "text/plain; version=0.0.4; charset=utf-8";

/* What is wrong goes to our log, not to the client. */
static struct answer
say_unreachable(const struct status_source *source)
{
	warnx("cannot ask for the queue: %s", source->database.error);
	return (struct answer){HTTP_UNAVAILABLE, type_json,
	    "{\"status\":\"degraded\",\"error\":\"database unreachable\"}\n"};
}

static struct answer
answer_path(struct status_source *source, const char *path)
{
	bool is_health = strcmp(path, "/health") == 0, is_well;
	bool is_metrics = strcmp(path, "/metrics") == 0;

	if (!is_health && !is_metrics && strcmp(path, "/v1/status") != 0)
		return (struct answer){
		    HTTP_NOT_FOUND, type_text, "not found\n"};
	const char *text = status_view(
	    source, is_metrics ? STATUS_METRICS : STATUS_JSON, &is_well);
	if (text == NULL)
		return say_unreachable(source);
	if (is_metrics)
		return (struct answer){HTTP_OK, type_metrics, text};
	if (!is_health)
		return (struct answer){HTTP_OK, type_json, text};
	if (is_well)
		return (struct answer){
		    HTTP_OK, type_json, "{\"status\":\"ok\"}\n"};
	return (struct answer){
	    HTTP_UNAVAILABLE, type_json, "{\"status\":\"degraded\"}\n"};
}

static void
give_up(int number)
{
	(void)number;
	_exit(EXIT_NO);
}

/* For a client that takes its answer byte by byte, each of them in time. */
static void
end_after(int64_t ns)
{
	const struct itimerval end = {.it_value = {.tv_sec = ns / CLOCK_SECOND,
					  .tv_usec = ns % CLOCK_SECOND / 1000}};

	(void)signal(SIGALRM, give_up);
	(void)setitimer(ITIMER_REAL, &end, NULL);
}

static int
serve(struct status_source *source, int64_t timeout)
{
	struct http_request request;
	enum http_status status = http_read(
	    STDIN_FILENO, clock_after(clock_now(), timeout), &request);
	struct answer answer = {status, type_text, "no request of ours\n"};

	if (status == HTTP_NOTHING)
		return EXIT_NO;
	if (status == HTTP_OK)
		answer = answer_path(source, request.path);
	(void)signal(SIGPIPE, SIG_IGN);
	end_after(2 * timeout);
	if (http_answer(STDOUT_FILENO, answer.status, request.is_head,
		answer.type, answer.body) == -1)
		return EXIT_NO;
	http_hang_up(
	    STDIN_FILENO, STDOUT_FILENO, clock_after(clock_now(), timeout));
	return EXIT_DONE;
}

int
main(int argc, char **argv)
{
	struct settings s = parse_options(argc, argv);

	s.source.database = database_open(&s.database, NULL);
	if (s.is_http)
		return serve(&s.source, s.request_timeout);
	return print_view(&s.source,
	    s.is_json	     ? STATUS_JSON :
		s.is_metrics ? STATUS_METRICS :
			       STATUS_TABLE);
}
