/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"
#include "manifest.h"
#include "package_facts.h"
#include "toml/toml.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define NAME_START LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"

enum { CARGO_TOML_MAX = 1 << 20 };

/* A file that must be a small regular one. NULL: refused, or errno. */
static char *
read_text(int source, const char *name, size_t most, size_t *length,
    struct refusal *refusal)
{
	char *text = read_file_beneath(source, name, most, length);

	if (text == NULL && errno == ENOENT)
		(void)refuse(
		    refusal, "%s is missing in the top directory", name);
	else if (text == NULL && errno == EINVAL)
		(void)refuse(refusal, "%s is a directory", name);
	else if (text == NULL && errno == EFBIG)
		(void)refuse(refusal, "%s has more than %zu bytes", name, most);
	return text;
}

static int
read_package_toml(
    int source, struct manifest *manifest, struct refusal *refusal)
{
	char problem[MANIFEST_PROBLEM];
	size_t length;
	char *text =
	    read_text(source, MANIFEST_NAME, MANIFEST_MAX, &length, refusal);

	if (text == NULL)
		return -1;
	int result = manifest_parse(text, length, manifest, problem);
	free(text);
	return result == 0 ? 0 :
			     refuse(refusal, "%s: %s", MANIFEST_NAME, problem);
}

/* The file's hash, or an empty text where there is none. */
static int
hash_file(int source, const char *name, char hash[SHA256_TEXT])
{
	hash[0] = '\0';
	int fd = open_beneath(source, name, O_RDONLY | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	struct stat st;
	int result = fstat(fd, &st);
	if (result == 0 && S_ISREG(st.st_mode))
		result = sha256_file(fd, hash);
	close_keeping_errno(fd);
	return result;
}

/* 1 there, 0 absent, -1 refused. */
static int
cargo_string(const char *text, size_t length, const char *path,
    char name[PACKAGE_NAME], struct refusal *refusal)
{
	char value[256] = "";
	size_t line = 0;

	switch (toml_string(text, length, path, value, sizeof value, &line)) {
	case TOML_FOUND:
		break;
	case TOML_ABSENT:
		return 0;
	case TOML_OTHER:
		return refuse(refusal, "Cargo.toml: %s is not a string", path);
	default:
		return refuse(refusal,
		    "Cargo.toml: line %zu: not TOML, or too long a string",
		    line);
	}
	if (value[0] == '\0' || strchr(NAME_START, value[0]) == NULL ||
	    value[strspn(value, NAME_START DIGITS "-")] != '\0' ||
	    strlen(value) >= PACKAGE_NAME)
		return refuse(refusal,
		    "Cargo.toml: %s is no name of at most %d letters, digits, "
		    "'_' and '-'",
		    path, PACKAGE_NAME - 1);
	strcpy(name, value);
	return 1;
}

static int
parse_cargo_toml(const char *text, size_t length, struct package_facts *facts,
    struct refusal *refusal)
{
	char nothing[1];
	size_t line;

	int found = cargo_string(
	    text, length, "package.name", facts->crate_name, refusal);
	if (found == 0 &&
	    toml_string(text, length, "package", nothing, 1, &line) ==
		TOML_ABSENT)
		return refuse(refusal,
		    "Cargo.toml has no [package]: a workspace alone is no "
		    "library");
	if (found == 0)
		return refuse(refusal, "Cargo.toml: package.name is missing");
	if (found == -1)
		return -1;
	found = cargo_string(
	    text, length, "lib.name", facts->library_name, refusal);
	if (found == 0) {
		strcpy(facts->library_name, facts->crate_name);
		for (char *c = facts->library_name; *c != '\0'; c++)
			*c = *c == '-' ? '_' : *c;
	}
	return found == -1 ? -1 : 0;
}

static int
read_cargo_toml(
    int source, struct package_facts *facts, struct refusal *refusal)
{
	size_t length;
	char *text =
	    read_text(source, "Cargo.toml", CARGO_TOML_MAX, &length, refusal);

	if (text == NULL)
		return -1;
	int result = parse_cargo_toml(text, length, facts, refusal);
	free(text);
	return result;
}

/*
 * What package.toml says, else what the package looks like. A word that has
 * no meaning here must not pass for a package that needs no compiler. Case
 * has none: no two languages differ in it, and "Rust" is how Rust is written.
 */
static int
choose_language(
    const char *said, struct package_facts *facts, struct refusal *refusal)
{
	static const char *const known[] = {"rust", "python"};
	char shown[PACKAGE_NAME];

	if (said[0] == '\0')
		said = facts->cargo_toml_hash[0] != '\0' ? "rust" : "python";
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(said, known[i]) == 0) {
			strcpy(facts->language, known[i]);
			return 0;
		}
	return refuse(refusal,
	    "package.toml: metadata.language '%s' is not known: rust and "
	    "python are",
	    text_visible(said, strlen(said), shown, sizeof shown));
}

int
package_facts_read(
    int source, struct package_facts *facts, struct refusal *refusal)
{
	struct manifest manifest;

	*facts = (struct package_facts){0};
	if (read_package_toml(source, &manifest, refusal) == -1 ||
	    hash_file(source, "Cargo.toml", facts->cargo_toml_hash) == -1 ||
	    hash_file(source, "Cargo.lock", facts->cargo_lock_hash) == -1 ||
	    choose_language(manifest.language, facts, refusal) == -1)
		return -1;
	return strcmp(facts->language, "rust") != 0 ?
	    0 :
	    read_cargo_toml(source, facts, refusal);
}
