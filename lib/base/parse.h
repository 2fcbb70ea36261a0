/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict readers of numbers from a command line or an environment variable:
 * the whole text is the number; no sign, no blank, no "none".
 * Each returns 0, or -1 with errno EINVAL (not of this form) or ERANGE
 * (outside min..max, or beyond the type); *value is then untouched.
 */
#ifndef PARSE_H
#define PARSE_H

#include <stddef.h>
#include <stdint.h>

/* Decimal digits. */
int parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* Decimal digits and at most one of K, M, G (also lower case): 1024-based. */
int parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* What parse_size would read as it, short: "64M". */
void format_size(uint64_t value, char *text, size_t size);

/*
 * Seconds with an optional fraction of up to nine digits ("1.5"), returned
 * in nanoseconds; more than zero, at most about 292 years.
 */
int parse_seconds(const char *text, int64_t *nanoseconds);

#endif
