/* SPDX-License-Identifier: Apache-2.0 */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine/seccomp_policy.inc" /* made by gen/seccomp_policy.c */
#include "landlock_rules.h"
#include "seccomp_policy.h"

enum { ABI_WITH_TRUNCATION = 3 };

struct filter {
	const struct sock_filter *steps;
	unsigned short count;
};

#define FILTER(steps)                                  \
	{                                              \
		steps, sizeof(steps) / sizeof *(steps) \
	}

static int
install(const struct filter *filter)
{
	/* The kernel only reads the steps; its struct forgets to say so. */
	union {
		const struct sock_filter *given;
		struct sock_filter *wanted;
	} steps = {filter->steps};
	struct sock_fprog program = {filter->count, steps.wanted};

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int
seccomp_confine(enum seccomp_profile profile)
{
	static const struct filter calls[] = {
	    [SECCOMP_COMMAND] = FILTER(calls_of_commands),
	    [SECCOMP_COMMAND_WITH_LOCAL_SOCKETS] = FILTER(calls_with_sockets),
	    [SECCOMP_COMMAND_WITH_SOCKETS] = FILTER(calls_with_sockets),
	    [SECCOMP_READER] = FILTER(calls_of_readers),
	};
	static const struct filter arguments_of[] = {
	    [SECCOMP_COMMAND] = FILTER(arguments),
	    [SECCOMP_COMMAND_WITH_LOCAL_SOCKETS] =
		FILTER(arguments_with_local_sockets),
	    [SECCOMP_COMMAND_WITH_SOCKETS] = FILTER(arguments_with_sockets),
	    [SECCOMP_READER] = FILTER(arguments),
	};
	static const struct filter without_truncation = FILTER(truncation);

	/* While Landlock may still be asked for its version. */
	bool knows_truncation = landlock_abi() >= ABI_WITH_TRUNCATION;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    (!knows_truncation && install(&without_truncation) == -1) ||
	    install(&arguments_of[profile]) == -1)
		return -1;
	return install(&calls[profile]);
}

const char *const *
seccomp_calls(enum seccomp_profile profile, bool is_allowed)
{
	static const char *const *const names[][2] = {
	    [SECCOMP_COMMAND] = {calls_of_commands_refused,
		calls_of_commands_allowed},
	    [SECCOMP_COMMAND_WITH_LOCAL_SOCKETS] = {calls_with_sockets_refused,
		calls_with_sockets_allowed},
	    [SECCOMP_COMMAND_WITH_SOCKETS] = {calls_with_sockets_refused,
		calls_with_sockets_allowed},
	    [SECCOMP_READER] = {calls_of_readers_refused,
		calls_of_readers_allowed},
	};

	return names[profile][is_allowed];
}
