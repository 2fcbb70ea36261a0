/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/remove_tree.h"
#include "scratch.h"

/* The absolute path that it is to have, made for a directory of $TMPDIR. */
static char *
choose_path(const char *directory)
{
	char *path = NULL;

	if (directory == NULL) {
		const char *tmp = getenv("TMPDIR");
		if (tmp == NULL || *tmp != '/')
			tmp = "/tmp";
		if (asprintf(&path, "%s/cc-sandbox.XXXXXX", tmp) == -1)
			return NULL;
		if (mkdtemp(path) != NULL)
			return path;
		free(path);
		return NULL;
	}
	char *resolved = realpath(directory, NULL);
	if (resolved == NULL)
		return NULL;
	if (asprintf(&path, "%s.scratch", resolved) == -1)
		path = NULL;
	free(resolved);
	return path;
}

static int
open_parent(struct scratch *scratch)
{
	char *slash = strrchr(scratch->path, '/');

	scratch->name = slash + 1;
	*slash = '\0';
	scratch->parent =
	    open_directory(slash == scratch->path ? "/" : scratch->path);
	*slash = '/';
	return scratch->parent == -1 ? -1 : 0;
}

/* In the place of what a killed run on the same directory left. */
static int
make_anew(const struct scratch *scratch)
{
	if (remove_tree_at(scratch->parent, scratch->name) == -1)
		return -1;
	return mkdirat(scratch->parent, scratch->name, 0700);
}

static int
make_directories(const struct scratch *scratch)
{
	static const char *const names[] = {"target", "tmp", "cargo"};

	int directory = open_directory(scratch->path);
	if (directory == -1)
		return -1;
	int result = 0;
	for (int i = 0; i < 3 && result == 0; i++)
		result = mkdirat(directory, names[i], 0700);
	close_keeping_errno(directory);
	return result;
}

int
scratch_make(const char *directory, struct scratch *scratch)
{
	*scratch = (struct scratch){.parent = -1};
	scratch->path = choose_path(directory);
	if (scratch->path == NULL)
		return -1;
	if (open_parent(scratch) == 0 &&
	    (directory == NULL || make_anew(scratch) == 0) &&
	    make_directories(scratch) == 0)
		return 0;
	int saved = errno;
	(void)scratch_remove(scratch);
	errno = saved;
	return -1;
}

int
scratch_remove(struct scratch *scratch)
{
	int result = 0;

	if (scratch->path == NULL)
		return 0;
	if (scratch->parent != -1) {
		result = remove_tree_at(scratch->parent, scratch->name);
		close_keeping_errno(scratch->parent);
	}
	free(scratch->path);
	*scratch = (struct scratch){.parent = -1};
	return result;
}
