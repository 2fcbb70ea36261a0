/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/files.h"
#include "base/remove_tree.h"
#include "directory.h"

/* More than a claim.json can be, and no reserve for the build. */
enum { TRIAL = 1 << 14, ATTEMPTS = 100 };

int
claim_directory_open(int parent, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(parent, name, flags);

	/* A build without namespaces can change the mode of what is its own. */
	if (fd == -1 && errno == EACCES && fchmodat(parent, name, 0700, 0) == 0)
		fd = openat(parent, name, flags);
	return fd;
}

static int
try_to_write(int fd)
{
	static const char zeros[TRIAL];

	if (store_file_at(fd, "trial", zeros, sizeof zeros) == -1)
		return -1;
	return unlinkat(fd, "trial", 0);
}

/* 1: locked and still linked, 0: a sweep has it or had it, -1. */
static int
lock_new(int fd)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK ? 0 : -1;
	if (fstat(fd, &st) == -1)
		return -1;
	return st.st_nlink > 0;
}

/* As lock_new; with 1 the descriptor is open. */
static int
make_once(int home, struct claim_directory *directory)
{
	if (uuid_new(directory->name) == -1 ||
	    mkdirat(home, directory->name, 0700) == -1)
		return -1;
	int fd = claim_directory_open(home, directory->name);
	int locked = fd != -1 ? lock_new(fd) : errno == ENOENT ? 0 : -1;
	if (locked == 1) {
		directory->home = home;
		directory->fd = fd;
		return 1;
	}
	int saved = errno;
	close_keeping_errno(fd);
	if (locked == -1)
		(void)unlinkat(home, directory->name, AT_REMOVEDIR);
	errno = saved;
	return locked;
}

int
claim_directory_make(int home, struct claim_directory *directory)
{
	int made = 0;

	for (int i = 0; i < ATTEMPTS && made == 0; i++)
		made = make_once(home, directory);
	if (made != 1) {
		errno = made == 0 ? EBUSY : errno;
		return -1;
	}
	if (try_to_write(directory->fd) == 0)
		return 0;
	int saved = errno;
	(void)claim_directory_remove(directory);
	errno = saved;
	return -1;
}

int
claim_directory_rename(
    struct claim_directory *directory, const char *prefix, const char *token)
{
	char name[CLAIM_DIRECTORY_NAME];

	int n = snprintf(name, sizeof name, "%s%s", prefix, token);
	if (n < 0 || (size_t)n >= sizeof name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fault_point("before-rename", "directory");
	if (renameat2(directory->home, directory->name, directory->home, name,
		RENAME_NOREPLACE) == -1)
		return -1;
	fault_point("after-rename", "directory");
	strcpy(directory->name, name);
	return 0;
}

/* The scratch first: what is left of a removal that is killed shows as dead. */
int
claim_directory_remove_at(int home, const char *name)
{
	char beside[CLAIM_DIRECTORY_NAME + sizeof CLAIM_DIRECTORY_SCRATCH];

	snprintf(beside, sizeof beside, "%s" CLAIM_DIRECTORY_SCRATCH, name);
	if (remove_tree_at(home, beside) == -1)
		return -1;
	return remove_tree_at(home, name);
}

int
claim_directory_remove(struct claim_directory *directory)
{
	fault_point("before-remove", "directory");
	int result =
	    claim_directory_remove_at(directory->home, directory->name);
	int saved = errno;

	fault_point("after-remove", "directory");
	(void)close(directory->fd);
	directory->fd = -1;
	errno = saved;
	return result;
}
