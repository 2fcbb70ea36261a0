/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of cc-limit-exec(1). */
#ifndef LIMIT_OPTIONS_H
#define LIMIT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arguments.h"
#include "run.h"

struct limit_options {
	struct run_plan plan;
	const char *kept[2]; /* --stdout, --stderr */
	const char *report;  /* a file, or NULL */
	int report_fd;	     /* instead of one, or -1 */
	uint64_t output_max;
	bool keeps_environment;
	bool allows_root;
	struct arguments settings;
};

/*
 * Reads it; a wrong call ends the program (options.h). The plan is then whole
 * but for its environment and outputs, and points into *o and argv.
 */
void limit_options_parse(struct limit_options *o, int argc, char **argv);

#endif
