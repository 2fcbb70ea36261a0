/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls that confined code may use: a BPF program that was made
 * from lib/gen when the suite was built. Calls newer than it are answered
 * with ENOSYS, refused ones with EPERM; one of another architecture (int
 * 0x80, x32) kills the process.
 */
#ifndef SECCOMP_POLICY_H
#define SECCOMP_POLICY_H

#include <stdbool.h>

enum seccomp_profile {
	SECCOMP_COMMAND, /* any program: no socket but a connected pair */
	SECCOMP_COMMAND_WITH_LOCAL_SOCKETS, /* Unix, IPv4 and IPv6 */
	SECCOMP_COMMAND_WITH_SOCKETS,
	SECCOMP_READER /* open files only: no exec, no process, no socket */
};

/*
 * Confines the caller and what it becomes, for good; no_new_privs is set. 0,
 * or -1 with errno (EINVAL: the kernel has no seccomp filters).
 */
int seccomp_confine(enum seccomp_profile profile);

/* The names of the calls that a profile allows or refuses, ended by NULL. */
const char *const *seccomp_calls(enum seccomp_profile profile, bool is_allowed);

#endif
