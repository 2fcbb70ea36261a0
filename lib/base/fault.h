/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places where the fault suite strikes a program: before and after each file
 * that it makes appear and each statement that it sends. Nothing of it is in
 * an ordinary program: it takes -DFAULT_POINTS.
 *
 * $FAULT_AT names one place as "program:point:object", $FAULT_SIGNAL the
 * signal that the program sends itself there, and $FAULT_TOKEN a file of n
 * bytes: the fault strikes when the place is passed for the nth time, by
 * whichever process, which leaves its id in $FAULT_TOKEN.pid and unlinks the
 * token, so that it strikes once. Every place that is passed is a line of the
 * file $FAULT_TRACE.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>

#ifdef FAULT_POINTS
void fault_point(const char *point, const char *object);

/* The same for a statement, named by its first line, "-- name". */
void fault_statement(const char *point, const char *statement);

/* Whether it is one of the variables above, for a program that clears them. */
bool fault_is_setting(const char *variable);
#else
static inline void
fault_point(const char *point, const char *object)
{
	(void)point;
	(void)object;
}

static inline void
fault_statement(const char *point, const char *statement)
{
	(void)point;
	(void)statement;
}

static inline bool
fault_is_setting(const char *variable)
{
	(void)variable;
	return false;
}
#endif

#endif
