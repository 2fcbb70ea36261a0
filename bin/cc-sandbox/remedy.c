/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what bubblewrap or cc-confine said, and this host's settings, to what
 * its operator has to do. Where several lines fit, the first is the cause.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "probe.h"

/* A number in a file of /proc, or -1: no such file, no number. */
static long
setting(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return -1;
	ssize_t n = read_full(fd, text, sizeof text - 1);
	(void)close(fd);
	return n > 0 ? strtol(text, NULL, 10) : -1;
}

static bool
is_userns_switched_off(void)
{
	return setting("/proc/sys/kernel/unprivileged_userns_clone") == 0;
}

static bool
is_userns_count_zero(void)
{
	return setting("/proc/sys/user/max_user_namespaces") == 0;
}

static bool
is_userns_restricted_by_apparmor(void)
{
	return setting("/proc/sys/kernel/"
		       "apparmor_restrict_unprivileged_userns") == 1;
}

static bool
is_filtered(void)
{
	char text[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return false;
	ssize_t n = read_full(fd, text, sizeof text - 1);
	(void)close(fd);
	return n > 0 && strstr(text, "\nSeccomp:\t2") != NULL;
}

static bool
is_always(void)
{
	return true;
}

/* What bubblewrap says when it is kept from making a user namespace. */
static bool
is_about_namespaces(const char *reason)
{
	static const char *const words[] = {"namespace", "uid map", "gid map",
	    "loopback", "RTM_NEWADDR", "Failed to make / slave"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(reason, words[i]) != NULL)
			return true;
	return false;
}

static const struct {
	const char *reason; /* part of it; NULL: about namespaces */
	bool (*applies)(void);
	const char *remedy;
} remedies[] = {
    {"cannot run 'bwrap'", is_always,
	"install bubblewrap: apt-get install bubblewrap"},
    {"Unknown option", is_always,
	"install bubblewrap 0.8 or newer; this one is too old"},
    {"offers no Landlock", is_always,
	"boot a kernel from 5.19 on with landlock in its lsm= parameter, as "
	"lsm=landlock,lockdown,yama,integrity,apparmor,bpf"},
    {"version 1 of Landlock", is_always,
	"boot a kernel from 5.19 on: before, no file can be renamed into "
	"another directory"},
    {"NETLINK_ROUTE", is_always,
	"add AF_NETLINK to RestrictAddressFamilies= of the systemd unit"},
    {"overflowuid", is_always, "remove ProcSubset=pid from the systemd unit"},
    {"mount proc", is_always,
	"parts of /proc are covered, as in a container: start it with "
	"--security-opt systempaths=unconfined (Docker), --security-opt "
	"unmask=ALL (Podman) or procMount: Unmasked (Kubernetes)"},
    {"Resource temporarily unavailable", is_always,
	"raise the number of processes that this user may have: ulimit -u, "
	"LimitNPROC= or TasksMax="},
    {NULL, is_userns_switched_off,
	"as root: sysctl -w kernel.unprivileged_userns_clone=1"},
    {NULL, is_userns_count_zero,
	"as root: sysctl -w user.max_user_namespaces=10000"},
    {NULL, is_filtered,
	"a system call filter refuses user namespaces: start the container "
	"with --security-opt seccomp=unconfined, or let RestrictNamespaces= "
	"and SystemCallFilter= of the systemd unit allow user mnt pid net ipc "
	"uts cgroup and @mount"},
    {NULL, is_userns_restricted_by_apparmor,
	"as root: printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\n"
	"profile bwrap /usr/bin/bwrap flags=(unconfined) {\\n  userns,\\n}\\n'"
	" >/etc/apparmor.d/bwrap && apparmor_parser -r /etc/apparmor.d/bwrap"},
    {"ENOSPC", is_always,
	"user namespaces are nested too deeply or too many: as root: sysctl "
	"-w user.max_user_namespaces=10000, outside of any sandbox"},
    {NULL, is_always,
	"user namespaces are refused here, as in a chroot or a container: run "
	"where unshare -U true succeeds"},
};

const char *
sandbox_remedy(const char *reason)
{
	for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
		bool fits = remedies[i].reason == NULL ?
		    is_about_namespaces(reason) :
		    strstr(reason, remedies[i].reason) != NULL;
		if (fits && remedies[i].applies())
			return remedies[i].remedy;
	}
	return NULL;
}
