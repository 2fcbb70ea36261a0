/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the system call filters as C arrays of BPF instructions. It runs
 * while the suite is built, so that no program needs libseccomp.
 *
 * Two filters lie over each other, because a default of ENOSYS cannot say
 * "allowed unless": the first knows calls by number (default ENOSYS), the
 * second refuses some arguments (default: allow). The kernel takes the
 * stricter answer of the two. Calls of another architecture, x32 among them,
 * kill the process.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seccomp_calls.h"

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "the arguments of clone(2) differ between machines: check them here"
#endif

#define REFUSE SCMP_ACT_ERRNO(EPERM)

enum { LAST_NUMBER = 4095 }; /* the last call of Linux 6.19 is 470 */

static scmp_filter_ctx
new_filter(uint32_t action)
{
	scmp_filter_ctx filter = seccomp_init(action);

	if (filter == NULL ||
	    seccomp_attr_set(
		filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0)
		errx(1, "cannot make a filter");
	return filter;
}

/* A name that this libseccomp does not know yet is answered with ENOSYS. */
static void
add_calls(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	for (; *names != NULL; names++) {
		int call = seccomp_syscall_resolve_name(*names);
		if (call < 0)
			continue;
		if (seccomp_rule_add(filter, action, call, 0) != 0)
			errx(1, "cannot add '%s'", *names);
	}
}

/* Allows prctl(2) with these options alone. The kernel reads the low half. */
static void
add_options(scmp_filter_ctx filter)
{
	const uint32_t *options = options_of_processes;
	size_t count = sizeof options_of_processes / sizeof *options;

	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			SCMP_A0_64(
			    SCMP_CMP_MASKED_EQ, UINT32_MAX, options[i])) != 0)
			errx(1, "cannot add option %u of 'prctl'", options[i]);
}

/* Answers the call so when all of the conditions hold. */
static void
act(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
    const struct scmp_arg_cmp *conditions)
{
	int call = seccomp_syscall_resolve_name(name);

	if (call < 0) /* aarch64 has no open, mkdir, ... */
		return;
	if (seccomp_rule_add_array(filter, action, call, count, conditions) !=
	    0)
		errx(1, "cannot add a condition of '%s'", name);
}

static void
refuse(scmp_filter_ctx filter, const char *name, unsigned count,
    const struct scmp_arg_cmp *conditions)
{
	act(filter, REFUSE, name, count, conditions);
}

/* Refuses the call when the argument's bits under the mask are value. */
static void
refuse_bits(scmp_filter_ctx filter, const char *name, unsigned argument,
    uint64_t mask, uint64_t value)
{
	refuse(filter, name, 1,
	    &SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, value));
}

static void
refuse_other_than(
    scmp_filter_ctx filter, const char *name, unsigned argument, uint64_t value)
{
	refuse(filter, name, 1, &SCMP_CMP64(argument, SCMP_CMP_NE, value, 0));
}

/* Refuses what is none of three values, of which `last` is the bound. */
static void
refuse_others(scmp_filter_ctx filter, const char *name, unsigned argument,
    uint64_t mask, const int allowed_values[3], int last)
{
	for (int value = 0; value <= last; value++)
		if (value != allowed_values[0] && value != allowed_values[1] &&
		    value != allowed_values[2])
			refuse_bits(
			    filter, name, argument, mask, (uint64_t)value);
	if (mask == UINT32_MAX)
		refuse(filter, name, 1,
		    &SCMP_CMP64(argument, SCMP_CMP_GT, (uint64_t)last, 0));
}

static void
refuse_option(scmp_filter_ctx filter, int level, int option)
{
	refuse(filter, "setsockopt", 2,
	    (struct scmp_arg_cmp[]){
		SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint64_t)level),
		SCMP_CMP64(
		    2, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint64_t)option)});
}

/*
 * Pushing keys into a terminal; and line disciplines, each of which is a
 * module that the kernel loads for whoever asks. The kernel reads the low
 * half only.
 */
