/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm SQL-DIRECTORY CLIENTS: builds everything that is pending, with many
 * workers at once, under two sweeps that run all the time: ours and one that
 * knows no tokens. Workers send heartbeats while they finish; some freeze
 * until they were swept and then try to finish. Each refusal goes to the
 * table refusals, for the test to judge. Ends with 1 on any SQL error.
 */

#include <err.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#define STALE "0.5" /* seconds */

struct worker {
	PGconn *a, *b; /* two connections of one holder */
	const char *claim, *heartbeat, *finish;
	char id[64], token[64];
};

static char *
read_statement(const char *directory, const char *name)
{
	char path[4096], *text = calloc(1, 65536);

	snprintf(path, sizeof path, "%s/%s.sql", directory, name);
	FILE *file = fopen(path, "re");
	if (file == NULL || fread(text, 1, 65535, file) == 0)
		err(1, "cannot read '%s'", path);
	fclose(file);
	return text;
}

static PGconn *
connect_or_die(void)
{
	PGconn *connection = PQconnectdb(getenv("DATABASE_URL"));

	if (PQstatus(connection) != CONNECTION_OK)
		errx(1, "cannot connect: %s", PQerrorMessage(connection));
	return connection;
}

static void
send_or_die(
    PGconn *connection, const char *sql, int count, const char *const *values)
{
	if (!PQsendQueryParams(
		connection, sql, count, NULL, values, NULL, NULL, 0))
		errx(1, "cannot send: %s", PQerrorMessage(connection));
}

static PGresult *
receive_or_die(PGconn *connection)
{
	PGresult *last = NULL, *result;

	while ((result = PQgetResult(connection)) != NULL) {
		ExecStatusType status = PQresultStatus(result);
		if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
			errx(1, "%s", PQresultErrorMessage(result));
		PQclear(last);
		last = result;
	}
	return last;
}

static PGresult *
ask(PGconn *connection, const char *sql, int count, const char *const *values)
{
	send_or_die(connection, sql, count, values);
	return receive_or_die(connection);
}

/* Whether the answer is this word. */
static int
says(PGresult *result, const char *word)
{
	int same = strcmp(PQgetvalue(result, 0, 0), word) == 0;

	PQclear(result);
	return same;
}

static int
is_true(PGconn *connection, const char *sql, const char *parameter)
{
	return says(ask(connection, sql, parameter != NULL, &parameter), "t");
}

static unsigned
dice(void)
{
	unsigned value;

	if (getrandom(&value, sizeof value, 0) != sizeof value)
		err(1, "cannot get a random number");
	return value;
}

static int
take(struct worker *w)
{
	PGresult *token = ask(w->a, "SELECT gen_random_uuid()", 0, NULL);
	const char *values[] = {w->token, w->token, "-infinity"};

	snprintf(w->token, sizeof w->token, "%s", PQgetvalue(token, 0, 0));
	PQclear(token);
	PGresult *row = ask(w->a, w->claim, 3, values);
	int taken = PQntuples(row) == 1;
	if (taken)
		snprintf(w->id, sizeof w->id, "%s", PQgetvalue(row, 0, 0));
	PQclear(row);
	return taken;
}

static void
note_refusal(struct worker *w, const char *frozen)
{
	const char *values[] = {w->token, frozen};

	PQclear(ask(w->a, "INSERT INTO refusals VALUES ($1, $2)", 2, values));
}

static void
wait_until_swept(struct worker *w)
{
	while (!is_true(w->a,
	    "SELECT EXISTS (SELECT FROM sweeps WHERE token = $1::uuid)",
	    w->token))
		usleep(20000);
}

/* The heartbeat and the verdict race each other to the row. */
static void
build(struct worker *w)
{
	const char *beat[] = {w->id, w->token};
	const char *verdict[] = {w->id, w->token, "success", w->token, NULL};
	int freezes = dice() % 4 == 0;

	for (int i = 0; i < 3; i++)
		if (!says(ask(w->b, w->heartbeat, 2, beat), "held")) {
			note_refusal(w, "no");
			return;
		}
	if (freezes)
		wait_until_swept(w);
	if (dice() % 2 == 0) {
		send_or_die(w->b, w->heartbeat, 2, beat);
		send_or_die(w->a, w->finish, 5, verdict);
	} else {
		send_or_die(w->a, w->finish, 5, verdict);
		send_or_die(w->b, w->heartbeat, 2, beat);
	}
	PGresult *answer = receive_or_die(w->a);
	PQclear(receive_or_die(w->b));
	if (!says(answer, "success"))
		note_refusal(w, freezes ? "frozen" : "no");
}

static void
work(const char *directory)
{
	struct worker w = {connect_or_die(), connect_or_die(),
	    read_statement(directory, "claim"),
	    read_statement(directory, "heartbeat"),
	    read_statement(directory, "finish"), "", ""};

	while (!is_true(w.a,
	    "SELECT NOT EXISTS (SELECT FROM workflow_packages "
	    "WHERE build_status IN ('pending', 'building'))",
	    NULL))
		if (take(&w))
			build(&w);
		else
			usleep(10000);
}

static void
sweep_all_the_time(const char *statement, int count, const char *const *values)
{
	PGconn *connection = connect_or_die();

	for (;; usleep(10000))
		PQclear(ask(connection, statement, count, values));
}

static pid_t
start(const char *directory, int what)
{
	static const char *const ours[] = {STALE, "100", "1000000", "0",
	    "1000000"};
	static const char *const theirs =
	    "UPDATE workflow_packages SET build_status = 'pending', "
	    "build_claimed_at = NULL, build_error = '(reset)' "
	    "WHERE build_status = 'building' AND build_claimed_at < now() "
	    "AT TIME ZONE 'UTC' - interval '" STALE " seconds'";
	pid_t pid = fork();

	if (pid == -1)
		err(1, "cannot fork");
	if (pid != 0)
		return pid;
	if (what == 0)
		sweep_all_the_time(read_statement(directory, "sweep"), 5, ours);
	else if (what == 1)
		sweep_all_the_time(theirs, 0, NULL);
	else
		work(directory);
	_exit(0);
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		errx(100, "usage: storm sql-directory clients");
	int clients = atoi(argv[2]), status, failed = 0;
	pid_t sweeps[] = {start(argv[1], 0), start(argv[1], 1)};

	for (int i = 0; i < clients; i++)
		start(argv[1], 2);
	while (clients > 0) {
		pid_t pid = wait(&status);
		if (pid == sweeps[0] || pid == sweeps[1])
			errx(1, "a sweep has ended");
		failed |= status != 0;
		clients--;
	}
	kill(sweeps[0], SIGKILL);
	kill(sweeps[1], SIGKILL);
	return failed;
}
