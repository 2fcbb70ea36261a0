/* SPDX-License-Identifier: Apache-2.0 */
/* take_memory MIB: writes to that much memory, or says that it got none. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char **argv)
{
	size_t size = argc == 2 ? strtoul(argv[1], NULL, 10) << 20 : 0;
	char *memory = malloc(size);

	if (memory == NULL) {
		puts("refused");
		return 1;
	}
	memset(memory, 1, size);
	printf("%d MiB\n", memory[size / 2] * (int)(size >> 20));
	return 0;
}
