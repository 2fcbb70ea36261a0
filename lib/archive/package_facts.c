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

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define NAME_START LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"

/* What a package has wrong when one of its files could not be read. */
static int
refuse_file(const char *name, size_t most, struct refusal *refusal)
{
	if (errno == ENOENT)
		return refuse(
		    refusal, "%s is missing in the top directory", name);
	if (errno == EINVAL)
		return refuse(refusal, "%s is a directory", name);
	if (errno == EFBIG)
		return refuse(
		    refusal, "%s has more than %zu bytes", name, most);
	return -1;
}

int
package_facts_manifest(
    int source, struct manifest *manifest, struct refusal *refusal)
{
	char problem[MANIFEST_PROBLEM];
	size_t length;
	char *text =
	    read_file_beneath(source, MANIFEST_NAME, MANIFEST_MAX, &length);

	if (text == NULL)
		return refuse_file(MANIFEST_NAME, MANIFEST_MAX, refusal);
	int result = manifest_parse(text, length, manifest, problem);
	free(text);
	return result == 0 ? 0 :
			     refuse(refusal, "%s: %s", MANIFEST_NAME, problem);
}

/* Opens and hashes a file: what is no regular one has an empty hash. */
static int
open_hashed(int source, const char *name, char hash[SHA256_TEXT])
{
	struct stat st;
	int fd = open_beneath(source, name, O_RDONLY | O_NONBLOCK, 0);

	if (fd != -1 &&
	    (fstat(fd, &st) == -1 ||
		(S_ISREG(st.st_mode) &&
		    (sha256_file(fd, hash) == -1 ||
			lseek(fd, 0, SEEK_SET) == -1)))) {
		close_keeping_errno(fd);
		return -1;
	}
	return fd;
}

static int
take_name(const struct toml_wanted *wanted, char name[PACKAGE_NAME],
    struct refusal *refusal)
{
	const char *value = wanted->value;

	if (value[0] == '\0' || strchr(NAME_START, value[0]) == NULL ||
	    value[strspn(value, NAME_START DIGITS "-")] != '\0' ||
	    strlen(value) >= PACKAGE_NAME)
		return refuse(refusal,
		    "Cargo.toml: %s is no name of at most %d letters, digits, "
		    "'_' and '-'",
		    wanted->path, PACKAGE_NAME - 1);
	strcpy(name, value);
	return 0;
}

static int
parse_cargo_toml(const char *text, size_t length, struct package_facts *facts,
    struct refusal *refusal)
{
	char values[2][MANIFEST_TEXT], problem[MANIFEST_PROBLEM];
	struct toml_wanted wanted[] = {
	    {.path = "package.name", .value = values[0]},
	    {.path = "lib.name", .value = values[1]}, {.path = "package"}};
	const struct toml_wanted *crate = &wanted[0], *library = &wanted[1];

	if (manifest_strings(text, length, wanted, 3, problem) == -1)
		return refuse(refusal, "Cargo.toml: %s", problem);
	if (wanted[2].result == TOML_ABSENT)
		return refuse(refusal,
		    "Cargo.toml has no [package]: a workspace alone is no "
		    "library");
	if (crate->result == TOML_ABSENT)
		return refuse(refusal, "Cargo.toml: package.name is missing");
	if (take_name(crate, facts->crate_name, refusal) == -1)
		return -1;
	if (library->result == TOML_FOUND)
		return take_name(library, facts->library_name, refusal);
	strcpy(facts->library_name, facts->crate_name);
	for (char *c = facts->library_name; *c != '\0'; c++)
		*c = *c == '-' ? '_' : *c;
	return 0;
}

/* file: Cargo.toml, or -1 where there is none. */
static int
read_cargo_toml(int file, struct package_facts *facts, struct refusal *refusal)
{
	size_t length;
	char *text = NULL;

	if (file == -1)
		errno = ENOENT;
	else
		text = read_regular(file, MANIFEST_MAX, &length);
	if (text == NULL)
		return refuse_file("Cargo.toml", MANIFEST_MAX, refusal);
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

static int
read_cargo(int source, int cargo_toml, const struct manifest *manifest,
    struct package_facts *facts, struct refusal *refusal)
{
	int lock = open_hashed(source, "Cargo.lock", facts->cargo_lock_hash);

	if (lock == -1 && errno != ENOENT)
		return -1;
	close_keeping_errno(lock);
	if (choose_language(manifest->language, facts, refusal) == -1)
		return -1;
	return strcmp(facts->language, "rust") != 0 ?
	    0 :
	    read_cargo_toml(cargo_toml, facts, refusal);
}

int
package_facts_read(int source, const struct manifest *manifest,
    struct package_facts *facts, struct refusal *refusal)
{
	*facts = (struct package_facts){.language = ""};
	int file = open_hashed(source, "Cargo.toml", facts->cargo_toml_hash);

	if (file == -1 && errno != ENOENT)
		return -1;
	int result = read_cargo(source, file, manifest, facts, refusal);
	close_keeping_errno(file);
	return result;
}
