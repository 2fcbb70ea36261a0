/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml PATH SIZE <FILE: what toml_strings finds, with a value buffer of SIZE
 * bytes.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "toml/toml_strings.h"

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
	size_t size = strtoul(argv[2], NULL, 10);
	char *value = malloc(size);
	if (n == -1 || value == NULL)
		err(1, "cannot read");
	if (n > 0 && text != NULL)
		memcpy(text, input, (size_t)n);
	struct toml_wanted wanted = {
	    .path = argv[1], .value = value, .size = size};
	size_t line = toml_strings(text, (size_t)n, &wanted, 1);
	if (line > 0)
		printf("broken %zu\n", line);
	else if (wanted.result == TOML_FOUND)
		printf("found %s\n", value);
	else
		puts(wanted.result == TOML_ABSENT ? "absent" : "other");
	free(input);
	free(text);
	free(value);
	return 0;
}