static void
refuse_terminal_input(scmp_filter_ctx filter)
{
	refuse_bits(filter, "ioctl", 1, UINT32_MAX, TIOCSTI);
	refuse_bits(filter, "ioctl", 1, UINT32_MAX, TIOCLINUX);
	refuse_bits(filter, "ioctl", 1, UINT32_MAX, TIOCSETD);
}

/* Setuid, setgid and sticky, wherever a mode is given. */
static void
refuse_special_modes(scmp_filter_ctx filter)
{
	static const struct {
		const char *name;
		unsigned argument;
	} modes[] = {{"chmod", 1}, {"fchmod", 1}, {"fchmodat", 2}, {"creat", 1},
	    {"mkdir", 1}, {"mkdirat", 2}, {"mknod", 1}, {"mknodat", 2}},
	  opens[] = {{"open", 1}, {"openat", 2}};
	static const uint64_t bits[] = {S_ISUID, S_ISGID, S_ISVTX};
	/* Without one of these two the mode is an argument left over. */
	static const uint64_t creating[] = {O_CREAT, O_TMPFILE & ~O_DIRECTORY};

	for (size_t bit = 0; bit < 3; bit++) {
		for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
			refuse_bits(filter, modes[i].name, modes[i].argument,
			    bits[bit], bits[bit]);
		for (size_t i = 0; i < 4; i++) {
			unsigned flags = opens[i / 2].argument;
			uint64_t flag = creating[i % 2];
			refuse(filter, opens[i / 2].name, 2,
			    (struct scmp_arg_cmp[]){
				SCMP_CMP64(
				    flags, SCMP_CMP_MASKED_EQ, flag, flag),
				SCMP_CMP64(flags + 1, SCMP_CMP_MASKED_EQ,
				    bits[bit], bits[bit])});
		}
	}
	/* Character and block devices; FIFOs and sockets lack this bit. */
	refuse_bits(filter, "mknod", 1, S_IFCHR, S_IFCHR);
	refuse_bits(filter, "mknodat", 2, S_IFCHR, S_IFCHR);
}

static void
refuse_namespaces(scmp_filter_ctx filter)
{
	static const uint64_t flags[] = {CLONE_NEWCGROUP, CLONE_NEWIPC,
	    CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER,
	    CLONE_NEWUTS};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		refuse_bits(filter, "clone", 0, flags[i], flags[i]);
}

/*
 * Limits, priority and affinity are a process's own affair. Of whom the
 * number speaks is the first argument of the last two: 0 may be the user with
 * all his processes.
 */
static void
refuse_other_processes(scmp_filter_ctx filter)
{
	static const char *const first[] = {"prlimit64", "sched_setaffinity",
	    "sched_setattr", "sched_setparam", "sched_setscheduler"};

	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		refuse_other_than(filter, first[i], 0, 0);
	refuse_other_than(filter, "setpriority", 0, PRIO_PROCESS);
	refuse_other_than(filter, "setpriority", 1, 0);
}

/*
 * A core limit of 1 keeps the host's core handler from being started, which
 * runs as root and outside; a lower one, 0, does not. Who asks for 0 wants no
 * dump of his memory, which he gets by 1, too, and many give up when they are
 * refused: so a new limit is answered with success, and not set. The values
 * lie in memory, where a filter cannot tell lower from higher; a caller who
 * also wants to be told the old limit would not be, and is refused.
 */
static void
keep_core_limits(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp own = SCMP_CMP64(0, SCMP_CMP_EQ, 0, 0),
				  core = SCMP_CMP64(1, SCMP_CMP_MASKED_EQ,
				      UINT32_MAX, RLIMIT_CORE),
				  is_new = SCMP_CMP64(2, SCMP_CMP_NE, 0, 0);

	act(filter, SCMP_ACT_ERRNO(0), "setrlimit", 1,
	    &SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, UINT32_MAX, RLIMIT_CORE));
	act(filter, SCMP_ACT_ERRNO(0), "prlimit64", 4,
	    (struct scmp_arg_cmp[]){
		own, core, is_new, SCMP_CMP64(3, SCMP_CMP_EQ, 0, 0)});
	refuse(filter, "prlimit64", 4,
	    (struct scmp_arg_cmp[]){
		own, core, is_new, SCMP_CMP64(3, SCMP_CMP_NE, 0, 0)});
}

