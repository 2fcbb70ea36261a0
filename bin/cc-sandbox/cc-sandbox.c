/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-sandbox: runs a command in an empty read-only root without a network,
 * and brings files out.
 *
 * Promise: unless --sandbox says otherwise the command runs behind all layers
 * or not at all, and what became of that is in DIR/sandbox.json, where the
 * command cannot write. Files come out after every process of the command is
 * gone, so nobody swaps them during the copy. The exit status is the
 * command's own choice and proves nothing.
 */

#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/exit.h"
#include "base/files.h"
#include "base/text.h"
#include "build/directory.h"
#include "confine/landlock_rules.h"
#include "database/database_most.h"
#include "let_in.h"
#include "session.h"
#include "sockets.h"
#include "stale.h"
#include "toolchain.h"

enum {
	OPTION_SANDBOX = 1,
	OPTION_DIR,
	OPTION_SOURCE,
	OPTION_WRITABLE_SOURCE,
	OPTION_OUT,
	OPTION_OUT_ANY,
	OPTION_ARTIFACT_MAX,
	OPTION_TARGET_SIZE,
	OPTION_TMP_SIZE,
	OPTION_SHM_SIZE,
	OPTION_TARGET_DIR,
	OPTION_CARGO_HOME,
	OPTION_TOOLCHAIN,
	OPTION_RO,
	OPTION_SETENV,
	OPTION_WITHHOLD,
	OPTION_RLIMIT_PROCS,
	OPTION_ALLOW_LOCAL_SOCKETS,
	OPTION_PROBE
};

static const struct cli_option options[] = {
    {"sandbox", "MODE", NULL, "required (default), preferred or off",
	OPTION_SANDBOX},
    {"dir", "DIR", NULL, "trusted directory that gets sandbox.json",
	OPTION_DIR},
    {"source", "DIR", NULL, "the command's {source}, read-only", OPTION_SOURCE},
    {"writable-source", NULL, NULL, "give the command a copy to change",
	OPTION_WRITABLE_SOURCE},
    {"out", "PATH=FILE", NULL,
	"copy the library target/... to FILE after success; repeatable",
	OPTION_OUT},
    {"out-any", "PATH=FILE", NULL, "the same of a file of any kind",
	OPTION_OUT_ANY},
    {"artifact-max", "SIZE", NULL, "most bytes to copy (default 256M)",
	OPTION_ARTIFACT_MAX},
    {"target-size", "SIZE", NULL, "room in {target} (default 4G)",
	OPTION_TARGET_SIZE},
    {"tmp-size", "SIZE", NULL, "room in /tmp (default 1G)", OPTION_TMP_SIZE},
    {"shm-size", "SIZE", NULL, "room in /dev/shm (default 64M)",
	OPTION_SHM_SIZE},
    {"target-dir", "DIR", NULL, "keep {target} in DIR between runs",
	OPTION_TARGET_DIR},
    {"cargo-home", "DIR", NULL, "whose crates the command may use",
	OPTION_CARGO_HOME},
    {"toolchain", "DIR", NULL, "Rust toolchain, or rustup home, to use",
	OPTION_TOOLCHAIN},
    {"ro", "PATH", NULL, "a further path to see; repeatable", OPTION_RO},
    {"setenv", "NAME=VALUE", NULL, "a further variable; repeatable",
	OPTION_SETENV},
    {"withhold", "PATH", NULL, "let no --ro show it; repeatable",
	OPTION_WITHHOLD},
    {"rlimit-procs", "COUNT", NULL, "processes of the command",
	OPTION_RLIMIT_PROCS},
    {"allow-local-sockets", "yes|no", NULL,
	"sockets between the command's own processes (default no)",
	OPTION_ALLOW_LOCAL_SOCKETS},
    {"probe", NULL, NULL, "print what this host can do, run nothing",
	OPTION_PROBE},
    {NULL, NULL, NULL, NULL, 0},
};

/* The version of Landlock that knows sockets in the file system. */
enum { ABI_WITH_PATHS = 9 };

struct settings {
	bool is_probing;
	uint64_t artifact_max; /* of all the files */
	struct sandbox_session session;
};

static void
read_out(const struct cli *cli, struct out_list *list, enum artifact_kind kind)
{
	if (out_add(list, optarg, kind) == 0)
		return;
	if (errno == EINVAL)
		cli_wrong(
		    "bad value for %s: want target/PATH=FILE", cli->source);
	err(EXIT_SYSTEM, "cannot remember %s", cli->source);
}

