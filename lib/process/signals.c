/* SPDX-License-Identifier: Apache-2.0 */

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "signals.h"

enum { KERNEL_SIGNALS = 64, SET_BYTES = KERNEL_SIGNALS / 8 };

/* All zero is SIG_DFL, no flags and an empty mask in the kernel's struct,
 * whatever the order of its members is here; none is longer. */
static const uint64_t kernel_default[8];

void
signals_reset(void)
{
	sigset_t none;

	/* KILL and STOP refuse. */
	for (int i = 1; i <= KERNEL_SIGNALS; i++)
		(void)syscall(
		    SYS_rt_sigaction, i, kernel_default, NULL, SET_BYTES);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}
