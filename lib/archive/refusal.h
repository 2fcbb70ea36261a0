/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why an archive is refused. A function that judges one returns -1 with errno
 * EBADMSG and the broken rule here; any other errno is this host's failure.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

enum { REFUSAL_RULE = 256 };

struct refusal {
	/*
	 * A clause that can stand behind "entry 'x': ", without hostile text
	 * that is not escaped.
	 */
	char rule[REFUSAL_RULE];
};

/* Sets the rule and errno, returns -1. */
int refuse(struct refusal *refusal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