static char *
existing_path(const char *path)
{
	char *resolved = realpath(path, NULL);

	if (resolved == NULL)
		err(EXIT_SYSTEM, "cannot find '%s'", path);
	return resolved;
}

/*
 * Absolute, but as it is spelled: cargo takes relative directories from the
 * spelling, and the vendor snippet names the same one.
 */
static char *
spelled_path(const char *path)
{
	char *absolute = NULL, *cwd = getcwd(NULL, 0);

	if (cwd == NULL || access(path, X_OK) == -1)
		err(EXIT_SYSTEM, "cannot enter '%s'", path);
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	if (asprintf(&absolute, "%s%s%.*s", *path == '/' ? "" : cwd,
		*path == '/' ? "" : "/", (int)length, path) == -1)
		err(EXIT_SYSTEM, "cannot remember '%s'", path);
	free(cwd);
	return absolute;
}

static void
read_cargo_home(struct sandbox_request *request)
{
	cargo_home_free(&request->cargo);
	if (cargo_home_read(spelled_path(optarg), &request->cargo) == 0)
		return;
	if (errno == EBADMSG || errno == ENOTSUP)
		errx(EXIT_CALLER,
		    "cannot use the config of '%s': line %zu is not %s", optarg,
		    request->cargo.line,
		    errno == EBADMSG ? "TOML" :
				       "[source.NAME] with plain strings");
	err(EXIT_SYSTEM, "cannot read the config of '%s'", optarg);
}

static void
read_toolchain(struct sandbox_request *request)
{
	switch (toolchain_find(
	    optarg, &request->toolchain, &request->rustup_home)) {
	case TOOLCHAIN_FOUND:
		return;
	case TOOLCHAIN_NONE:
		cli_wrong("no Rust toolchain in '%s'", optarg);
	case TOOLCHAIN_SEVERAL:
		cli_wrong("several toolchains in '%s': name one of "
			  "'%s/toolchains/'",
		    optarg, optarg);
	default:
		err(EXIT_SYSTEM, "cannot read '%s'", optarg);
	}
}

static _Noreturn void
refuse_value(const struct cli *cli, const char *value, const char *reason)
{
	char shown[300];

	text_visible(value, strlen(value), shown, sizeof shown);
	cli_wrong("bad value '%s' for %s: %s", shown, cli->source, reason);
}

/* After each option that adds to either list, so in whatever order. */
static void
check_withheld(const struct cli *cli, const struct sandbox_request *request)
{
	const char *path = let_in_withheld(request);

	if (path != NULL)
		cli_wrong("bad value '%s' for --ro: what a build must not see "
			  "is there",
		    path);
	if (let_in_is_too_much(request))
		cli_wrong("too much of %s: want at most %d bytes of --ro and "
			  "--setenv",
		    cli->source, LET_IN_MAX);
}

static void
read_path(const struct cli *cli, struct sandbox_request *request)
{
	char *path = existing_path(optarg);
	const char *reason = let_in_refuse_path(path);

	if (reason != NULL)
		refuse_value(cli, optarg, reason);
	arguments_add(&request->readable, path);
	free(path);
	check_withheld(cli, request);
}

/* A value may be a secret: a refusal tells the name. */
static void
read_variable(const struct cli *cli, struct sandbox_request *request)
{
	const char *reason = let_in_refuse_variable(optarg);

	if (reason != NULL) {
		optarg[strcspn(optarg, "=")] = '\0';
		refuse_value(cli, optarg, reason);
	}
	arguments_add(&request->variables, optarg);
	check_withheld(cli, request);
}

