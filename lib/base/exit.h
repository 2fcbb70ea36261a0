/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exit statuses of every program of the suite. A supervisor asks one
 * thing only: is it worth trying again? 100 says no, 111 says later.
 */
#ifndef EXIT_H
#define EXIT_H

enum exit_status {
	EXIT_DONE = 0,
	EXIT_NO = 1,	       /* the expected "no": nothing pending, lost */
	EXIT_CALLER = 100,     /* called wrongly, or input never right */
	EXIT_SYSTEM = 111,     /* the system failed: try again later */
	EXIT_TIMED_OUT = 124,  /* as timeout(1) */
	EXIT_CANNOT_RUN = 126, /* as the shell: found, not executable */
	EXIT_NOT_FOUND = 127,  /* as the shell */
	EXIT_SIGNAL_BASE = 128 /* + n: the command died of signal n */
};

#endif
