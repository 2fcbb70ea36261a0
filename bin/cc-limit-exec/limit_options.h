/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of cc-limit-exec(1). */
#ifndef LIMIT_OPTIONS_H
#define LIMIT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "rlimits.h"
#include "run.h"

struct limit_options {
	struct run_plan plan;
	struct limit limits[LIMITS];
	const char *kept[2]; /* --stdout, --stderr */
	const char *report;  /* a file, or NULL */
	int report_fd;	     /* instead of one, or -1 */
	size_t output_max;
	bool keeps_environment;
	bool allows_root;
	bool has_cgroup_mode;
	char **settings;
	size_t settings_count;
};

/*
 * Reads it; a wrong call ends the program (cli.h). The plan is then whole but
 * for its environment and outputs, and points into *o and argv. 0, or -1: no
 * memory.
 */
int limit_options_parse(struct limit_options *o, int argc, char **argv);

#endif
