/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a build failed, for people: valid UTF-8 without control characters but
 * newline and tab, at most REASON_MAX bytes. Each function returns a new
 * string, or NULL with errno.
 */
#ifndef REASON_H
#define REASON_H

enum { REASON_MAX = 65536 };

/* As printf. */
char *reason_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* A line of ours, then the tail of the directory's file `stderr`, if any. */
char *reason_with_output(int directory, const char *line);

/*
 * What `stderr` says: as classify.h knows it, else its tail; the line where
 * it is empty or not there.
 */
char *reason_from_output(int directory, const char *line);

#endif
