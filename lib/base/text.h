/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that came from a submission: names, versions, a compiler's output. It
 * is shown only escaped, and stored only as valid UTF-8.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The length in bytes of the valid UTF-8 character (RFC 3629: no surrogates,
 * no overlong forms, at most U+10FFFF) at text, or 0. *code gets its code
 * point; code may be NULL.
 */
size_t text_utf8_length(const char *text, size_t length, unsigned *code);

/* Whether all of it is valid UTF-8 without NUL. */
bool text_is_utf8(const char *text, size_t length);

/* What a terminal would not show, or would use to reorder what it shows. */
bool text_is_hidden(unsigned code);

/*
 * Escapes text for a message: one line, no control, no invisible and no
 * direction-changing character; those, quotes, backslash and invalid bytes
 * become \n, \t, \xHH or \u{...}. Cut with "..." where it does not fit.
 * size >= 8. Always ends with a NUL; returns shown.
 */
const char *text_visible(
    const char *text, size_t length, char *shown, size_t size);

/*
 * Makes text fit for a PostgreSQL text or jsonb value: valid UTF-8; NUL,
 * invalid bytes and control characters other than newline and tab become
 * U+FFFD. Keeps at most the last `most` bytes of the result, never cut inside
 * a character. Returns a new NUL-terminated string, or NULL with errno.
 */
char *text_clean_tail(const char *text, size_t length, size_t most);

#endif
