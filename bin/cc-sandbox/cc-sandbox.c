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

#include "base/exit.h"
#include "base/files.h"
#include "base/options.h"
#include "base/text.h"
#include "build/directory.h"
#include "confine/landlock_rules.h"
#include "database/database_most.h"
#include "let_in.h"
#include "session.h"
#include "sockets.h"
#include "stale.h"
#include "toolchain.h"

/* The version of Landlock that knows sockets in the file system. */
enum { ABI_WITH_PATHS = 9 };

struct settings {
	bool is_probing;
	uint64_t artifact_max; /* of all the files */
	struct sandbox_session session;
};

static void
take_out(const struct option_value *value, enum artifact_kind kind)
{
	if (out_add(value->to, value->text, kind) == 0)
		return;
	if (errno == EINVAL)
		errx(EXIT_CALLER, "bad value for %s: want target/PATH=FILE",
		    value->source);
	err(EXIT_SYSTEM, "cannot remember %s", value->source);
}

static void
take_library(const struct option_value *value)
{
	take_out(value, ARTIFACT_LIBRARY);
}

static void
take_any(const struct option_value *value)
{
	take_out(value, ARTIFACT_ANY);
}

static char *
existing_path(const char *path)
{
	char *resolved = realpath(path, NULL);

	if (resolved == NULL)
		err(EXIT_SYSTEM, "cannot find '%s'", path);
	return resolved;
}

