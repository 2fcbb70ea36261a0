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

#include "base/cli.h"
#include "base/clock.h"
#include "base/exit.h"
#include "database/database_options.h"
#include "http.h"
#include "view.h"

enum form { FORM_TABLE, FORM_JSON, FORM_METRICS, FORM_HTTP };

struct options {
	struct database_settings database;
	enum form form;
	int64_t request_timeout; /* ns */
	struct status_source source;
};

static void
choose_form(struct options *o, enum form form)
{
	if (o->form != FORM_TABLE)
		cli_wrong("want one of --http, --json and --prometheus");
	o->form = form;
}

static struct options
parse_options(int argc, char **argv)
{
	enum { HTTP = 1, JSON, MAX_AGE, METRICS, REQUEST, ROWS, STALE };
	static const struct cli_option table[] = {
	    {"json", NULL, NULL, "print one JSON object", JSON},
	    {"prometheus", NULL, NULL, "print metrics in Prometheus' format",
		METRICS},
	    {"http", NULL, NULL, "answer one request on stdin to stdout", HTTP},
	    {"rows", "COUNT", NULL, "rows of each list (10)", ROWS},
	    {"max-age-s", "SECONDS", NULL,
		"how long a package may wait (for ever)", MAX_AGE},
	    {"stale-threshold-s", "SECONDS",
		"CLOACINA_COMPILER_STALE_THRESHOLD_S",
		"how old a heartbeat may be (60)", STALE},
	    DATABASE_OPTIONS,
	    DATABASE_WAIT_OPTION(5),
	    {"request-timeout-s", "SECONDS", NULL,
		"how long a request may take to come (5)", REQUEST},
	    {NULL, NULL, NULL, NULL, 0},
	};
	struct cli cli = {.synopsis = "cc-status [options]",
	    .purpose = "shows the queue of builds",
	    .options = table};
	struct options o = {.request_timeout = 5 * CLOCK_SECOND};
	o.source.stale_ns = 60 * CLOCK_SECOND;
	o.database.wait = 5 * CLOCK_SECOND;
	o.source.rows = -1;
	int value;

	while ((value = cli_next(&cli, argc, argv)) != -1) {
		if (database_option(&cli, value, &o.database))
			continue;
		switch (value) {
		case HTTP:
			choose_form(&o, FORM_HTTP);
			break;
		case JSON:
			choose_form(&o, FORM_JSON);
			break;
		case MAX_AGE:
			o.source.max_age_s =
			    (int64_t)cli_count(&cli, 1, UINT32_MAX);
			break;
		case METRICS:
			choose_form(&o, FORM_METRICS);
			break;
		case REQUEST:
			o.request_timeout = cli_seconds(&cli);
			break;
		case ROWS:
			o.source.rows = (int)cli_count(&cli, 0, 1000);
			break;
		case STALE:
			o.source.stale_ns = cli_seconds(&cli);
			break;
		default:
			abort();
		}
	}
	if (argc != optind)
		cli_usage(&cli);
	/* Names and reasons are not for everybody who can open a socket. */
	if (o.source.rows == -1)
		o.source.rows =
		    o.form == FORM_TABLE || o.form == FORM_JSON ? 10 : 0;
	return o;
}

static int
print_view(struct status_source *source, enum form form)
{
	bool is_well;
	const char *text = status_view(source,
	    form == FORM_JSON	     ? STATUS_JSON :
		form == FORM_METRICS ? STATUS_METRICS :
				       STATUS_TABLE,
	    &is_well);

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
	struct options o = parse_options(argc, argv);

	o.source.database = database_open(&o.database, NULL);
	return o.form == FORM_HTTP ? serve(&o.source, o.request_timeout) :
				     print_view(&o.source, o.form);
}
