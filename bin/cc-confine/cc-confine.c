/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-confine: applies no_new_privs, Landlock and seccomp to itself, then
 * becomes the command.
 *
 * Promise: the command begins with every layer in place or not at all, and
 * with no descriptor but stdin, stdout and stderr, because Landlock does not
 * take back what is already open. Everything is opened and checked before the
 * first layer goes on; nothing takes a layer off again.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/options.h"
#include "confine/handshake.h"
#include "confine/landlock_rules.h"
#include "confine_policy.h"

struct settings {
	struct confine_policy policy;
	int required_abi;
	uint64_t processes;
	bool is_printing;
	int report_fd; /* -1: none */
	const char *sent_directory;
	char **command;
};

static void
add_path(struct confine_policy *policy, const char *name, unsigned kinds)
{
	if (confine_add_path(policy, name, kinds) == -1)
		err(EXIT_SYSTEM, "cannot remember '%s'", name);
}

static void
take_ro(const struct option_value *value)
{
	add_path(value->to, value->text, LANDLOCK_READ);
}

static void
take_rw(const struct option_value *value)
{
	add_path(value->to, value->text, LANDLOCK_READ | LANDLOCK_WRITE);
}

static void
take_rx(const struct option_value *value)
{
	add_path(value->to, value->text, LANDLOCK_READ | LANDLOCK_EXECUTE);
}

static void
allow_local_sockets(const struct option_value *value)
{
	*(enum seccomp_profile *)value->to = SECCOMP_COMMAND_WITH_LOCAL_SOCKETS;
}

static void
allow_sockets(const struct option_value *value)
{
	*(enum seccomp_profile *)value->to = SECCOMP_COMMAND_WITH_SOCKETS;
}

static const struct option_table options = {
    .synopsis = "cc-confine [options] command [arg ...]",
    .purpose = "applies no_new_privs, Landlock and seccomp to itself, "
	       "then becomes the command",
    .rows = (const struct option_row[]){
	{"ro", "PATH", NULL, "may be read; repeatable",
	    OPTION_CALL(struct settings, policy, take_ro)},
	{"rw", "PATH", NULL, "may be read and changed; repeatable",
	    OPTION_CALL(struct settings, policy, take_rw)},
	{"rx", "PATH", NULL, "may be read and executed; repeatable",
	    OPTION_CALL(struct settings, policy, take_rx)},
	{"require-abi", "VERSION", NULL,
	    "lowest version of Landlock to go on with",
	    OPTION_INT(struct settings, required_abi, 0, 1000)},
	{"allow-local-sockets", NULL, NULL,
	    "those of Unix, TCP and UDP may be, in a network of its own",
	    OPTION_CALL(struct settings, policy.profile, allow_local_sockets)},
	{"allow-socket", NULL, NULL, "sockets and the network may be used",
	    OPTION_CALL(struct settings, policy.profile, allow_sockets)},
	{"rlimit-procs", "COUNT", NULL, "processes of this user, at most",
	    OPTION_COUNT(struct settings, processes, 1, RLIM_INFINITY - 1)},
	{"print", NULL, NULL, "print the policy as JSON, run nothing",
	    OPTION_FLAG(struct settings, is_printing)},
	{"report-fd", "FD", NULL, "socket to say on that the command begins",
	    OPTION_INT(struct settings, report_fd, 3, 1 << 20)},
	{"send-dir", "DIR", NULL, "directory to send over --report-fd",
	    OPTION_TEXT(struct settings, sent_directory)},
	{0},
    }};

