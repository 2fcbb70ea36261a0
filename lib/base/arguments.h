/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of words that grows: an argument vector or an environment. A failed
 * addition is remembered, so a builder of many words asks once, at its end.
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stddef.h>

/* Zero to begin with. The words are the list's own copies. */
struct arguments {
	char **words;
	size_t count;
	size_t room;
	int error; /* errno of the first addition that failed, or 0 */
};

void arguments_add(struct arguments *list, const char *word);

/* Several words, ended by NULL. */
void arguments_add_all(struct arguments *list, ...) __attribute__((sentinel));

/* One word, printed. */
void arguments_print(struct arguments *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The words, ended by NULL, still the list's; or NULL with errno. */
char **arguments_vector(struct arguments *list);

void arguments_free(struct arguments *list);

#endif
