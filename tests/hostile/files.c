/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the host: reading, changing, learning of them. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attack.h"

static enum verdict
judge_secret(const char *path)
{
	int found = file_holds(path, fact("SECRET"));

	return found == 0 ? contained("nothing in it") :
			    judge(found, "the secret");
}

static enum verdict
read_secret(void)
{
	return judge_secret(fact("SECRET_FILE"));
}

static enum verdict
read_by_symlink(void)
{
	const char *link = below_target("link");

	if (symlink(fact("SECRET_FILE"), link) == -1)
		return broken("no symlink");
	return judge_secret(link);
}

static enum verdict
read_by_hardlink(void)
{
	const char *name = below_target("hard");

	if (link(fact("SECRET_FILE"), name) == -1)
		return judge(-1, NULL);
	return judge_secret(name);
}

/* Up from wherever we may be, and through the root of other processes. */
static enum verdict
read_by_climbing(void)
{
	static const char *const starts[] = {"..", "/proc/self/cwd/..",
	    "/proc/self/root/..", "/proc/1/root", "/proc/1/cwd"};
	char path[PATH_MAX];
	bool is_found = false;
	int reason = 0;

	if (chdir(fact("CARGO_TARGET_DIR")) == -1)
		return broken("no way into the target directory");
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		snprintf(path, sizeof path,
		    "%s/../../../../../../../../../../..%s", starts[i],
		    fact("SECRET_FILE"));
		if (file_holds(path, fact("SECRET")) == 1)
			is_found = true;
		else
			reason = errno;
	}
	errno = reason;
	return is_found ? leaked("the secret") : judge(-1, NULL);
}

static enum verdict
write_secret(void)
{
	int fd = open(fact("SECRET_FILE"), O_WRONLY | O_APPEND);

	return judge(fd == -1 ? -1 : write(fd, "x", 1), "a line in it");
}

static char *
beside(const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", fact("HOST_DIR"), name) == -1)
		abort();
	return path;
}

static enum verdict
create_outside(void)
{
	return judge(open(beside("new"), O_WRONLY | O_CREAT, 0644), "a file");
}

static enum verdict
remove_outside(void)
{
	return judge(unlink(beside("victim")), "a file removed");
}

static enum verdict
rename_outside(void)
{
	return judge(rename(beside("victim"), beside("other")), "a new name");
}

static enum verdict
truncate_outside(void)
{
	return judge(truncate(beside("victim"), 3), "a file cut off");
}

/* A file that we may only read: its worker owns it, so its mode is no help. */
static enum verdict
truncate_source(void)
{
	const char *path = fact("SOURCE_FILE");

	if (truncate(path, 3) == -1 && open(path, O_RDONLY | O_TRUNC) == -1 &&
	    open(path, O_WRONLY | O_TRUNC) == -1)
		return judge(-1, NULL);
	return leaked("the source cut off");
}

static enum verdict
chmod_outside(void)
{
	return judge(chmod(beside("victim"), 0666), "another mode");
}

static enum verdict
chown_outside(void)
{
	return judge(chown(beside("victim"), (uid_t)-1, getgid()), "an owner");
}

static enum verdict
date_outside(void)
{
	const struct timespec times[2] = {{1, 0}, {1, 0}};

	return judge(
	    utimensat(AT_FDCWD, beside("victim"), times, 0), "another date");
}

static enum verdict
mark_outside(void)
{
	return judge(
	    setxattr(beside("victim"), "user.x", "x", 1, 0), "an attribute");
}

static enum verdict
stat_outside(void)
{
	struct stat st;

	return judge(stat(beside("victim"), &st), "its size and date");
}

static enum verdict
watch_outside(void)
{
	int fd = inotify_init1(IN_CLOEXEC);

	return judge(
	    fd == -1 ? -1 : inotify_add_watch(fd, fact("HOST_DIR"), IN_CREATE),
	    "who makes what there");
}

static int
open_source(void)
{
	return open(fact("SOURCE_FILE"), O_RDONLY | O_CLOEXEC);
}

static int
read_source(void)
{
	return file_holds(fact("SOURCE_FILE"), "source") == 1 ? 0 : -1;
}

/* Whoever opens the file next waits for us, 45 seconds by default. */
static enum verdict
lease_source(void)
{
	int fd = open_source();

	return judge(fd == -1 ? -1 : fcntl(fd, F_SETLEASE, F_WRLCK), "a lease");
}

