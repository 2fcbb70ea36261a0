/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "sandbox.h"

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
	char *target = NULL, *tmp = NULL, *cargo_home = NULL;

	if (asprintf(&target, "%s/target", scratch) == -1 ||
	    asprintf(&tmp, "%s/tmp", scratch) == -1 ||
	    asprintf(&cargo_home, "%s/cargo", scratch) == -1)
		return -1;
	*view = (struct sandbox_view){.source = request->source,
	    .target = request->target_directory != NULL ?
		request->target_directory :
		target,
	    .tmp = tmp,
	    .cargo_home = cargo_home};
	return 0;
}

/* The cargo home of a build: where its crates are, and nothing else. */
static int
write_cargo_home(
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	const char *text = request->sources.text;
	char *registry = NULL;

	if (text == NULL)
		return 0;
	int directory = open_directory(view->cargo_home);
	if (directory == -1)
		return -1;
	int result =
	    store_file_at(directory, "config.toml", text, strlen(text));
	if (asprintf(&registry, "%s/registry", request->cargo_home) == -1)
		result = -1;
	else if (result == 0 && access(registry, X_OK) == 0)
		result = symlinkat(registry, directory, "registry");
	int saved = errno;
	free(registry);
	(void)close(directory);
	errno = saved;
	return result;
}

static int
prepare_none(struct sandbox_process *process,
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	process->is_command = true;
	process->processes = request->processes;
	if (write_cargo_home(request, view) == -1)
		return -1;
	return sandbox_add_command(&process->arguments, request, view);
}

static void
read_handshake(int socket, struct sandbox_result *result)
{
	struct handshake handshake;

	if (handshake_receive(socket, &handshake) == -1) {
		fail(result, "cannot hear from the sandbox");
		return;
	}
	result->has_begun = handshake.has_begun;
	result->exec_errno = handshake.exec_errno;
	if (handshake.directory != -1)
		result->target = handshake.directory;
	snprintf(result->error, sizeof result->error, "%s", handshake.error);
	if (result->exec_errno != 0) {
		errno = result->exec_errno;
		fail(result, "cannot run the command");
	}
}

static void
run(struct sandbox_process *process, struct sandbox_result *result)
{
	int sockets[2];

	if (handshake_pair(sockets) == -1) {
		fail(result, "cannot make a socket");
		return;
	}
	process->socket = sockets[1];
	if (sandbox_run(process, &result->status, &result->signal) == -1)
		fail(result, "cannot run or end the command");
	else
		read_handshake(sockets[0], result);
	(void)close(sockets[0]);
	(void)close(sockets[1]);
}

void
sandbox_try(enum sandbox_level level, const struct sandbox_request *request,
    const char *scratch, struct sandbox_result *result)
{
	struct sandbox_process process = {.socket = -1};
	struct sandbox_view view;

	*result = (struct sandbox_result){.target = -1};
	if (level != SANDBOX_NONE) {
		errno = ENOSYS;
		fail(result, "cannot confine");
		return;
	}
	if (view_scratch(request, scratch, &view) == -1 ||
	    prepare_none(&process, request, &view) == -1) {
		fail(result, "cannot prepare the command");
		return;
	}
	sandbox_add_environment(&process.environment, request, &view);
	run(&process, result);
	if (result->has_begun)
		result->target = open_directory(view.target);
}
