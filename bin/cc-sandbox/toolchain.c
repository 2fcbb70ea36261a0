/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/list.h"
#include "toml/toml_strings.h"
#include "toolchain.h"

enum { SETTINGS_MAX = 1 << 20, NAME_SIZE = 256 };

static bool
has_rustc(int directory, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/bin/rustc", name);

	return n > 0 && (size_t)n < sizeof path &&
	    faccessat(directory, path, X_OK, 0) == 0;
}

/* How many toolchains the directory holds; name gets the last one's. */
static int
count_toolchains(int directory, char name[NAME_SIZE])
{
	DIR *list = list_directory(
	    openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const struct dirent *entry;
	int count = 0;

	if (list == NULL)
		return -1;
	while ((entry = list_next(list)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    !has_rustc(directory, entry->d_name))
			continue;
		snprintf(name, NAME_SIZE, "%s", entry->d_name);
		count++;
	}
	list_close(list);
	return count;
}

/* What `rustup default` wrote. */
static bool
read_default(const char *home, int toolchains, char name[NAME_SIZE])
{
	struct toml_wanted wanted = {
	    .path = "default_toolchain", .value = name, .size = NAME_SIZE};
	size_t length;
	bool is_found = false;
	int directory = open_directory(home);
	char *text = directory == -1 ?
	    NULL :
	    read_file_at(directory, "settings.toml", SETTINGS_MAX, &length);

	if (text != NULL)
		is_found = toml_strings(text, length, &wanted, 1) == 0 &&
		    wanted.result == TOML_FOUND && strchr(name, '/') == NULL &&
		    has_rustc(toolchains, name);
	free(text);
	close_keeping_errno(directory);
	return is_found;
}

static enum toolchain_result
choose(const char *home, int toolchains, char **toolchain)
{
	char name[NAME_SIZE] = "";
	int count = count_toolchains(toolchains, name);

	if (count == -1)
		return TOOLCHAIN_FAILED;
	if (count == 0)
		return TOOLCHAIN_NONE;
	if (count > 1 && !read_default(home, toolchains, name))
		return TOOLCHAIN_SEVERAL;
	char *path = NULL;
	if (asprintf(&path, "%s/toolchains/%s", home, name) == -1)
		return TOOLCHAIN_FAILED;
	*toolchain = path;
	return TOOLCHAIN_FOUND;
}

static enum toolchain_result
find_in_home(char *home, char **toolchain)
{
	char *path = NULL;

	if (asprintf(&path, "%s/toolchains", home) == -1)
		return TOOLCHAIN_FAILED;
	int toolchains = open_directory(path);
	free(path);
	if (toolchains == -1)
		return errno == ENOENT ? TOOLCHAIN_NONE : TOOLCHAIN_FAILED;
	enum toolchain_result result = choose(home, toolchains, toolchain);
	close_keeping_errno(toolchains);
	return result;
}

enum toolchain_result
toolchain_find(const char *path, char **toolchain, char **home)
{
	char *resolved = realpath(path, NULL);

	if (resolved == NULL)
		return TOOLCHAIN_FAILED;
	if (has_rustc(AT_FDCWD, resolved)) {
		*toolchain = resolved;
		*home = NULL;
		return TOOLCHAIN_FOUND;
	}
	enum toolchain_result result = find_in_home(resolved, toolchain);
	if (result == TOOLCHAIN_FOUND)
		*home = resolved;
	else
		free(resolved);
	return result;
}
