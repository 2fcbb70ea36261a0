/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "base/cli.h"
#include "base/text.h"
#include "sandbox_mode.h"

enum sandbox_mode
sandbox_mode_read(void)
{
	static const char *const names[] = {"required", "preferred", "off"};
	char shown[120];

	for (int i = 0; i < 3; i++)
		if (strcmp(optarg, names[i]) == 0)
			return (enum sandbox_mode)i;
	cli_wrong("bad value '%s' for --sandbox: want required, preferred or "
		  "off",
	    text_visible(optarg, strlen(optarg), shown, sizeof shown));
}