static void
read_option(struct cli *cli, int option, struct settings *settings)
{
	struct sandbox_request *request = &settings->session.request;

	switch (option) {
	case OPTION_SANDBOX:
		settings->session.mode = sandbox_mode_read();
		break;
	case OPTION_DIR:
		settings->session.directory = optarg;
		break;
	case OPTION_SOURCE:
		request->source = existing_path(optarg);
		break;
	case OPTION_WRITABLE_SOURCE:
		request->source_is_writable = true;
		break;
	case OPTION_OUT:
		read_out(cli, &settings->session.outs, ARTIFACT_LIBRARY);
		break;
	case OPTION_OUT_ANY:
		read_out(cli, &settings->session.outs, ARTIFACT_ANY);
		break;
	case OPTION_ARTIFACT_MAX:
		settings->artifact_max = cli_size(cli, 1, DATABASE_VALUE_MOST);
		break;
	case OPTION_TARGET_SIZE:
		request->target_size = cli_size(cli, 1, INT64_MAX);
		break;
	case OPTION_TMP_SIZE:
		request->tmp_size = cli_size(cli, 1, INT64_MAX);
		break;
	case OPTION_SHM_SIZE:
		request->shm_size = cli_size(cli, 1, INT64_MAX);
		break;
	case OPTION_TARGET_DIR:
		request->target_directory = existing_path(optarg);
		break;
	case OPTION_CARGO_HOME:
		read_cargo_home(request);
		break;
	case OPTION_TOOLCHAIN:
		read_toolchain(request);
		break;
	case OPTION_RO:
		read_path(cli, request);
		break;
	case OPTION_SETENV:
		read_variable(cli, request);
		break;
	case OPTION_WITHHOLD:
		let_in_withhold(request, optarg);
		check_withheld(cli, request);
		break;
	case OPTION_RLIMIT_PROCS:
		request->processes = cli_count(cli, 1, RLIM_INFINITY - 1);
		break;
	case OPTION_ALLOW_LOCAL_SOCKETS:
		request->has_sockets = cli_yes(cli);
		break;
	case OPTION_PROBE:
		settings->is_probing = true;
		break;
	default:
		break;
	}
}

static struct settings
parse_options(int argc, char **argv)
{
	struct cli cli = {.synopsis = "cc-sandbox [options] command [arg ...]",
	    .purpose = "runs a command in an empty read-only root without a "
		       "network, and brings files out",
	    .options = options};
	struct settings settings = {.artifact_max = (uint64_t)256 << 20,
	    .session = {.mode = SANDBOX_REQUIRED,
		.report_to = -1,
		.result.target = -1,
		.scratch.parent = -1,
		.request = {.target_size = (uint64_t)4 << 30,
		    .tmp_size = (uint64_t)1 << 30,
		    .shm_size = (uint64_t)64 << 20}}};
	const struct sandbox_request *request = &settings.session.request;
	int option;

	while ((option = cli_next(&cli, argc, argv)) != -1)
		read_option(&cli, option, &settings);
	if (optind >= argc && !settings.is_probing)
		cli_usage(&cli);
	if (request->source_is_writable &&
	    (request->source == NULL || request->target_directory != NULL))
		cli_wrong("--writable-source needs --source and goes with no "
			  "--target-dir");
	if (request->readable.error != 0 || request->variables.error != 0 ||
	    request->withheld.error != 0)
		errx(EXIT_SYSTEM, "cannot remember the options");
	settings.session.request.command = argv + optind;
	return settings;
}

static void
refuse_root(void)
{
	if (getuid() == 0 || geteuid() == 0)
		cli_wrong("refuses to run as root, whom process limits do not "
			  "bind: choose a user with User= or setpriv "
			  "--reuid=nobody --regid=nogroup --clear-groups");
}

static void
refuse_sockets(const struct sandbox_request *request)
{
	char *found;

	if (!request->has_sockets || landlock_abi() >= ABI_WITH_PATHS)
		return;
	switch (sockets_find(request, &found)) {
	case 0:
		return;
	case 1:
		cli_wrong("cannot allow local sockets: '%s' is one of the "
			  "host, which a command could connect to before "
			  "version %d of Landlock",
		    found, ABI_WITH_PATHS);
	default:
		err(EXIT_SYSTEM, "cannot look for sockets in '%s'",
		    found == NULL ? "the sandbox" : found);
	}
}

