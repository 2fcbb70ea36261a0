/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml PATH SIZE <FILE: what toml_string finds, with a value buffer of SIZE
 * bytes.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "toml/toml.h"

enum { TEXT_MAX = 1 << 20 };

int
main(int argc, char **argv)
{
	char *input = malloc(TEXT_MAX);
	if (argc != 3 || input == NULL)
		return 2;
	ssize_t n = read_full(STDIN_FILENO, input, TEXT_MAX);
	/* Exactly as long as the text: a byte more is an error to ASan. */
	char *text = n > 0 ? malloc((size_t)n) : NULL;
	size_t size = strtoul(argv[2], NULL, 10), line = 0;
	char *value = malloc(size);
	if (n == -1 || value == NULL)
		err(1, "cannot read");
	if (n > 0 && text != NULL)
		memcpy(text, input, (size_t)n);
	switch (toml_string(text, (size_t)n, argv[1], value, size, &line)) {
	case TOML_FOUND:
		printf("found %s\n", value);
		break;
	case TOML_ABSENT:
		puts("absent");
		break;
	case TOML_OTHER:
		puts("other");
		break;
	case TOML_BROKEN:
		printf("broken %zu\n", line);
	}
	free(input);
	free(text);
	free(value);
	return 0;
}
