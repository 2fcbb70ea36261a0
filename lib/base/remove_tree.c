/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No recursion and no way back up: the directories that a subdirectory holds
 * are moved up into the top directory, so everything is removed at depth two.
 * A name is only ever used below a directory that is held open, and a
 * directory is only opened beneath its parent, on the same mount, never
 * through a symlink. So whoever changes the tree meanwhile can make us fail,
 * or keep us busy, but not lead us out.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "list.h"
#include "remove_tree.h"

struct removal {
	DIR *top;
	unsigned long moved; /* names given so far in top */
	int error;	     /* the first one, or 0 */
	bool progress;	     /* this pass over top removed or moved something */
};

/* An O_PATH descriptor of a directory that we may read, change and move. */
static int
hold_directory(int parent, const char *name)
{
	int fd = open_beneath(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW,
	    RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	char path[64];
	struct stat st;

	if (fd == -1)
		return -1;
	/*
	 * Not by its name: chmod follows symlinks, and fchmod refuses O_PATH.
	 * Where this fails, what needs the permission tells.
	 */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IRWXU) != S_IRWXU)
		(void)chmod(path, S_IRWXU);
	return fd;
}

static DIR *
list_held(int parent, const char *name)
{
	int held = hold_directory(parent, name);
	if (held == -1)
		return NULL;
	int fd = openat(held, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close_keeping_errno(held);
	return list_directory(fd);
}

/* Anything but a directory that holds something. ENOTEMPTY: it is one. */
static int
remove_single(int parent, const char *name)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return -1;
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno == EEXIST)
		errno = ENOTEMPTY;
	return -1;
}

static int
move_up(struct removal *removal, int parent, const char *name)
{
	char new_name[24];
	int held = hold_directory(parent, name);
	int result;

	/* Held only for its mode: moving a directory writes its "..". */
	if (held == -1)
		return -1;
	(void)close(held);
	do {
		snprintf(new_name, sizeof new_name, "%lx", removal->moved++);
		result = renameat2(parent, name, dirfd(removal->top), new_name,
		    RENAME_NOREPLACE);
	} while (result == -1 && errno == EEXIST);
	return result;
}

static void
note(struct removal *removal, int result)
{
	if (result == 0)
		removal->progress = true;
	else if (removal->error == 0 && errno != ENOTEMPTY)
		removal->error = errno;
}

/* Leaves the directory `name` of top with what cannot go, at best nothing. */
static void
empty_directory(struct removal *removal, const char *name)
{
	DIR *list = list_held(dirfd(removal->top), name);
	const struct dirent *entry;

	if (list == NULL) {
		note(removal, -1);
		return;
	}
	while ((entry = list_next(list)) != NULL) {
		int result = remove_single(dirfd(list), entry->d_name);
		if (result == -1 && errno == ENOTEMPTY)
			result = move_up(removal, dirfd(list), entry->d_name);
		note(removal, result);
	}
	if (errno != 0)
		note(removal, -1);
	(void)closedir(list);
}

static void
pass_over_top(struct removal *removal)
{
	const struct dirent *entry;

	rewinddir(removal->top);
	while ((entry = list_next(removal->top)) != NULL) {
		const char *name = entry->d_name;
		int result = remove_single(dirfd(removal->top), name);
		if (result == -1 && errno == ENOTEMPTY) {
			empty_directory(removal, name);
			result = remove_single(dirfd(removal->top), name);
		}
		note(removal, result);
	}
	if (errno != 0)
		note(removal, -1);
}

int
remove_tree_at(int directory, const char *name)
{
	struct removal removal = {0};

	if (remove_single(directory, name) == 0)
		return 0;
	int first = errno;
	/* It may have to stay where it is: what it holds may still go. */
	if (first != ENOTEMPTY && first != EACCES && first != EPERM)
		return -1;
	removal.top = list_held(directory, name);
	if (removal.top == NULL) {
		errno = first != ENOTEMPTY ? first : errno;
		return -1;
	}
	do {
		removal.progress = false;
		pass_over_top(&removal);
	} while (removal.progress);
	(void)closedir(removal.top);
	if (remove_single(directory, name) == 0)
		return 0;
	if (removal.error != 0)
		errno = removal.error;
	return -1;
}
