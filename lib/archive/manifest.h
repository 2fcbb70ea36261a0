/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What package.toml says of a package to those who pack and submit it. The
 * file may be a stranger's.
 */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "toml/toml_strings.h"

#define MANIFEST_NAME "package.toml"

enum {
	MANIFEST_MAX = 1 << 20, /* bytes of the file */
	MANIFEST_TEXT = 256,
	MANIFEST_PROBLEM = 120
};

struct manifest {
	char name[MANIFEST_TEXT];
	char version[MANIFEST_TEXT];
	char language[MANIFEST_TEXT]; /* empty: not said */
};

/*
 * 0, or -1 and what is wrong, for people: "line 3: ...". Name and version are
 * there and not empty.
 */
int manifest_parse(const char *text, size_t length, struct manifest *manifest,
    char problem[MANIFEST_PROBLEM]);

/*
 * The wanted strings, each with room for MANIFEST_TEXT bytes, are there or
 * absent. 0, or -1 and what is wrong, for people.
 */
int manifest_strings(const char *text, size_t length,
    struct toml_wanted *wanted, size_t count, char problem[MANIFEST_PROBLEM]);

#endif
