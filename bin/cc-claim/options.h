/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of cc-claim. As base/options.h, it ends a wrong call. */
#ifndef CLAIM_OPTIONS_H
#define CLAIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "database/database.h"

struct claim_options {
	struct database_settings database;
	const char *home;	    /* never NULL */
	const char *audit_log;	    /* never NULL */
	char *finally, *check;	    /* NULL: none */
	const char *max_attempts;   /* a number */
	const char *max_give_backs; /* a number */
	int64_t heartbeat, stale;   /* ns */
	int poll_ms;
	bool waits; /* also with forever */
	bool forever;
	char **command; /* NULL: none; has room for one word more */
	size_t words;	/* of it */
};

struct claim_options claim_options_parse(int argc, char **argv);

#endif
