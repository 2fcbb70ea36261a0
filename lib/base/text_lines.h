/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEXT_LINES_H
#define TEXT_LINES_H

/*
 * Escapes a text of several lines, as a compiler's output, for a terminal:
 * newlines and tabs stay, quotes and backslashes too, so that it reads as it
 * was written; what a terminal would obey or not show becomes \xHH or
 * \u{...}, as in text_visible. A new string, or NULL with errno.
 */
char *text_lines_visible(const char *text);

#endif
