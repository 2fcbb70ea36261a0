/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cgroup_base.h"
#include "cgroup_file.h"
#include "cgroup_own.h"

enum { LOCK_WAIT_S = 5, ROUNDS = 100 };

/*
 * Delegation is the ownership of the directory. Root owns all of them, so for
 * root it is the mark that systemd sets on what it leaves to others.
 */
static bool
is_delegated(int directory)
{
	struct stat st;
	char mark = '0';

	if (geteuid() == 0)
		return fgetxattr(directory, "user.delegate", &mark, 1) == 1 &&
		    mark == '1';
	return fstat(directory, &st) == 0 && st.st_uid == geteuid();
}

static int
refuse(int directory, char *why, size_t size, const char *reason)
{
	(void)close(directory);
	(void)snprintf(why, size, "%s", reason);
	return -1;
}

int
cgroup_base_open(char *why, size_t size)
{
	char *name;
	int base = cgroup_open_own(&name);

	if (base == -1)
		return refuse(base, why, size, "no cgroup v2 is at hand");
	if (strcmp(name, CGROUP_SUPERVISOR) == 0) {
		int own = base;
		base = openat(own, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(own);
	}
	bool is_leaf = strncmp(name, CGROUP_LEAF, sizeof CGROUP_LEAF - 1) == 0;
	free(name);
	/* Locked by its runner, and bound not to have any below it. */
	if (is_leaf)
		return refuse(base, why, size,
		    "the own cgroup is the leaf of another run");
	if (base == -1 || !is_delegated(base))
		return refuse(base, why, size,
		    "the own cgroup is not delegated to this user");
	if (faccessat(base, "cgroup.procs", W_OK, AT_EACCESS) == -1)
		return refuse(base, why, size,
		    errno == EROFS ? "the own cgroup is read-only here" :
				     "the own cgroup cannot be written");
	return base;
}

int
cgroup_base_lock(int base)
{
	const struct timespec pause = {.tv_nsec = 10 * CLOCK_MS};
	int64_t end = clock_after(clock_now(), LOCK_WAIT_S * CLOCK_SECOND);

	while (flock(base, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK || clock_now() > end)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

void
cgroup_base_unlock(int base)
{
	(void)flock(base, LOCK_UN);
}

static void
move(pid_t pid, void *data)
{
	char text[16];

	(void)snprintf(text, sizeof text, "%d", pid);
	/* Who stays behind is met again, or has died. */
	(void)cgroup_write(*(int *)data, "cgroup.procs", text);
}

/* Again while others fork. */
static int
move_aside(int base)
{
	int supervisor, left = 1;

	if (mkdirat(base, CGROUP_SUPERVISOR, 0755) == -1 && errno != EEXIST)
		return -1;
	supervisor = openat(base, CGROUP_SUPERVISOR,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (supervisor == -1)
		return -1;
	for (int n = 0; n < ROUNDS && left > 0; n++)
		left = cgroup_visit_processes(base, move, &supervisor);
	(void)close(supervisor);
	errno = left > 0 ? EBUSY : errno;
	return left == 0 ? 0 : -1;
}

static int
hand_down(int base, const char *controller)
{
	char text[32];
	int result = -1;

	(void)snprintf(text, sizeof text, "+%s", controller);
	for (int n = 0; n < ROUNDS && result == -1; n++) {
		if (move_aside(base) == -1)
			return -1;
		result = cgroup_write(base, "cgroup.subtree_control", text);
		if (result == -1 && errno != EBUSY)
			return -1;
	}
	return result;
}

int
cgroup_base_enable(int base, const char *const controllers[])
{
	for (; *controllers != NULL; controllers++)
		if (cgroup_lists(base, "cgroup.controllers", *controllers) &&
		    !cgroup_lists(
			base, "cgroup.subtree_control", *controllers) &&
		    hand_down(base, *controllers) == -1)
			return -1;
	return 0;
}

void
cgroup_base_disable(int base, const char *const controllers[])
{
	char text[32];

	/* Without that leaf it was somebody else who handed them down. */
	if (faccessat(base, CGROUP_SUPERVISOR, F_OK, 0) == -1)
		return;
	for (; *controllers != NULL; controllers++) {
		(void)snprintf(text, sizeof text, "-%s", *controllers);
		(void)cgroup_write(base, "cgroup.subtree_control", text);
	}
}