/*
 * A lease makes whoever opens the file wait for its holder, and a watch tells
 * what others do, on files that may only be read. Huge pages are a pool of
 * the whole machine, which a database may have been given.
 */
static void
refuse_what_others_share(scmp_filter_ctx filter)
{
	refuse_bits(filter, "fcntl", 1, UINT32_MAX, F_SETLEASE);
	refuse_bits(filter, "fcntl", 1, UINT32_MAX, F_NOTIFY);
	refuse_bits(filter, "mmap", 3, MAP_HUGETLB, MAP_HUGETLB);
	refuse_bits(filter, "memfd_create", 1, MFD_HUGETLB, MFD_HUGETLB);
}

/*
 * Only pairs that are born connected: a datagram socket could still be sent
 * from to any path. SOCK_STREAM is 1 and SOCK_SEQPACKET 5; a raw Unix socket
 * (3) is a datagram one.
 */
static void
refuse_datagram_pairs(scmp_filter_ctx filter)
{
	refuse_other_than(filter, "socketpair", 0, AF_UNIX);
	refuse_bits(filter, "socketpair", 1, 1, 0);
	refuse_bits(filter, "socketpair", 1, 2, 2);
	refuse_bits(filter, "socketpair", 1, 8, 8);
}

/*
 * Programs of a socket share the machine's memory for them with system call
 * filters; what processes TCP in the kernel on a program's behalf is attack
 * surface.
 */
static void
refuse_socket_programs(scmp_filter_ctx filter)
{
	refuse_option(filter, SOL_SOCKET, SO_ATTACH_FILTER);
	refuse_option(filter, SOL_SOCKET, SO_ATTACH_BPF);
	refuse_option(filter, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF);
	refuse_option(filter, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF);
	refuse_option(filter, SOL_TCP, TCP_ULP);
}

/*
 * Sockets that stay in their network namespace: Unix, IPv4 and IPv6, with TCP
 * and UDP, none of whose modules the kernel would load for us. No option of
 * theirs that pins a pool of the user or lets the kernel do IPsec.
 */
static void
refuse_other_sockets(scmp_filter_ctx filter)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6},
			 types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET},
			 protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP};
	enum { TYPES = 0xf };

	refuse_others(filter, "socket", 0, UINT32_MAX, families, AF_INET6);
	refuse_others(filter, "socket", 1, TYPES, types, TYPES);
	refuse_others(filter, "socket", 2, UINT32_MAX, protocols, IPPROTO_UDP);
	refuse_other_than(filter, "socketpair", 0, AF_UNIX);
	refuse_others(filter, "socketpair", 1, TYPES, types, TYPES);
	refuse_option(filter, SOL_SOCKET, SO_ZEROCOPY);
	refuse_option(filter, SOL_UDP, UDP_ENCAP);
}

static void
print_filter(scmp_filter_ctx filter, const char *name)
{
	struct sock_filter step;
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd == -1 || seccomp_export_bpf(filter, fd) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0)
		err(1, "cannot export '%s'", name);
	printf("static const struct sock_filter %s[] = {\n", name);
	while (read(fd, &step, sizeof step) == sizeof step)
		printf("\t{0x%02x, %u, %u, 0x%08x},\n", step.code, step.jt,
		    step.jf, step.k);
	printf("};\n");
	(void)close(fd);
	seccomp_release(filter);
}

struct group {
	const char *const *names;
	bool is_allowed;
};

