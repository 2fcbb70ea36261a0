/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/files.h"
#include "landlock_rules.h"

/* The kernel's header may be older than the kernel: its interface, here. */
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

struct ruleset_attribute {
	uint64_t handled_access_fs;
	uint64_t handled_access_net; /* from version 4 */
	uint64_t scoped;	     /* from version 6 */
};

struct path_beneath_attribute {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

struct right {
	const char *name; /* the index is its bit */
	int abi;
	unsigned kinds;	  /* what grants it; 0: never granted */
	bool is_of_files; /* has a meaning for something no directory */
};

static const struct right file_rights[] = {
    {"execute", 1, LANDLOCK_EXECUTE, true},
    {"write_file", 1, LANDLOCK_WRITE, true},
    {"read_file", 1, LANDLOCK_READ, true},
    {"read_dir", 1, LANDLOCK_READ, false},
    {"remove_dir", 1, LANDLOCK_WRITE, false},
    {"remove_file", 1, LANDLOCK_WRITE, false},
    {"make_char", 1, 0, false},
    {"make_dir", 1, LANDLOCK_WRITE, false},
    {"make_reg", 1, LANDLOCK_WRITE, false},
    {"make_sock", 1, LANDLOCK_WRITE, false},
    {"make_fifo", 1, LANDLOCK_WRITE, false},
    {"make_block", 1, 0, false},
    {"make_sym", 1, LANDLOCK_WRITE, false},
    {"refer", 2, LANDLOCK_WRITE, false},
    {"truncate", 3, LANDLOCK_WRITE, true},
    {"ioctl_dev", 5, LANDLOCK_WRITE, true},
    {"resolve_unix", 9, LANDLOCK_WRITE, true},
};

static const struct right network_rights[] = {
    {"bind_tcp", 4, 0, false},
    {"connect_tcp", 4, 0, false},
    {"bind_udp", 10, 0, false},
    {"connect_send_udp", 10, 0, false},
};

static const struct right scope_rights[] = {
    {"abstract_unix_socket", 6, 0, false},
    {"signal", 6, 0, false},
};

static const struct {
	const struct right *rights;
	unsigned count;
} sets[] = {
    [LANDLOCK_FILES] = {file_rights, sizeof file_rights / sizeof *file_rights},
    [LANDLOCK_NETWORK] = {network_rights,
	sizeof network_rights / sizeof *network_rights},
    [LANDLOCK_SCOPES] = {scope_rights,
	sizeof scope_rights / sizeof *scope_rights},
};

int
landlock_abi(void)
{
	long abi = syscall(
	    SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static uint64_t
rights_of(enum landlock_set set, int abi)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < sets[set].count; i++)
		if (sets[set].rights[i].abi <= abi)
			bits |= UINT64_C(1) << i;
	return bits;
}

struct landlock_rights
landlock_all_rights(int abi, bool with_sockets)
{
	return (struct landlock_rights){.files = rights_of(LANDLOCK_FILES, abi),
	    .network = with_sockets ? 0 : rights_of(LANDLOCK_NETWORK, abi),
	    .scopes = rights_of(LANDLOCK_SCOPES, abi)};
}

static uint64_t
granted(unsigned kinds, bool is_directory)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < sets[LANDLOCK_FILES].count; i++)
		if ((file_rights[i].kinds & kinds) != 0 &&
		    (is_directory || file_rights[i].is_of_files))
			bits |= UINT64_C(1) << i;
	return bits;
}

uint64_t
landlock_granted(unsigned kinds)
{
	return granted(kinds, true);
}

const char *
landlock_right_name(enum landlock_set set, unsigned bit)
{
	return bit < sets[set].count ? sets[set].rights[bit].name : NULL;
}

int
landlock_begin(const struct landlock_rights *handled)
{
	struct ruleset_attribute attribute = {
	    handled->files, handled->network, handled->scopes};

	/* A kernel takes a longer struct than its own where the rest is 0. */
	return (int)syscall(
	    SYS_landlock_create_ruleset, &attribute, sizeof attribute, 0);
}

int
landlock_allow_fd(
    int ruleset, const struct landlock_rights *handled, int fd, unsigned kinds)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	struct path_beneath_attribute rule = {
	    granted(kinds, S_ISDIR(st.st_mode)) & handled->files, fd};
	return (int)syscall(
	    SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
}

int
landlock_allow(int ruleset, const struct landlock_rights *handled,
    const char *path, unsigned kinds)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd == -1)
		return -1;
	int result = landlock_allow_fd(ruleset, handled, fd, kinds);
	close_keeping_errno(fd);
	return result;
}

int
landlock_confine(int ruleset)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}
