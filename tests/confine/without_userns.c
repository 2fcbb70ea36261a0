/* SPDX-License-Identifier: Apache-2.0 */
/*
 * without_userns COMMAND ...: becomes the command under a filter of system
 * calls that refuses user namespaces, as a container's does, and nothing else.
 */

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

static int
refuse_flag(scmp_filter_ctx filter, int call, unsigned argument)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1,
	    SCMP_CMP(
		argument, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 2 || filter == NULL ||
	    refuse_flag(filter, SCMP_SYS(clone), 0) != 0 ||
	    refuse_flag(filter, SCMP_SYS(unshare), 0) != 0 ||
	    seccomp_rule_add(
		filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0 ||
	    seccomp_load(filter) != 0)
		errx(1, "cannot refuse user namespaces");
	execvp(argv[1], argv + 1);
	err(1, "cannot run");
}