/* The command is an unsigned int: a filter must not look at more. */
static enum verdict
notify_directory(void)
{
	int fd = open("/usr/lib", O_RDONLY | O_DIRECTORY);

	return judge(fd == -1 ? -1 : fcntl(fd, F_NOTIFY, DN_CREATE), "a watch");
}

static enum verdict
make_setuid(void)
{
	const char *path = below_target("setuid");

	if (open(path, O_WRONLY | O_CREAT, 0644) == -1)
		return broken("no file");
	return chmod(path, 04755) == -1 &&
		mkdir(below_target("d"), 02755) == -1 ?
	    judge(-1, NULL) :
	    leaked("a setuid file");
}

/* Its mode lies in memory, where no filter sees it. */
static enum verdict
make_setuid_by_openat2(void)
{
	const uint64_t how[3] = {O_WRONLY | O_CREAT, 04755, 0};

	return judge(syscall(SYS_openat2, AT_FDCWD, below_target("setuid2"),
			 how, sizeof how),
	    "a setuid file");
}

/* fchmodat2, which no filter of an older library knows. */
static enum verdict
make_setuid_by_fchmodat2(void)
{
	const char *path = below_target("setuid3");

	if (open(path, O_WRONLY | O_CREAT, 0644) == -1)
		return broken("no file");
	return judge(syscall(452, AT_FDCWD, path, 04755, 0), "a setuid file");
}

static enum verdict
make_capable(void)
{
	/* Version 2, CAP_SYS_ADMIN permitted and effective. */
	static const unsigned data[] = {0x02000001, 1U << 21, 0, 0, 0};
	const char *path = below_target("capable");

	if (open(path, O_WRONLY | O_CREAT, 0755) == -1)
		return broken("no file");
	return judge(
	    setxattr(path, "security.capability", data, sizeof data, 0),
	    "a file with capabilities");
}

static enum verdict
make_device(void)
{
	return judge(
	    mknod(below_target("device"), S_IFCHR | 0666, 0), "a device");
}

/* The programs that hold us, by every name that they may have here. */
static enum verdict
write_runner(void)
{
	static const char *const names[] = {
	    "/proc/1/exe", "/proc/self/exe", "/cc-confine", "/usr/bin/bwrap"};
	char path[PATH_MAX];
	const char *bin = fact("RUNNER_BIN");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (open(names[i], O_WRONLY) != -1)
			return leaked(names[i]);
	snprintf(path, sizeof path, "/proc/%d/exe", getppid());
	if (open(path, O_WRONLY) != -1)
		return leaked(path);
	snprintf(path, sizeof path, "%s/cc-confine", bin);
	return judge(open(path, O_WRONLY), path);
}

/* A library of the system, which every later build would load. */
static enum verdict
write_toolchain(void)
{
	int fd = open(fact("LIBRARY"), O_WRONLY);

	return judge(fd, "a library of the next build");
}

const struct attack attacks_on_files[] = {
    {"read-secret", read_usr, read_secret},
    {"read-by-symlink", read_usr, read_by_symlink},
    {"read-by-hardlink", write_in_target, read_by_hardlink},
    {"read-by-climbing", read_usr, read_by_climbing},
    {"write-secret", write_in_target, write_secret},
    {"create-outside", write_in_target, create_outside},
    {"rename-outside", write_in_target, rename_outside},
    {"truncate-outside", write_in_target, truncate_outside},
    {"truncate-source", read_source, truncate_source},
    {"chmod-outside", write_in_target, chmod_outside},
    {"chown-outside", write_in_target, chown_outside},
    {"date-outside", write_in_target, date_outside},
    {"mark-outside", write_in_target, mark_outside},
    {"stat-outside", read_usr, stat_outside},
    {"watch-outside", read_usr, watch_outside},
    {"remove-outside", write_in_target, remove_outside},
    {"lease-source", read_source, lease_source},
    {"notify-directory", read_usr, notify_directory},
    {"make-setuid", write_in_target, make_setuid},
    {"make-setuid-openat2", write_in_target, make_setuid_by_openat2},
    {"make-setuid-fchmodat2", write_in_target, make_setuid_by_fchmodat2},
    {"make-capable", write_in_target, make_capable},
    {"make-device", write_in_target, make_device},
    {"write-runner", write_in_target, write_runner},
    {"write-toolchain", write_in_target, write_toolchain},
    {0},
};
