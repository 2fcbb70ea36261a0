/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of cc-unpack(1). */
#ifndef UNPACK_OPTIONS_H
#define UNPACK_OPTIONS_H

#include "confine/sandbox_mode.h"
#include "unpack.h"

struct unpack_options {
	const char *directory;
	const char *archive; /* NULL: not given */
	enum sandbox_mode mode;
	/* The limits of unpack.h. */
	struct archive_limits sizes;
	struct entry_limits paths;
	uint64_t entries_max;
};

/* Reads it; a wrong call ends the program (cli.h). */
void unpack_options_parse(struct unpack_options *o, int argc, char **argv);

#endif
