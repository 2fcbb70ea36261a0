/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a tar header, and the records of pax. No reading here. */
#ifndef TAR_HEADER_H
#define TAR_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* POSIX, "ustar Interchange Format". Bytes, none of them ends with a NUL. */
struct tar_header {
	char name[100];
	char mode[8];
	char owner[16];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[8]; /* with the version */
	char names[64];
	char devices[16];
	char prefix[155];
	char unused[12];
};

/* The largest number of a size field's eleven octal digits. */
#define TAR_OCTAL_MAX UINT64_C(077777777777)

bool tar_is_zero(const struct tar_header *header);
bool tar_checksum_fits(const struct tar_header *header);

/*
 * A number of a header: octal digits between blanks, or GNU's base 256. False
 * when it is none, negative or of more than 63 bits.
 */
bool tar_number(const char *field, size_t length, uint64_t *value);

/* Whether it is of POSIX' format, which alone has a prefix. */
bool tar_is_ustar(const struct tar_header *header);

/* The header's own name, prefix included; its length. */
size_t tar_name(const struct tar_header *header, char name[257]);

struct pax_record {
	const char *key, *value;
	size_t key_length, value_length;
};

/*
 * Takes a record, "LENGTH KEY=VALUE\n", from the front of the text. Its
 * length, or 0 when it is none.
 */
size_t pax_record(const char *text, size_t length, struct pax_record *record);

/* Whether it has this key; one that ends in '.' is the key's beginning. */
bool pax_is(const struct pax_record *record, const char *key);

/* A value of decimal digits. */
bool pax_number(const struct pax_record *record, uint64_t *value);

#endif
