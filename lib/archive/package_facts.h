/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an unpacked package says of itself, checked: its words become part of
 * a command line and of a path.
 */
#ifndef PACKAGE_FACTS_H
#define PACKAGE_FACTS_H

#include "base/sha256.h"
#include "manifest.h"
#include "refusal.h"

enum { PACKAGE_LANGUAGE = 16, PACKAGE_NAME = 65 };

struct package_facts {
	char language[PACKAGE_LANGUAGE]; /* rust or python */
	/* A Rust package's, else empty: [A-Za-z_][A-Za-z0-9_-]* */
	char crate_name[PACKAGE_NAME];
	char library_name[PACKAGE_NAME];
	char cargo_toml_hash[SHA256_TEXT]; /* empty: no such file */
	char cargo_lock_hash[SHA256_TEXT];
};

/*
 * Each returns 0, or -1: see refusal.h. Symlinks, which an unpacked tree has
 * none of, are followed inside of it.
 */
int package_facts_manifest(
    int source, struct manifest *manifest, struct refusal *refusal);
int package_facts_read(int source, const struct manifest *manifest,
    struct package_facts *facts, struct refusal *refusal);

#endif
