/* SPDX-License-Identifier: Apache-2.0 */

#include <stddef.h>

#include "sandbox_mode.h"

const char *const sandbox_modes[] = {"required", "preferred", "off", NULL};
