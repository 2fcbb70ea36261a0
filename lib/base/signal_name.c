/* SPDX-License-Identifier: Apache-2.0 */

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "signal_name.h"

const char *
signal_name(int signal, char *name, size_t size)
{
	const char *known = sigabbrev_np(signal);

	if (known != NULL)
		snprintf(name, size, "SIG%s", known);
	else
		snprintf(name, size, "SIGRTMIN%+d", signal - SIGRTMIN);
	return name;
}
