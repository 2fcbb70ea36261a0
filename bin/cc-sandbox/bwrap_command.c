/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the mounts is the order of the words. The operator's paths
 * come before the submitted tree, so no mount point is ever made inside what
 * a stranger wrote; the root and /dev turn read-only last, because both are
 * tmpfs without a size.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bwrap_command.h"
#include "confine_command.h"
#include "root_files.h"

enum { CARGO_HOME_SIZE = 256 << 20 };

/* Where shm_open(3) and sem_open(3) keep what they make. */
#define SHARED_MEMORY "/dev/shm"

struct sandbox_view
bwrap_view(const struct sandbox_request *request)
{
	const char *source = request->source_is_writable ?
	    "/build/target/source" :
	    "/build/source";

	return (struct sandbox_view){
	    .source = request->source == NULL ? NULL : source,
	    .target = "/build/target",
	    .tmp = "/tmp",
	    .cargo_home = "/build/cargo"};
}

static void
add_namespaces(struct arguments *list)
{
	arguments_add_all(list, "bwrap", "--unshare-user", "--unshare-ipc",
	    "--unshare-pid", "--unshare-net", "--unshare-uts",
	    "--unshare-cgroup", "--uid", "1000", "--gid", "1000", "--hostname",
	    "build", "--new-session", "--die-with-parent", "--chdir", "/",
	    NULL);
}

static void
add_bind(struct arguments *list, const char *option, const char *path)
{
	arguments_add_all(list, option, path, path, NULL);
}

/* /bin and its like: links into /usr, or directories where it is not merged. */
static void
add_links(struct arguments *list)
{
	static const char *const names[] = {
	    "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin"};
	char target[256];
	struct stat st;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (lstat(names[i], &st) == -1)
			continue;
		if (S_ISDIR(st.st_mode)) {
			add_bind(list, "--ro-bind", names[i]);
			continue;
		}
		ssize_t n = readlink(names[i], target, sizeof target - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		arguments_add_all(list, "--symlink", target, names[i], NULL);
	}
}

/*
 * What the kernel tells everybody about the whole machine, and a build needs
 * least: its boot command line, where secrets are put, names and addresses.
 */
static void
hide_machine(struct arguments *list)
{
	static const char *const names[] = {
	    "/proc/cmdline", "/proc/kallsyms", "/proc/keys", "/proc/locks"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (access(names[i], F_OK) == 0)
			arguments_add_all(
			    list, "--ro-bind", "/dev/null", names[i], NULL);
}

static void
add_tmpfs(struct arguments *list, const char *path, uint64_t size)
{
	arguments_add(list, "--size");
	arguments_print(list, "%llu", (unsigned long long)size);
	arguments_add_all(list, "--tmpfs", path, NULL);
}

/* One that everybody may write to, as /tmp is. */
static void
add_common_tmpfs(struct arguments *list, const char *path, uint64_t size)
{
	arguments_add_all(list, "--perms", "1777", NULL);
	add_tmpfs(list, path, size);
}

/* Of pseudo-terminals, which the machine counts for all, there are none. */
static int
add_system(struct sandbox_process *process, uint64_t shm_size)
{
	struct arguments *list = &process->arguments;

	add_bind(list, "--ro-bind", "/usr");
	add_links(list);
	arguments_add_all(list, "--dir", "/etc", NULL);
	add_bind(list, "--ro-bind-try", "/etc/ld.so.cache");
	add_bind(list, "--ro-bind-try", "/etc/alternatives");
	arguments_add_all(list, "--proc", "/proc", "--dev", "/dev", "--tmpfs",
	    "/dev/pts", NULL);
	add_common_tmpfs(list, SHARED_MEMORY, shm_size);
	hide_machine(list);
	return root_add_files(process);
}

static void
add_binds(struct arguments *list, const struct arguments *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		add_bind(list, "--ro-bind", paths->words[i]);
}

/* What the operator lets the command see, at the same paths. */
static void
add_operator_paths(
    struct arguments *list, const struct sandbox_request *request)
{
	add_binds(list, &request->readable);
	add_binds(list, &request->cargo.directories);
	add_binds(list, &request->cargo.registry);
	if (request->rustup_home != NULL)
		add_bind(list, "--ro-bind", request->rustup_home);
	else if (request->toolchain != NULL)
		add_bind(list, "--ro-bind", request->toolchain);
}

/* A part that the operator's home lacks cargo may make itself. */
static void
add_registry(struct arguments *list, const struct arguments *registry)
{
	for (size_t i = 0; i < registry->count; i++) {
		const char *path = registry->words[i];
		arguments_add_all(list, "--symlink", path, NULL);
		arguments_print(
		    list, "/build/cargo/registry%s", strrchr(path, '/'));
	}
}

static int
add_build(struct sandbox_process *process,
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	struct arguments *list = &process->arguments;

	if (request->source != NULL)
		arguments_add_all(list, "--ro-bind", request->source,
		    request->source_is_writable ? "/build/original" :
						  "/build/source",
		    NULL);
	if (request->target_directory != NULL)
		arguments_add_all(list, "--bind", request->target_directory,
		    view->target, NULL);
	else
		add_tmpfs(list, view->target, request->target_size);
	add_tmpfs(list, view->cargo_home, CARGO_HOME_SIZE);
	add_registry(list, &request->cargo.registry);
	return request->cargo.sources == NULL ?
	    0 :
	    root_add_file(process, "/build/cargo/config.toml",
		request->cargo.sources, strlen(request->cargo.sources));
}

/* Before the command: the copy of the source that it may change. */
static void
add_copy(struct arguments *list, const struct sandbox_view *view)
{
	arguments_add_all(list, "/bin/sh", "-c", NULL);
	arguments_print(list,
	    "cp -R --preserve=timestamps /build/original \"$1\" || exit %d; "
	    "shift && exec \"$@\"",
	    BWRAP_COPY_FAILED);
	arguments_add_all(list, "sh", view->source, NULL);
}

static int
add_confined_command(struct sandbox_process *process,
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	struct arguments *list = &process->arguments;

	if (request->source_is_writable)
		add_copy(list, view);
	arguments_add(list, "/cc-confine");
	confine_add_options(process, request);
	if (request->has_sockets)
		arguments_add(list, "--allow-local-sockets");
	arguments_add_all(list, "--send-dir", view->target, "--ro", "/", NULL);
	confine_add_writable(list, view);
	arguments_add_all(list, "--rw", SHARED_MEMORY, "--", NULL);
	return sandbox_add_command(list, request, view);
}

int
bwrap_prepare(struct sandbox_process *process,
    const struct sandbox_request *request, const struct sandbox_view *view)
{
	struct arguments *list = &process->arguments;
	char *confine = confine_program();

	if (confine == NULL)
		return -1;
	add_namespaces(list);
	if (add_system(process, request->shm_size) == -1) {
		free(confine);
		return -1;
	}
	add_common_tmpfs(list, view->tmp, request->tmp_size);
	add_operator_paths(list, request);
	arguments_add_all(list, "--ro-bind", confine, "/cc-confine", NULL);
	free(confine);
	if (add_build(process, request, view) == -1)
		return -1;
	arguments_add_all(list, "--remount-ro", "/dev/pts", "--remount-ro",
	    "/dev", "--remount-ro", "/", "--", NULL);
	return add_confined_command(process, request, view);
}
