/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host tells by /proc, /sys, /dev and the environment, and what it
 * would let itself be told there.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "attack.h"

extern char **environ;

static enum verdict
see_environment(void)
{
	for (char **at = environ; *at != NULL; at++)
		if (strncmp(*at, "DATABASE_URL=", 13) == 0 ||
		    strncmp(*at, "PG", 2) == 0)
			return leaked(*at);
	return contained("not there");
}

static int
read_own_environment(void)
{
	return fact("CARGO_TARGET_DIR")[0] == '/' ? 0 : -1;
}

/* DATABASE_URL in the environment or on the command line of any process. */
static enum verdict
see_processes(void)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *proc = opendir("/proc");

	if (proc == NULL)
		return judge(-1, NULL);
	while ((entry = readdir(proc)) != NULL) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		for (int i = 0; i < 2; i++) {
			snprintf(path, sizeof path, "/proc/%s/%s",
			    entry->d_name, i == 0 ? "environ" : "cmdline");
			/* In two parts, or we should find ourselves. */
			if (file_holds(path,
				"postgres"
				"://secret") == 1)
				return leaked(path);
		}
	}
	(void)closedir(proc);
	return contained("in none");
}

static enum verdict
open_of_victim(const char *name, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "/proc/%s/%s", fact("VICTIM_PID"), name);
	return judge(open(path, flags), path);
}

static enum verdict
open_memory(void)
{
	return open_of_victim("mem", O_RDWR);
}

static enum verdict
open_descriptor(void)
{
	char name[32];

	snprintf(name, sizeof name, "fd/%s", fact("SECRET_FD"));
	return open_of_victim(name, O_RDONLY);
}

static enum verdict
open_root(void)
{
	return open_of_victim("root", O_RDONLY | O_DIRECTORY);
}

/* Which paths of the host the mounts of a sandbox tell. */
static enum verdict
see_mounts(void)
{
	const char *const names[] = {"/proc/self/mountinfo", "/proc/1/cmdline"};
	int found = -1;

	for (int i = 0; i < 2 && found != 1; i++)
		found = file_holds(names[i], fact("BUILD_DIR"));
	return found == 0 ? contained("not told") :
			    judge(found, "the path of the build directory");
}

static enum verdict
see_boot(void)
{
	char byte;
	int fd = open("/proc/cmdline", O_RDONLY);

	return judge(
	    fd == -1 ? -1 : read(fd, &byte, 1) - 1, "the command line");
}

static enum verdict
see_kernel_addresses(void)
{
	return judge(open("/proc/kallsyms", O_RDONLY), "a table of symbols");
}

static enum verdict
see_keys(void)
{
	return judge(open("/proc/keys", O_RDONLY), "a list of keys");
}

static enum verdict
see_sysfs(void)
{
	return judge(open("/sys/kernel", O_RDONLY | O_DIRECTORY),
	    "the system's devices");
}

static enum verdict
see_log(void)
{
	static char text[4096];

	if (open("/dev/kmsg", O_RDONLY) != -1 ||
	    open("/proc/kmsg", O_RDONLY) != -1)
		return leaked("the kernel's log");
	return judge(
	    syscall(SYS_syslog, 3, text, sizeof text), "the kernel's log");
}

/* The settings by which a process of the host would be started for us. */
static enum verdict
write_settings(void)
{
	static const char *const names[] = {"/proc/sys/kernel/core_pattern",
	    "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
	    "/proc/sys/user/max_user_namespaces", "/proc/sysrq-trigger",
	    "/proc/sys/vm/drop_caches", "/sys/kernel/uevent_helper"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (open(names[i], O_WRONLY) != -1)
			return leaked(names[i]);
	return judge(-1, NULL);
}

static enum verdict
lower_oom_score(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	return judge(fd == -1 ? -1 : write(fd, "0", 1), "a lower score");
}

static int
use_harmless_devices(void)
{
	char byte;
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd == -1 || read(fd, &byte, 1) != 1)
		return -1;
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return fd != -1 && write(fd, &byte, 1) == 1 ? 0 : -1;
}

static int
is_harmless(const char *name)
{
	static const char *const names[] = {
	    "full", "null", "random", "urandom", "zero", "tty", "ptmx"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return 0;
}

/* Any device for reading that is not one of the harmless. */
static enum verdict
open_devices(void)
{
	struct stat st;
	const struct dirent *entry;
	DIR *dev = opendir("/dev");

	if (dev == NULL || chdir("/dev") == -1)
		return judge(-1, NULL);
	while ((entry = readdir(dev)) != NULL) {
		if (is_harmless(entry->d_name) ||
		    stat(entry->d_name, &st) == -1 ||
		    (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)))
			continue;
		/* What we have from our parent is not of /dev. */
		if (strncmp(entry->d_name, "std", 3) == 0)
			continue;
		if (open(entry->d_name, O_RDONLY | O_NONBLOCK | O_NOCTTY) != -1)
			return leaked(entry->d_name);
	}
	return contained("none there");
}

static enum verdict
open_dangerous_devices(void)
{
	static const char *const names[] = {"/dev/fuse", "/dev/kvm", "/dev/mem",
	    "/dev/net/tun", "/dev/vhost-vsock", "/dev/userfaultfd",
	    "/dev/loop-control", "/dev/vda", "/dev/sda", "/dev/console"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (open(names[i], O_RDWR | O_NONBLOCK | O_NOCTTY) != -1)
			return leaked(names[i]);
	return judge(-1, NULL);
}

/* More than stdin, stdout and stderr, and what they would lead to. */
static enum verdict
use_descriptors(void)
{
	char text[32];

	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) != -1) {
			snprintf(text, sizeof text, "descriptor %d", fd);
			return leaked(text);
		}
	for (int fd = 0; fd < 3; fd++)
		if (openat(fd, ".", O_RDONLY) != -1)
			return leaked("a directory");
	return contained("none");
}

static int
write_to_stdout(void)
{
	return write(STDOUT_FILENO, "", 0) == 0 ? 0 : -1;
}

static enum verdict
read_shared_memory(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "/dev/shm/%s", fact("SHM_NAME"));
	int found = file_holds(path, fact("SECRET"));
	return judge(found == 0 ? -1 : found, "the secret");
}

/* Where it may write lies beside its build directory. */
static enum verdict
see_own_path(void)
{
	static const char *const names[] = {"CARGO_TARGET_DIR", "TMPDIR"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(fact(names[i]), fact("CLAIM_DIR"),
			strlen(fact("CLAIM_DIR"))) == 0)
			return leaked(names[i]);
	return contained("not there");
}

const struct attack attacks_on_host[] = {
    {"environment", read_own_environment, see_environment},
    {"proc-environment", read_own_environment, see_processes},
    {"proc-memory", ask_own_process, open_memory},
    {"proc-descriptor", ask_own_process, open_descriptor},
    {"proc-root", ask_own_process, open_root},
    {"own-path", read_own_environment, see_own_path},
    {"mounts", read_usr, see_mounts},
    {"boot-command-line", read_usr, see_boot},
    {"kernel-addresses", read_usr, see_kernel_addresses},
    {"proc-keys", read_usr, see_keys},
    {"sysfs", read_usr, see_sysfs},
    {"kernel-log", read_usr, see_log},
    {"kernel-settings", write_in_target, write_settings},
    {"oom-score", write_in_target, lower_oom_score},
    {"devices", use_harmless_devices, open_devices},
    {"dangerous-devices", use_harmless_devices, open_dangerous_devices},
    {"descriptors", write_to_stdout, use_descriptors},
    {"shared-memory-file", write_in_target, read_shared_memory},
    {0},
};
