/* SPDX-License-Identifier: Apache-2.0 */
/* The environment that a command is given, made from the caller's. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Whether it has the form NAME=VALUE. */
bool environment_is_setting(const char *text);

/*
 * PATH, HOME, TERM, LANG and TMPDIR of `from`, or all of it when `is_kept`;
 * then the settings, the last for a name wins. A new vector of the strings
 * that were passed, ended by NULL, or NULL: no memory.
 */
char **environment_build(char *const *from, bool is_kept, char *const *settings,
    size_t settings_count);

#endif
