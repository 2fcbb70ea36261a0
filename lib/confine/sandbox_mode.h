/* SPDX-License-Identifier: Apache-2.0 */
/* --sandbox: what happens where a host cannot confine as it should. */
#ifndef SANDBOX_MODE_H
#define SANDBOX_MODE_H

enum sandbox_mode {
	SANDBOX_REQUIRED,  /* the strongest or nothing */
	SANDBOX_PREFERRED, /* what can be had */
	SANDBOX_OFF	   /* none */
};

/* Their words, for OPTION_WORD. */
extern const char *const sandbox_modes[];

#endif
