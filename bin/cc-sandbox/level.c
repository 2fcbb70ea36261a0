/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/files.h"
#include "bwrap_command.h"
#include "confine_command.h"
#include "process/descendants.h"
#include "request.h"

static void
fail(struct sandbox_result *result, const char *what)
{
	snprintf(result->error, sizeof result->error, "%s: %s", what,
	    strerror(errno));
}

/* Where a level without a mount namespace has everything. */
static int
view_scratch(const struct sandbox_request *request, const char *scratch,
    struct sandbox_view *view)
{
	char *source = request->source, *target = request->target_directory;
	char *tmp = NULL, *cargo_home = NULL;

	if (asprintf(&tmp, "%s/tmp", scratch) == -1 ||
	    asprintf(&cargo_home, "%s/cargo", scratch) == -1 ||
	    (target == NULL && asprintf(&target, "%s/target", scratch) == -1) ||
	    (request->source_is_writable &&
		asprintf(&source, "%s/source", scratch) == -1))
		return -1;
	*view = (struct sandbox_view){.source = source,
	    .target = target,
	    .tmp = tmp,
	    .cargo_home = cargo_home};
	return 0;
}

static int
link_registry(int directory, const struct arguments *registry)
{
	if (mkdirat(directory, "registry", 0700) == -1)
		return -1;
	for (size_t i = 0; i < registry->count; i++) {
		const char *path = registry->words[i];
		char name[32];
		snprintf(name, sizeof name, "registry%s", strrchr(path, '/'));
		if (symlinkat(path, directory, name) == -1)
			return -1;
	}
	return 0;
}

/* The cargo home of a build: where its crates are, and nothing else. */
static int
write_cargo_home(
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	const char *text = request->cargo.sources;

	if (text == NULL)
		return 0;
	int directory = open_directory(view->cargo_home);
	if (directory == -1)
		return -1;
	int result =
	    store_file_at(directory, "config.toml", text, strlen(text));
	if (result == 0)
		result = link_registry(directory, &request->cargo.registry);
	close_keeping_errno(directory);
	return result;
}

/*
 * The copy of the source that the command may change. It keeps the times:
 * make(1) in it must not find one file younger than another by the copying.
 */
static int
copy_source(const char *from, const char *to)
{
	const char *const words[] = {
	    "cp", "-R", "--preserve=timestamps", "--", from, to, NULL};
	pid_t pid = fork();
	int status;

	if (pid == -1)
		return -1;
	if (pid == 0) {
		/* execvp writes nothing; its prototype is older than const. */
		execvp(words[0], (char *const *)(uintptr_t)words);
		_exit(EXIT_NOT_FOUND);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	errno = EIO;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int
prepare_scratch(
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	if (write_cargo_home(request, view) == -1)
		return -1;
	return request->source_is_writable ?
	    copy_source(request->source, view->source) :
	    0;
}

static int
prepare_none(struct sandbox_process *process,
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	process->is_command = true;
	process->processes = request->processes;
	if (prepare_scratch(request, view) == -1)
		return -1;
	return sandbox_add_command(&process->arguments, request, view);
}

static int
prepare_landlock(struct sandbox_process *process,
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	struct arguments *list = &process->arguments;
	char *confine = confine_program();

	if (confine == NULL || prepare_scratch(request, view) == -1)
		return -1;
	arguments_add(list, confine);
	free(confine);
	confine_add_options(process, request);
	confine_add_readable(list, request);
	confine_add_writable(list, view);
	if (request->source_is_writable)
		arguments_add_all(list, "--rw", view->source, NULL);
	arguments_add(list, "--");
	return sandbox_add_command(list, request, view);
}

static int
prepare(enum sandbox_level level, struct sandbox_process *process,
    const struct sandbox_request *request, const char *scratch, int *target)
{
	struct sandbox_view own = bwrap_view(request), *view = &own;
	int result = -1;

	/* Opened before the command can put something else there. */
	if (level != SANDBOX_BWRAP &&
	    (view_scratch(request, scratch, view) == -1 ||
		(*target = open_directory(view->target)) == -1))
		return -1;
	switch (level) {
	case SANDBOX_NONE:
		result = prepare_none(process, request, view);
		break;
	case SANDBOX_LANDLOCK:
		result = prepare_landlock(process, request, view);
		break;
	case SANDBOX_BWRAP:
		result = bwrap_prepare(process, request, view);
		break;
	}
	sandbox_add_environment(&process->environment, request, view);
	return result;
}

/* What is heard of the sandbox while its command runs. */
struct hearing {
	const struct sandbox_request *request;
	struct handshake handshake;
	int socket;
	int error; /* errno: nothing more can be heard */
};

static void
hear(void *context)
{
	struct hearing *hearing = context;
	bool was_ready = hearing->handshake.is_ready;

	if (handshake_receive(hearing->socket, &hearing->handshake) == -1)
		hearing->error = errno;
	if (!was_ready && hearing->handshake.has_begun &&
	    hearing->request->begun != NULL)
		hearing->request->begun(hearing->request->begun_context);
}

static void
note_handshake(const struct hearing *hearing, struct sandbox_result *result)
{
	const struct handshake handshake = hearing->handshake;
	const char *command = hearing->request->command[0];

	if (handshake.directory != -1)
		result->target = handshake.directory;
	if (hearing->error != 0) {
		errno = hearing->error;
		fail(result, "cannot hear from the sandbox");
		return;
	}
	result->has_begun = handshake.has_begun;
	result->exec_errno = handshake.exec_errno;
	snprintf(result->error, sizeof result->error, "%s", handshake.error);
	if (result->exec_errno != 0)
		snprintf(result->error, sizeof result->error,
		    "cannot run '%s': %s", command,
		    strerror(result->exec_errno));
}

/* What was made for the process; a socket of it is among the passed. */
static void
release(struct sandbox_process *process)
{
	for (int i = 0; i < process->passed_count; i++)
		if (process->passed[i] != process->socket)
			(void)close(process->passed[i]);
	(void)close(process->socket);
	arguments_free(&process->arguments);
	arguments_free(&process->environment);
}

static void
run(struct sandbox_process *process, int socket,
    const struct sandbox_request *request, struct sandbox_result *result)
{
	struct hearing hearing = {request, HANDSHAKE_NONE, socket, 0};
	struct sandbox_end end = {0, 0};

	bool is_broken =
	    sandbox_run(process, socket, hear, &hearing, &end) == -1;
	int error = errno;
	hear(&hearing);
	result->status = end.status;
	result->signal = end.signal;
	note_handshake(&hearing, result);
	result->is_broken = is_broken;
	if (is_broken)
		snprintf(result->error, sizeof result->error, "cannot %s: %s",
		    result->has_begun ? "end all processes of the command" :
					"run the command",
		    descendants_error(error));
}

void
sandbox_try(enum sandbox_level level, const struct sandbox_request *request,
    const char *scratch, struct sandbox_result *result)
{
	struct sandbox_process process = {.output = request->output};
	int sockets[2];

	*result = (struct sandbox_result){.target = -1};
	if (handshake_pair(sockets) == -1) {
		fail(result, "cannot make a socket");
		return;
	}
	process.socket = sockets[1];
	if (prepare(level, &process, request, scratch, &result->target) == -1)
		fail(result, "cannot prepare the command");
	else
		run(&process, sockets[0], request, result);
	(void)close(sockets[0]);
	release(&process);
}
