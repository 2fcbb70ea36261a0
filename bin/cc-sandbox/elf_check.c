/* SPDX-License-Identifier: Apache-2.0 */

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "elf_check.h"

/* Our own header, from the linker: it says what this machine's look like. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

enum { DYNAMIC_MAX = 4096 }; /* entries; a large library has about 40 */

struct image {
	int fd;
	uint64_t size;
};

/* 1 when all of it lies in the image and was read, 0 if not, -1: errno. */
static int
read_at(const struct image *image, uint64_t offset, void *data, size_t length)
{
	if (offset > image->size || length > image->size - offset)
		return 0;
	ssize_t n = pread(image->fd, data, length, (off_t)offset);
	return n == -1 ? -1 : n == (ssize_t)length;
}

static bool
is_header(const ElfW(Ehdr) * header)
{
	const unsigned char *ours = __ehdr_start.e_ident;
	unsigned char abi = header->e_ident[EI_OSABI];

	/* The magic number, class, byte order and version in one. */
	return memcmp(header->e_ident, ours, EI_VERSION + 1) == 0 &&
	    (abi == ELFOSABI_SYSV || abi == ELFOSABI_GNU) &&
	    header->e_type == ET_DYN &&
	    header->e_machine == __ehdr_start.e_machine &&
	    header->e_version == EV_CURRENT &&
	    header->e_ehsize == sizeof(ElfW(Ehdr)) &&
	    header->e_phentsize == sizeof(ElfW(Phdr)) && header->e_phnum >= 1 &&
	    header->e_phnum < PN_XNUM;
}

static bool
is_segment(const struct image *image, const ElfW(Phdr) * segment)
{
	uint64_t align = segment->p_align;

	return segment->p_offset <= image->size &&
	    segment->p_filesz <= image->size - segment->p_offset &&
	    segment->p_memsz <= INTPTR_MAX &&
	    segment->p_vaddr <= INTPTR_MAX - segment->p_memsz &&
	    (align & (align - 1)) == 0; /* none, or a power of two */
}

static bool
is_loadable(const ElfW(Phdr) * segment)
{
	return segment->p_filesz <= segment->p_memsz &&
	    (segment->p_align == 0 ||
		(segment->p_vaddr - segment->p_offset) % segment->p_align == 0);
}

struct dynamic {
	bool symbols, strings, executable;
};

static void
note_entry(const ElfW(Dyn) * entry, struct dynamic *found)
{
	if (entry->d_tag == DT_SYMTAB)
		found->symbols = true;
	else if (entry->d_tag == DT_STRTAB)
		found->strings = true;
	else if (entry->d_tag == DT_FLAGS_1)
		found->executable = (entry->d_un.d_val & DF_1_PIE) != 0;
}

/* As elf_check_library, for the dynamic section. */
static int
check_dynamic(const struct image *image, const ElfW(Phdr) * segment)
{
	struct dynamic found = {.symbols = false};
	uint64_t count = segment->p_filesz / sizeof(ElfW(Dyn));

	for (uint64_t i = 0; i < count && i < DYNAMIC_MAX; i++) {
		ElfW(Dyn) entry;
		int result = read_at(image,
		    segment->p_offset + i * sizeof entry, &entry, sizeof entry);
		if (result != 1)
			return result;
		if (entry.d_tag == DT_NULL)
			return found.symbols && found.strings &&
			    !found.executable;
		note_entry(&entry, &found);
	}
	return 0;
}

/* 1 go on, 0 no, -1 errno; *parts gets a bit for each kind seen. */
static int
check_segment(
    const struct image *image, const ElfW(Phdr) * segment, unsigned *parts)
{
	if (!is_segment(image, segment))
		return 0;
	if (segment->p_type == PT_LOAD) {
		*parts |= 1;
		return is_loadable(segment);
	}
	if (segment->p_type == PT_DYNAMIC) {
		*parts |= 2;
		return check_dynamic(image, segment);
	}
	return 1;
}

int
elf_check_library(int fd, uint64_t size)
{
	const struct image image = {fd, size};
	ElfW(Ehdr) header;
	unsigned parts = 0;

	int result = read_at(&image, 0, &header, sizeof header);
	if (result == 1 && !is_header(&header))
		result = 0;
	for (unsigned i = 0; result == 1 && i < header.e_phnum; i++) {
		ElfW(Phdr) segment;
		uint64_t at = (uint64_t)i * sizeof segment;
		if (header.e_phoff > UINT64_MAX - at)
			return 0;
		result = read_at(
		    &image, header.e_phoff + at, &segment, sizeof segment);
		if (result == 1)
			result = check_segment(&image, &segment, &parts);
	}
	return result == 1 ? parts == 3 : result;
}