/* What a shell script opens without thinking, and nobody can harm. */
static void
add_devices(struct confine_policy *policy)
{
	static const char *const names[] = {"/dev/full", "/dev/null",
	    "/dev/random", "/dev/urandom", "/dev/zero"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (access(names[i], R_OK) == 0)
			add_path(
			    policy, names[i], LANDLOCK_READ | LANDLOCK_WRITE);
}

/* Unless told where, by --rx, whatever may be read may be executed. */
static void
add_execution(struct confine_policy *policy)
{
	unsigned named = 0;

	for (size_t i = 0; i < policy->path_count; i++)
		named |= policy->paths[i].kinds;
	for (size_t i = 0; i < policy->path_count; i++)
		if ((named & LANDLOCK_EXECUTE) == 0)
			policy->paths[i].kinds |= LANDLOCK_EXECUTE;
}

static struct settings
parse_options(int argc, char **argv)
{
	struct settings settings = {.policy.profile = SECCOMP_COMMAND,
	    .required_abi = 1,
	    .report_fd = -1};
	int at = options_read(&options, argc, argv, &settings);

	if (at >= argc && !settings.is_printing)
		options_usage(&options);
	if (settings.sent_directory != NULL && settings.report_fd == -1)
		errx(EXIT_CALLER, "--send-dir needs --report-fd");
	settings.command = argv + at;
	add_execution(&settings.policy);
	add_devices(&settings.policy);
	return settings;
}

/* Ends with the reason on stderr or over the socket. */
static _Noreturn void __attribute__((format(printf, 2, 3)))
fail(const struct settings *settings, const char *format, ...)
{
	char text[300];
	va_list values;
	int saved = errno;

	va_start(values, format);
	int n = vsnprintf(text, sizeof text, format, values);
	va_end(values);
	if (saved != 0 && n > 0 && (size_t)n < sizeof text)
		snprintf(
		    text + n, sizeof text - (size_t)n, ": %s", strerror(saved));
	/* Who listens to the socket says it; else nobody would. */
	if (settings->report_fd == -1 ||
	    handshake_send_error(settings->report_fd, text) == -1)
		warnx("%s", text);
	exit(EXIT_SYSTEM);
}

/* Nothing that was inherited by mistake is left to the command. */
static void
close_descriptors(const struct settings *settings)
{
	unsigned kept =
	    settings->report_fd == -1 ? 2 : (unsigned)settings->report_fd;

	if ((kept > 3 && close_range(3, kept - 1, 0) == -1) ||
	    close_range(kept + 1, ~0U, 0) == -1)
		fail(settings, "cannot close inherited descriptors");
	if (settings->report_fd != -1 &&
	    fcntl(settings->report_fd, F_SETFD, FD_CLOEXEC) == -1)
		fail(settings, "cannot use descriptor %d", settings->report_fd);
}

static void
send_directory(const struct settings *settings)
{
	const char *name = settings->sent_directory;

	if (name == NULL)
		return;
	int fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || handshake_send_directory(settings->report_fd, fd) == -1)
		fail(settings, "cannot send '%s'", name);
	(void)close(fd);
}

static void
limit_processes(const struct settings *settings)
{
	struct rlimit limit = {settings->processes, settings->processes};

	if (settings->processes != 0 && setrlimit(RLIMIT_NPROC, &limit) == -1)
		fail(settings, "cannot limit the processes");
}

/*
 * With 1 nothing dumps a process's memory, with any other limit a handler of
 * core dumps may. The command cannot change it.
 */
static void
limit_core(const struct settings *settings)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) == -1)
		fail(settings, "cannot get the limit of core dumps");
	/* Below 1 it cannot be raised any more. */
	if (limit.rlim_max < 1)
		return;
	limit = (struct rlimit){1, 1};
	if (setrlimit(RLIMIT_CORE, &limit) == -1)
		fail(settings, "cannot limit core dumps");
}

static void
check_abi(const struct settings *settings, int abi)
{
	if (abi >= settings->required_abi)
		return;
	if (abi == 0)
		fail(settings, "this kernel offers no Landlock");
	errno = 0;
	fail(settings,
	    "this kernel has version %d of Landlock, and %d is required", abi,
	    settings->required_abi);
}

static void
confine(const struct settings *settings, int abi)
{
	const char *path;

	if (abi == 0)
		warnx("no Landlock here, going on with seccomp alone");
	else if (confine_files(&settings->policy, abi, &path) == -1)
		fail(settings, "cannot grant '%s'",
		    path == NULL ? "files" : path);
	if (seccomp_confine(settings->policy.profile) == -1)
		fail(settings, "cannot filter system calls");
}

static _Noreturn void
become(const struct settings *settings)
{
	char **command = settings->command;

	if (settings->report_fd != -1 &&
	    handshake_send_ready(settings->report_fd) == -1)
		fail(settings, "cannot say that all is ready");
	execvp(command[0], command);
	int saved = errno;
	if (settings->report_fd == -1)
		warn("cannot run '%s'", command[0]);
	else
		(void)handshake_send_exec_errno(settings->report_fd, saved);
	exit(saved == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

static _Noreturn void
print_policy(const struct settings *settings)
{
	json_t *policy = confine_policy_json(&settings->policy);

	if (policy == NULL)
		errx(EXIT_SYSTEM, "cannot put the policy into JSON");
	if (json_dumpf(policy, stdout, JSON_COMPACT) == -1 ||
	    putchar('\n') == EOF || fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "cannot write to stdout");
	exit(EXIT_DONE);
}

int
main(int argc, char **argv)
{
	struct settings settings = parse_options(argc, argv);
	int abi = landlock_abi();

	check_abi(&settings, abi);
	if (settings.is_printing)
		print_policy(&settings);
	close_descriptors(&settings);
	send_directory(&settings);
	limit_processes(&settings);
	limit_core(&settings);
	confine(&settings, abi);
	become(&settings);
}
