/* SPDX-License-Identifier: Apache-2.0 */
/*
 * without_refer COMMAND ...: becomes the command under a Landlock ruleset
 * that knows the rights of ABI 1 only, all of them granted everywhere.
 */

#include <err.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	__u64 all = (1 << 13) - 1;
	struct landlock_ruleset_attr handled = {.handled_access_fs = all};
	long ruleset =
	    syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
	struct landlock_path_beneath_attr rule = {
	    .allowed_access = all, .parent_fd = open("/", O_PATH)};

	if (argc < 2 || ruleset == -1 ||
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) == -1 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		err(1, "cannot confine");
	execv(argv[1], argv + 1);
	err(1, "cannot run");
}
