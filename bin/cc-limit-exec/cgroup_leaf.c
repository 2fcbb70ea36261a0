/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "base/list.h"
#include "cgroup_base.h"
#include "cgroup_file.h"
#include "cgroup_leaf.h"

enum { NAMES = 1000 };

/* For all of them: others wait for the lock on the base meanwhile. */
#define SWEEP_PATIENCE CLOCK_SECOND

static int
open_leaf(int base, const char *name)
{
	return openat(
	    base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
cgroup_leaf_make(int base, char *name, size_t size)
{
	int made = -1;

	/* Another pid namespace may have used the number. */
	for (int n = 0; n < NAMES && made == -1; n++) {
		(void)snprintf(
		    name, size, CGROUP_LEAF "%d.%d", (int)getpid(), n);
		made = mkdirat(base, name, 0755);
		if (made == -1 && errno != EEXIST)
			return -1;
	}
	int leaf = made == -1 ? -1 : open_leaf(base, name);
	/* Nobody below it makes cgroups, which cost memory that is not its. */
	if (leaf != -1 && flock(leaf, LOCK_EX | LOCK_NB) == 0 &&
	    cgroup_write(leaf, "cgroup.max.descendants", "0") == 0)
		return leaf;
	int saved = errno;
	(void)unlinkat(base, name, AT_REMOVEDIR);
	close_keeping_errno(leaf);
	errno = saved;
	return -1;
}

/* cgroup.events tells by POLLPRI that it has changed, after a read. */
static int
wait_until_empty(int leaf, int64_t until)
{
	int fd = openat(leaf, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd change = {.fd = fd, .events = POLLPRI};
	int result = 1;
	char text[64];

	if (fd == -1)
		return -1;
	while (result == 1) {
		ssize_t n = pread(fd, text, sizeof text - 1, 0);
		int64_t left = until - clock_now();
		text[n > 0 ? n : 0] = '\0';
		if (n == -1)
			result = -1;
		else if (strstr(text, "populated 0") != NULL)
			result = 0;
		else if (left <= 0)
			result = -1;
		else
			(void)poll(&change, 1,
			    (int)(clock_earlier(left, CLOCK_SECOND) /
				CLOCK_MS) +
				1);
	}
	(void)close(fd);
	errno = EBUSY;
	return result;
}

int
cgroup_leaf_remove(int base, const char *name, int leaf, int64_t until)
{
	(void)cgroup_write(leaf, "cgroup.kill", "1");
	if (wait_until_empty(leaf, until) == -1)
		return -1;
	return unlinkat(base, name, AT_REMOVEDIR);
}

/* 1 when its runner is gone and so is it. */
static int
sweep_one(int base, const char *name, int64_t until)
{
	int leaf = open_leaf(base, name);
	int is_removed = 0;

	if (leaf == -1)
		return errno == ENOENT;
	if (flock(leaf, LOCK_EX | LOCK_NB) == 0)
		is_removed = cgroup_leaf_remove(base, name, leaf, until) == 0;
	(void)close(leaf);
	return is_removed;
}

int
cgroup_leaf_sweep(int base)
{
	int64_t until = clock_after(clock_now(), SWEEP_PATIENCE);
	const struct dirent *entry;
	int left = 0;

	DIR *list = list_directory(openat(base, ".", O_RDONLY | O_CLOEXEC));
	if (list == NULL)
		return -1;
	while ((entry = list_next(list)) != NULL)
		if (strncmp(entry->d_name, CGROUP_LEAF,
			sizeof CGROUP_LEAF - 1) == 0 &&
		    !sweep_one(base, entry->d_name, until))
			left++;
	list_close(list);
	return left;
}
