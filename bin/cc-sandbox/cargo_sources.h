/* SPDX-License-Identifier: Apache-2.0 */
/* The [source] tables of a cargo config, taken out of it. */
#ifndef CARGO_SOURCES_H
#define CARGO_SOURCES_H

#include <stdio.h>

#include "base/arguments.h"

/*
 * Writes the tables [source.NAME] of the text anew, with directories made
 * absolute from `parent` on, and adds those to the list. 0, or -1 with errno
 * and the line, from 1: EBADMSG is no TOML, ENOTSUP a source that is
 * something else than [source.NAME] with strings.
 */
int cargo_sources_read(const char *text, size_t length, const char *parent,
    FILE *out, struct arguments *directories, size_t *line);

#endif