/* The names with this fate that the filter really has. */
static void
print_names(const char *name, const struct group *groups, bool is_allowed)
{
	printf("static const char *const %s_%s[] = {\n", name,
	    is_allowed ? "allowed" : "refused");
	for (; groups->names != NULL; groups++) {
		if (groups->is_allowed != is_allowed)
			continue;
		for (const char *const *at = groups->names; *at != NULL; at++)
			if (seccomp_syscall_resolve_name(*at) >= 0)
				printf("\t\"%s\",\n", *at);
	}
	printf("\tNULL};\n");
}

static void
print_calls(const char *name, bool can_start, bool can_reach)
{
	const struct group groups[] = {{allowed, true}, {selected, true},
	    {starting, can_start}, {paired, can_start}, {reaching, can_reach},
	    {refused, false}, {can_start ? NULL : resolving, true},
	    {NULL, false}};
	scmp_filter_ctx filter = new_filter(SCMP_ACT_ERRNO(ENOSYS));

	add_options(filter);
	for (const struct group *group = groups; group->names != NULL; group++)
		if (group->names != selected)
			add_calls(filter,
			    group->is_allowed ? SCMP_ACT_ALLOW : REFUSE,
			    group->names);
	print_filter(filter, name);
	print_names(name, groups, true);
	print_names(name, groups, false);
}

enum reach { REACH_NOBODY, REACH_NAMESPACE, REACH_ANYBODY };

static void
print_arguments(const char *name, enum reach reach)
{
	scmp_filter_ctx filter = new_filter(SCMP_ACT_ALLOW);

	refuse_terminal_input(filter);
	refuse_special_modes(filter);
	refuse_namespaces(filter);
	refuse_other_processes(filter);
	keep_core_limits(filter);
	refuse_what_others_share(filter);
	refuse_socket_programs(filter);
	if (reach == REACH_NOBODY)
		refuse_datagram_pairs(filter);
	if (reach == REACH_NAMESPACE)
		refuse_other_sockets(filter);
	print_filter(filter, name);
}

/*
 * For a kernel whose Landlock knows no truncation: neither by path, nor by
 * opening for reading what may only be read.
 */
static void
print_truncation(const char *name)
{
	static const struct {
		const char *name;
		unsigned argument;
	} opens[] = {{"open", 1}, {"openat", 2}};
	scmp_filter_ctx filter = new_filter(SCMP_ACT_ALLOW);

	refuse(filter, "truncate", 0, NULL);
	for (size_t i = 0; i < 2; i++)
		refuse_bits(filter, opens[i].name, opens[i].argument,
		    O_TRUNC | O_ACCMODE, O_TRUNC | O_RDONLY);
	print_filter(filter, name);
}

static bool
is_listed(const char *name)
{
	static const char *const *const lists[] = {absent, allowed, paired,
	    reaching, refused, resolving, selected, starting};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (const char *const *at = lists[i]; *at != NULL; at++)
			if (strcmp(*at, name) == 0)
				return true;
	return false;
}

/* A distribution's libseccomp may be newer than the lists. */
static void
report_unlisted(void)
{
	const char *before = "seccomp_policy: in no list, so answered with "
			     "ENOSYS: ";

	for (int call = 0; call <= LAST_NUMBER; call++) {
		char *name =
		    seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);
		if (name != NULL && !is_listed(name)) {
			fprintf(stderr, "%s%s", before, name);
			before = ", ";
		}
		free(name);
	}
	if (*before == ',')
		fputc('\n', stderr);
}

int
main(void)
{
	report_unlisted();
	print_calls("calls_of_commands", true, false);
	print_calls("calls_with_sockets", true, true);
	print_calls("calls_of_readers", false, false);
	print_arguments("arguments", REACH_NOBODY);
	print_arguments("arguments_with_local_sockets", REACH_NAMESPACE);
	print_arguments("arguments_with_sockets", REACH_ANYBODY);
	print_truncation("truncation");
	if (fflush(stdout) == EOF)
		err(1, "cannot print");
	return 0;
}
