/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/list.h"
#include "sockets.h"

/* What is gone, or closed to our user, the command cannot reach either. */
static bool
is_out_of_reach(void)
{
	return errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
	    errno == ELOOP;
}

/* 1 it is a socket, 0 not, -1; a directory is added to those to look at. */
static int
look_at(struct arguments *directories, const char *path, bool follows)
{
	struct stat st;

	if ((follows ? stat(path, &st) : lstat(path, &st)) == -1)
		return is_out_of_reach() ? 0 : -1;
	if (S_ISDIR(st.st_mode))
		arguments_add(directories, path);
	return S_ISSOCK(st.st_mode);
}

static char *
join(const char *directory, const char *name)
{
	size_t size = strlen(directory) + strlen(name) + 2;
	char *path = malloc(size);

	if (path != NULL)
		(void)stpcpy(stpcpy(stpcpy(path, directory), "/"), name);
	return path;
}

/* What readdir(3) knows costs no call of its own. */
static int
look_at_entry(struct arguments *directories, const char *directory,
    const struct dirent *entry, char **found)
{
	const char *name = entry->d_name;
	unsigned char type = entry->d_type;
	int result = 0;

	if (type != DT_DIR && type != DT_SOCK && type != DT_UNKNOWN)
		return 0;
	char *path = join(directory, name);
	if (path == NULL)
		return -1;
	if (type == DT_DIR)
		arguments_add(directories, path);
	else
		result = look_at(directories, path, false);
	if (result == 0)
		free(path);
	else
		*found = path;
	return result;
}

static int
look_into(struct arguments *directories, const char *directory, char **found)
{
	DIR *list = list_directory(open_directory(directory));
	const struct dirent *entry;
	int result = 0;

	if (list == NULL)
		return is_out_of_reach() ? 0 : -1;
	while (result == 0 && (entry = list_next(list)) != NULL)
		result = look_at_entry(directories, directory, entry, found);
	if (result == 0 && errno != 0)
		result = -1;
	list_close(list);
	return result;
}

/* The list grows while it is looked through, so no depth is too much. */
static int
look_below(struct arguments *directories, char **found)
{
	int result = 0;

	while (result == 0 && directories->count > 0) {
		char *directory = directories->words[--directories->count];
		result = look_into(directories, directory, found);
		if (result == -1 && *found == NULL)
			*found = directory;
		else
			free(directory);
	}
	if (result == 0 && directories->error != 0) {
		errno = directories->error;
		return -1;
	}
	return result;
}

static int
look_at_all(
    struct arguments *directories, const struct arguments *paths, char **found)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < paths->count; i++) {
		result = look_at(directories, paths->words[i], true);
		if (result != 0)
			*found = strdup(paths->words[i]);
	}
	return result;
}

/* A kept target directory holds what earlier builds left, whom nobody hears. */
static void
add_paths(struct arguments *paths, const struct sandbox_request *request)
{
	static const char *const system[] = {"/bin", "/etc/alternatives",
	    "/etc/fonts", "/lib", "/lib32", "/lib64", "/libx32", "/sbin",
	    "/usr"};
	const char *const given[] = {
	    request->source, request->rustup_home, request->toolchain};
	struct stat st;

	for (size_t i = 0; i < sizeof system / sizeof *system; i++)
		if (lstat(system[i], &st) == 0 && S_ISDIR(st.st_mode))
			arguments_add(paths, system[i]);
	for (size_t i = 0; i < sizeof given / sizeof *given; i++)
		if (given[i] != NULL)
			arguments_add(paths, given[i]);
}

int
sockets_find(const struct sandbox_request *request, char **found)
{
	const struct arguments *const lists[] = {&request->readable,
	    &request->cargo.directories, &request->cargo.registry};
	struct arguments directories = {.words = NULL}, paths = directories;

	*found = NULL;
	add_paths(&paths, request);
	int result = look_at_all(&directories, &paths, found);
	for (size_t i = 0; result == 0 && i < 3; i++)
		result = look_at_all(&directories, lists[i], found);
	if (result == 0 && paths.error != 0) {
		errno = paths.error;
		result = -1;
	}
	if (result == 0)
		result = look_below(&directories, found);
	arguments_free(&paths);
	arguments_free(&directories);
	return result;
}