static void
take_path(const struct option_value *value)
{
	*(char **)value->to = existing_path(value->text);
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
take_cargo_home(const struct option_value *value)
{
	struct cargo_home *cargo = value->to;

	cargo_home_free(cargo);
	if (cargo_home_read(spelled_path(value->text), cargo) == 0)
		return;
	if (errno == EBADMSG || errno == ENOTSUP)
		errx(EXIT_CALLER,
		    "cannot use the config of '%s': line %zu is not %s",
		    value->text, cargo->line,
		    errno == EBADMSG ? "TOML" :
				       "[source.NAME] with plain strings");
	err(EXIT_SYSTEM, "cannot read the config of '%s'", value->text);
}

static void
take_toolchain(const struct option_value *value)
{
	struct sandbox_request *request = value->to;

	switch (toolchain_find(
	    value->text, &request->toolchain, &request->rustup_home)) {
	case TOOLCHAIN_FOUND:
		return;
	case TOOLCHAIN_NONE:
		errx(EXIT_CALLER, "no Rust toolchain in '%s'", value->text);
	case TOOLCHAIN_SEVERAL:
		errx(EXIT_CALLER,
		    "several toolchains in '%s': name one of "
		    "'%s/toolchains/'",
		    value->text, value->text);
	default:
		err(EXIT_SYSTEM, "cannot read '%s'", value->text);
	}
}

static void
check_size(const struct option_value *value)
{
	if (let_in_is_too_much(value->to))
		errx(EXIT_CALLER,
		    "too much of %s: want at most %d bytes of --ro and "
		    "--setenv",
		    value->source, LET_IN_MAX);
}

static void
take_readable(const struct option_value *value)
{
	struct sandbox_request *request = value->to;
	char *path = existing_path(value->text);
	const char *reason = let_in_refuse_path(path);

	if (reason != NULL)
		option_wrong(value, reason);
	arguments_add(&request->readable, path);
	free(path);
	check_size(value);
}

/* A value may be a secret: a refusal tells the name. */
static void
take_variable(const struct option_value *value)
{
	struct sandbox_request *request = value->to;
	const char *reason = let_in_refuse_variable(value->text);

	if (reason != NULL) {
		struct option_value name = *value;
		name.text = strndup(value->text, strcspn(value->text, "="));
		if (name.text == NULL)
			err(EXIT_SYSTEM, "cannot remember %s", value->source);
		option_wrong(&name, reason);
	}
	arguments_add(&request->variables, value->text);
	check_size(value);
}

static void
take_withheld(const struct option_value *value)
{
	let_in_withhold(value->to, value->text);
}

static const struct option_table options = {
    .synopsis = "cc-sandbox [options] command [arg ...]",
    .purpose = "runs a command in an empty read-only root without a "
	       "network, and brings files out",
    .rows = (const struct option_row[]){
	{"sandbox", "MODE", NULL, "required, preferred or off",
	    OPTION_WORD(struct settings, session.mode, sandbox_modes)},
	{"dir", "DIR", NULL, "trusted directory that gets sandbox.json",
	    OPTION_TEXT(struct settings, session.directory)},
	{"source", "DIR", NULL, "the command's {source}, read-only",
	    OPTION_CALL(struct settings, session.request.source, take_path)},
	{"writable-source", NULL, NULL, "give the command a copy to change",
	    OPTION_FLAG(struct settings, session.request.source_is_writable)},
	{"out", "PATH=FILE", NULL,
	    "copy the library target/... to FILE after success; repeatable",
	    OPTION_CALL(struct settings, session.outs, take_library)},
	{"out-any", "PATH=FILE", NULL, "the same of a file of any kind",
	    OPTION_CALL(struct settings, session.outs, take_any)},
	{"artifact-max", "SIZE", NULL, "most bytes to copy",
	    OPTION_SIZE(struct settings, artifact_max, 1, DATABASE_VALUE_MOST)},
	{"target-size", "SIZE", NULL, "room in {target}",
	    OPTION_SIZE(
		struct settings, session.request.target_size, 1, INT64_MAX)},
	{"tmp-size", "SIZE", NULL, "room in /tmp",
	    OPTION_SIZE(
		struct settings, session.request.tmp_size, 1, INT64_MAX)},
	{"shm-size", "SIZE", NULL, "room in /dev/shm",
	    OPTION_SIZE(
		struct settings, session.request.shm_size, 1, INT64_MAX)},
	{"target-dir", "DIR", NULL, "keep {target} in DIR between runs",
	    OPTION_CALL(
		struct settings, session.request.target_directory, take_path)},
	{"cargo-home", "DIR", NULL, "whose crates the command may use",
	    OPTION_CALL(
		struct settings, session.request.cargo, take_cargo_home)},
	{"toolchain", "DIR", NULL, "Rust toolchain, or rustup home, to use",
	    OPTION_CALL(struct settings, session.request, take_toolchain)},
	{"ro", "PATH", NULL, "a further path to see; repeatable",
	    OPTION_CALL(struct settings, session.request, take_readable)},
	{"setenv", "NAME=VALUE", NULL, "a further variable; repeatable",
	    OPTION_CALL(struct settings, session.request, take_variable)},
	{"withhold", "PATH", NULL, "let no --ro show it; repeatable",
	    OPTION_CALL(struct settings, session.request, take_withheld)},
	{"rlimit-procs", "COUNT", NULL, "processes of the command",
	    OPTION_COUNT(struct settings, session.request.processes, 1,
		RLIM_INFINITY - 1)},
	{"allow-local-sockets", "yes|no", NULL,
	    "sockets between the command's own processes",
	    OPTION_YES(struct settings, session.request.has_sockets)},
	{"probe", NULL, NULL, "print what this host can do, run nothing",
	    OPTION_FLAG(struct settings, is_probing)},
	{0},
    }};

/* What no option by itself can say, so that their order does not matter. */
static void
check_request(const struct sandbox_request *request)
{
	if (request->source_is_writable &&
	    (request->source == NULL || request->target_directory != NULL))
		errx(EXIT_CALLER,
		    "--writable-source needs --source and goes with no "
		    "--target-dir");
	if (request->readable.error != 0 || request->variables.error != 0 ||
	    request->withheld.error != 0)
		errx(EXIT_SYSTEM, "cannot remember the options");
	const char *path = let_in_withheld(request);
	if (path != NULL)
		errx(EXIT_CALLER,
		    "bad value '%s' for --ro: what a build must not see "
		    "is there",
		    path);
}

static struct settings
parse_options(int argc, char **argv)
{
	struct settings settings = {.artifact_max = (uint64_t)256 << 20,
	    .session = {.mode = SANDBOX_REQUIRED,
		.report_to = -1,
		.result.target = -1,
		.scratch.parent = -1,
		.request = {.target_size = (uint64_t)4 << 30,
		    .tmp_size = (uint64_t)1 << 30,
		    .shm_size = (uint64_t)64 << 20}}};
	int at = options_read(&options, argc, argv, &settings);

	check_request(&settings.session.request);
	if (at >= argc && !settings.is_probing)
		options_usage(&options);
	settings.session.request.command = argv + at;
	return settings;
}

static void
refuse_root(void)
{
	if (getuid() == 0 || geteuid() == 0)
		errx(EXIT_CALLER,
		    "refuses to run as root, whom process limits do not "
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
		errx(EXIT_CALLER,
		    "cannot allow local sockets: '%s' is one of the "
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
	errx(EXIT_CALLER,
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
