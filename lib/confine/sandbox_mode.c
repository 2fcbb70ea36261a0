/* SPDX-License-Identifier: Apache-2.0 */

#include <stddef.h>
#include <string.h>

#include "base/cli.h"
#include "base/text.h"
#include "sandbox_mode.h"

const char *const sandbox_modes[] = {"required", "preferred", "off", NULL};

enum sandbox_mode
sandbox_mode_read(void)
{
	char shown[120];

	for (int i = 0; sandbox_modes[i] != NULL; i++)
		if (strcmp(optarg, sandbox_modes[i]) == 0)
			return (enum sandbox_mode)i;
	cli_wrong("bad value '%s' for --sandbox: want required, preferred or "
		  "off",
	    text_visible(optarg, strlen(optarg), shown, sizeof shown));
}
