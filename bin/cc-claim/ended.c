/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "build/directory.h"
#include "ended.h"

const char *
ended_signal(int signal, char text[ENDED_SIGNAL])
{
	const char *name = sigabbrev_np(signal);

	if (name != NULL)
		snprintf(text, ENDED_SIGNAL, "SIG%s", name);
	else /* a real-time signal */
		snprintf(text, ENDED_SIGNAL, "SIG%d", signal);
	return text;
}

int
ended_store(int directory, const char *why, int signal)
{
	char name[ENDED_SIGNAL];

	if (fchmod(directory, 0700) == -1)
		return -1;
	return json_put_at(directory, ENDED_FILE,
	    json_pack("{s:i, s:s, s:s?}", "version", 1, "why", why, "signal",
		signal != 0 ? ended_signal(signal, name) : NULL));
}
