/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bin/cc-sandbox/cargo_sources.c on any text: what it wrote reads as what it
 * wrote, so nothing that only looked like a string got out of its quotes.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc-sandbox/cargo_sources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int holds)
{
	if (!holds)
		abort();
}

/* The written tables, or NULL. */
static char *
copy(const char *text, size_t size, size_t *written, size_t *directories)
{
	struct arguments list = {0};
	char *sources = NULL;
	FILE *out = open_memstream(&sources, written);
	size_t line = 0;

	must(out != NULL);
	int result =
	    cargo_sources_read(text, size, "/parent", out, &list, &line);
	int error = errno;
	must(fclose(out) == 0);
	must((result == -1) == (line > 0) && line <= size + 1);
	must(result == 0 || error == EBADMSG || error == ENOTSUP);
	*directories = list.count;
	arguments_free(&list);
	if (result == 0)
		return sources;
	free(sources);
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t once, twice, directories, again;
	char *first = copy((const char *)data, size, &once, &directories);

	if (first == NULL)
		return 0;
	char *second = copy(first, once, &twice, &again);
	must(second != NULL && directories == again && once == twice &&
	    memcmp(first, second, once) == 0);
	free(first);
	free(second);
	return 0;
}
