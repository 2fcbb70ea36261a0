/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"

/* Room for one more word and the NULL behind it. */
static int
make_room(struct arguments *list)
{
	if (list->count + 2 <= list->room)
		return 0;
	size_t room = list->room == 0 ? 32 : list->room * 2;
	char **words = reallocarray(list->words, room, sizeof *words);
	if (words == NULL)
		return -1;
	list->words = words;
	list->room = room;
	return 0;
}

/* Takes the word over, also when it cannot be added. */
static void
take(struct arguments *list, char *word)
{
	if (word == NULL || make_room(list) == -1) {
		if (list->error == 0)
			list->error = ENOMEM;
		free(word);
		return;
	}
	list->words[list->count++] = word;
	list->words[list->count] = NULL;
}

void
arguments_add(struct arguments *list, const char *word)
{
	take(list, strdup(word));
}

void
arguments_add_all(struct arguments *list, ...)
{
	va_list words;

	va_start(words, list);
	for (;;) {
		const char *word = va_arg(words, const char *);
		if (word == NULL)
			break;
		arguments_add(list, word);
	}
	va_end(words);
}

void
arguments_print(struct arguments *list, const char *format, ...)
{
	char *word = NULL;
	va_list values;

	va_start(values, format);
	if (vasprintf(&word, format, values) == -1)
		word = NULL;
	va_end(values);
	take(list, word);
}

char **
arguments_vector(struct arguments *list)
{
	if (list->error == 0 && make_room(list) == -1)
		list->error = ENOMEM;
	if (list->error != 0) {
		errno = list->error;
		return NULL;
	}
	list->words[list->count] = NULL;
	return list->words;
}

void
arguments_free(struct arguments *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->words[i]);
	free(list->words);
	*list = (struct arguments){.words = NULL};
}
