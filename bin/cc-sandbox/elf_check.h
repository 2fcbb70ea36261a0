/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ELF_CHECK_H
#define ELF_CHECK_H

#include <stdint.h>

/*
 * Whether the first `size` bytes of a file are a shared object that this
 * machine's dynamic linker would take: class, byte order, machine and type;
 * program headers whose segments lie in the file; a dynamic section with a
 * symbol and a string table, and no mark of an executable. It reads the file
 * with pread(2), trusts no number in it and maps nothing. 1 or 0, or -1 with
 * errno. A library that passes is well-formed, not harmless.
 */
int elf_check_library(int fd, uint64_t size);

#endif
