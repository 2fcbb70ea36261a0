/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elf_fuzz FILE COUNT: shows elf_check_library() COUNT copies of a library
 * with a few bytes of its headers changed, the same ones in each run. Prints
 * how many it took and refused; it must neither fail nor be killed.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/files.h"
#include "cc-sandbox/elf_check.h"

static const uint64_t edges[] = {0, 1, 0xff, 0x7fff, 0xffff, 0x7fffffff,
    0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
    0xfffffffffffffff0, 0x1000};

/* Up to four changes in the ELF header and the program headers. */
static void
spoil(unsigned char *data, size_t length)
{
	size_t room = length < 1024 ? length : 1024;

	for (long i = random() % 4; i >= 0; i--) {
		size_t at = (size_t)random() % (room - 8);
		uint64_t edge = edges[random() % 12];
		if (random() % 2 == 0)
			data[at] = (unsigned char)random();
		else
			memcpy(data + at / 8 * 8, &edge, 8);
	}
}

int
main(int argc, char **argv)
{
	size_t length;
	long taken = 0, count = argc == 3 ? atol(argv[2]) : 0;
	char *data = count == 0 ?
	    NULL :
	    read_file_at(AT_FDCWD, argv[1], 1 << 20, &length);
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (data == NULL || fd == -1)
		err(EXIT_CALLER, "usage: elf_fuzz file count");
	srandom(1);
	unsigned char *copy = malloc(length);
	for (long i = 0; copy != NULL && i < count; i++) {
		memcpy(copy, data, length);
		spoil(copy, length);
		if (pwrite(fd, copy, length, 0) != (ssize_t)length)
			err(EXIT_SYSTEM, "cannot write");
		int result = elf_check_library(fd, length);
		if (result == -1)
			err(EXIT_SYSTEM, "change %ld made it fail", i);
		taken += result;
	}
	printf("%ld taken, %ld refused\n", taken, count - taken);
	free(copy);
	free(data);
	return EXIT_DONE;
}
