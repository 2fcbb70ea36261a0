/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine_command.h"

char *
confine_program(void)
{
	char self[PATH_MAX], *path = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n == -1)
		return NULL;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	if (asprintf(&path, "%s/cc-confine", self) == -1)
		return NULL;
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

void
confine_add_options(
    struct sandbox_process *process, const struct sandbox_request *request)
{
	struct arguments *list = &process->arguments;

	process->passed[process->passed_count++] = process->socket;
	arguments_add(list, "--report-fd");
	arguments_print(list, "%d", process->socket);
	arguments_add(list, "--require-abi");
	arguments_print(list, "%d", CONFINE_ABI);
	if (request->processes == 0)
		return;
	arguments_add(list, "--rlimit-procs");
	arguments_print(list, "%llu", (unsigned long long)request->processes);
}

static void
add_list(struct arguments *list, const struct arguments *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		arguments_add_all(list, "--ro", paths->words[i], NULL);
}

/*
 * Of /proc nothing: at this level it is the host's. A gitconfig that is there
 * and cannot be opened keeps cargo from a registry, an openssl.cnf OpenSSL
 * from its work.
 */
void
confine_add_readable(
    struct arguments *list, const struct sandbox_request *request)
{
	static const char *const system[] = {"/usr", "/bin", "/lib", "/lib32",
	    "/lib64", "/libx32", "/sbin", "/etc/ld.so.cache",
	    "/etc/alternatives", "/etc/fonts", "/etc/gitconfig",
	    "/etc/localtime", "/etc/mime.types", "/etc/os-release",
	    "/etc/ssl/openssl.cnf", "/etc/timezone"};
	const char *toolchain = request->rustup_home != NULL ?
	    request->rustup_home :
	    request->toolchain;

	for (size_t i = 0; i < sizeof system / sizeof *system; i++)
		if (access(system[i], F_OK) == 0)
			arguments_add_all(list, "--ro", system[i], NULL);
	if (request->source != NULL)
		arguments_add_all(list, "--ro", request->source, NULL);
	if (toolchain != NULL)
		arguments_add_all(list, "--ro", toolchain, NULL);
	add_list(list, &request->readable);
	add_list(list, &request->cargo.directories);
	add_list(list, &request->cargo.registry);
}

void
confine_add_writable(struct arguments *list, const struct sandbox_view *view)
{
	arguments_add_all(list, "--rw", view->target, "--rw", view->tmp, "--rw",
	    view->cargo_home, NULL);
}
