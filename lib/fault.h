/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places where the fault suite strikes a program: before and after each file
 * that it makes appear and each statement that it sends. Nothing of it is in
 * an ordinary program: it takes -DFAULT_POINTS.
 *
 * $FAULT_AT names one place as "program:point:object", $FAULT_SIGNAL the
 * signal that the program sends itself there, and $FAULT_TOKEN a file that it
 * must unlink first, so that a fault strikes once.
 */
#ifndef FAULT_H
#define FAULT_H

#ifdef FAULT_POINTS
void fault_point(const char *point, const char *object);

/* The same for a statement, named by its first line, "-- name". */
void fault_statement(const char *point, const char *statement);
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
#endif

#endif
