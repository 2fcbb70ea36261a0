/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a build is given up: the options of the programs that put one back into
 * the queue, or else fail it. They have to agree, so the defaults stand here.
 */
#ifndef ATTEMPTS_H
#define ATTEMPTS_H

#include "base/options.h"

#define ATTEMPTS_MOST "3"
#define ATTEMPTS_GIVE_BACKS_MOST "20"

/* Two members for numbers that stay text, as the statements take them. */
/* clang-format off */
#define ATTEMPTS_ROWS(settings, attempts, give_backs) \
	{"max-attempts", "COUNT", "CLOACINA_COMPILER_MAX_ATTEMPTS", \
	    "attempts before a build is given up", \
	    OPTION_COUNT_TEXT(settings, attempts, 1, 1000000)}, \
	{"max-give-backs", "COUNT", "CLOACINA_COMPILER_MAX_GIVE_BACKS", \
	    "times it comes back before a build is given up", \
	    OPTION_COUNT_TEXT(settings, give_backs, 1, 1000000)}
/* clang-format on */

#endif