/* What an earlier run said must not be taken for this one's word. */
static void
open_report(struct sandbox_session *session)
{
	if (session->directory == NULL)
		return;
	session->report_to = open_directory(session->directory);
	if (session->report_to == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", session->directory);
	if (unlinkat(session->report_to, SANDBOX_FILE, 0) == -1 &&
	    errno != ENOENT)
		err(EXIT_SYSTEM, "cannot remove '%s'", SANDBOX_FILE);
}

/* The files, which an earlier command may have left in a kept directory. */
static bool
clear_files(struct sandbox_session *session)
{
	const char *kept = session->request.target_directory;
	const struct out_list *list = &session->outs;
	struct sandbox_result *result = &session->result;
	char shown[200];

	for (size_t i = 0; kept != NULL && i < list->count; i++) {
		const char *path = list->outs[i].path;
		if (stale_remove(kept, path) == 0)
			continue;
		const char *reason = strerror(errno);
		text_visible(path, strlen(path), shown, sizeof shown);
		snprintf(result->error, sizeof result->error,
		    "cannot remove an earlier 'target/%s': %s", shown, reason);
		return false;
	}
	return true;
}

/* Nothing is run where an earlier file might be taken for a new one. */
static void
run(struct sandbox_session *session)
{
	if (clear_files(session)) {
		sandbox_session_run(session);
		return;
	}
	session->has_ended = true;
}

static void
take_files(struct sandbox_session *session, uint64_t most)
{
	char text[300], shown[300];

	sandbox_session_take(session, most);
	for (size_t i = 0; i < session->outs.count; i++) {
		const struct out *out = &session->outs.outs[i];
		if (out_error(out, text, sizeof text) == NULL)
			continue;
		text_visible(out->path, strlen(out->path), shown, sizeof shown);
		warnx("cannot take 'target/%s': it %s", shown, text);
	}
}

static void
check_files(const struct sandbox_session *session)
{
	char shown[300];
	const char *file = out_conflict(&session->outs, session->directory);

	if (file == NULL)
		return;
	text_visible(file, strlen(file), shown, sizeof shown);
	cli_wrong(
	    "cannot bring out '%s': another file is written there", shown);
}

/* Each level that was refused, and the command that could not be run. */
static void
explain(const struct sandbox_session *session)
{
	for (int level = SANDBOX_BWRAP; level >= SANDBOX_NONE; level--) {
		const struct sandbox_finding *refused =
		    &session->refused[level];
		if (refused->reason[0] != '\0')
			warnx("no sandbox of level %s: %s%s%s",
			    sandbox_level_name((enum sandbox_level)level),
			    refused->reason,
			    refused->remedy == NULL ? "" : "; ",
			    refused->remedy == NULL ? "" : refused->remedy);
	}
	if (session->result.error[0] != '\0' &&
	    session->refused[session->level].reason[0] == '\0')
		warnx("%s", session->result.error);
	/* There is no network of its own, so nothing is local. */
	if (session->request.has_sockets && session->result.has_begun &&
	    session->level == SANDBOX_LANDLOCK)
		warnx("local sockets are not allowed at level landlock");
}

static int
exit_status(const struct sandbox_result *result)
{
	if (result->exec_errno != 0)
		return result->exec_errno == ENOENT ? EXIT_NOT_FOUND :
						      EXIT_CANNOT_RUN;
	if (result->signal != 0)
		return EXIT_SIGNAL_BASE + result->signal;
	if (!result->has_begun)
		return result->is_refused ? EXIT_CALLER : EXIT_SYSTEM;
	if (result->is_broken)
		return EXIT_SYSTEM;
	if (WIFSIGNALED(result->status))
		return EXIT_SIGNAL_BASE + WTERMSIG(result->status);
	return WEXITSTATUS(result->status);
}

static void
end(struct sandbox_session *session)
{
	if (sandbox_session_end(session) == -1)
		warn("cannot remove the scratch directory");
}

static _Noreturn void
probe(struct sandbox_session *session)
{
	bool works;
	json_t *found = sandbox_session_probe(session, &works);

	end(session);
	if (found == NULL)
		errx(EXIT_SYSTEM, "cannot put the findings into JSON");
	if (json_dumpf(found, stdout, JSON_COMPACT) == -1 ||
	    putchar('\n') == EOF || fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "cannot write to stdout");
	exit(works ? EXIT_DONE : EXIT_NO);
}

int
main(int argc, char **argv)
{
	struct settings settings = parse_options(argc, argv);
	struct sandbox_session *session = &settings.session;

	refuse_root();
	refuse_sockets(&session->request);
	check_files(session);
	if (settings.is_probing)
		probe(session);
	open_report(session);
	run(session);
	take_files(session, settings.artifact_max);
	explain(session);
	if (sandbox_session_report(session) == -1)
		err(EXIT_SYSTEM, "cannot write '%s'", SANDBOX_FILE);
	end(session);
	return exit_status(&session->result);
}
