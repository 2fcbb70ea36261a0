/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-fetch writes the claimed build's archive to its directory, byte for
 * byte. It promises a whole archive or none: DIR/package appears by rename
 * once every byte is there and all of them came from one version of the row.
 * What no retry would change (no such archive, too large) is written to
 * DIR/fetch.json as a refusal, and what only this row has to wait for as
 * unavailable; without either it is not the build that failed but this host.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/files.h"
#include "base/json.h"
#include "base/options.h"
#include "base/text.h"
#include "build/claim.h"
#include "build/directory.h"
#include "database/archive_copy.h"
#include "database/database_most.h"
#include "database/database_options.h"
#include "database/statements.h"

enum { MESSAGE = 1024 };

struct settings {
	struct database_settings database;
	const char *storage_dir;
	uint64_t archive_max;
	const char *path; /* of the build directory */
};

static const struct option_table options = {
    .synopsis = "cc-fetch [options] dir",
    .purpose = "writes the claimed build's archive to its directory",
    .rows = (const struct option_row[]){
	DATABASE_ROWS(struct settings, database),
	{"archive-max", "SIZE", NULL, "largest archive",
	    OPTION_SIZE(struct settings, archive_max, 1, DATABASE_VALUE_MOST)},
	DATABASE_WAIT_ROW(struct settings, database),
	{"storage-dir", "DIR", "CLOACINA_COMPILER_STORAGE_DIR",
	    "archives of storage type filesystem",
	    OPTION_TEXT(struct settings, storage_dir)},
	{0},
    }};

static struct settings
parse_options(int argc, char **argv)
{
	struct settings o = {
	    .archive_max = 256 << 20, .database = {.wait = 60 * CLOCK_SECOND}};
	int at = options_read(&options, argc, argv, &o);

	if (argc - at != 1)
		options_usage(&options);
	o.path = argv[at];
	return o;
}

static void
store_note(int directory, const char *member, const char *why)
{
	json_t *object = json_pack("{s:i, s:s}", "version", 1, member, why);

	if (json_put_at(directory, FETCH_FILE, object) == -1)
		err(EXIT_SYSTEM, "cannot write '%s'", FETCH_FILE);
}

static void __attribute__((noreturn, format(printf, 2, 3)))
refuse(int directory, const char *format, ...)
{
	char refusal[MESSAGE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(refusal, sizeof refusal, format, arguments);
	va_end(arguments);
	store_note(directory, "refusal", refusal);
	errx(EXIT_CALLER, "refused: %s", refusal);
}

/* For this row alone, which may wait for it, here or on another host. */
static void __attribute__((noreturn, format(printf, 3, 4)))
miss(int directory, int status, const char *format, ...)
{
	char why[MESSAGE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof why, format, arguments);
	va_end(arguments);
	store_note(directory, "unavailable", why);
	errx(status, "%s", why);
}

static int
create_archive(int directory)
{
	int fd = create_at(directory, ARCHIVE_FILE);

	if (fd == -1)
		err(EXIT_SYSTEM, "cannot create '%s'", ARCHIVE_FILE);
	return fd;
}

/* Publishes the archive, or ends. source and error are for the message. */
static void
conclude(const struct settings *o, int directory, int out,
    enum archive_answer answer, const char *source, const char *error)
{
	if (answer == ARCHIVE_WHOLE &&
	    (close(out) == -1 || publish_at(directory, ARCHIVE_FILE) == -1))
		answer = ARCHIVE_UNWRITABLE;
	if (answer != ARCHIVE_WHOLE)
		discard_at(directory, ARCHIVE_FILE); /* keeps errno */
	switch (answer) {
	case ARCHIVE_WHOLE:
		break;
	case ARCHIVE_MISSING:
		refuse(directory, "archive not found in the registry");
	case ARCHIVE_TOO_LARGE:
		refuse(directory, "archive larger than the %llu bytes allowed",
		    (unsigned long long)o->archive_max);
	case ARCHIVE_CHANGED:
		miss(directory, EXIT_SYSTEM,
		    "cannot read '%s': it keeps changing", source);
	case ARCHIVE_DAMAGED:
		miss(directory, EXIT_SYSTEM, "cannot read '%s': %s", source,
		    error);
	case ARCHIVE_UNREADABLE:
		errx(EXIT_SYSTEM, "cannot read '%s': %s", source, error);
	case ARCHIVE_UNWRITABLE:
		err(EXIT_SYSTEM, "cannot write '%s'", ARCHIVE_FILE);
	}
}

static void
fetch_from_database(
    const struct settings *o, int directory, const struct claim *claim)
{
	struct database database = database_open(&o->database, claim->schema);
	const struct archive_row row = {.database = &database,
	    .statement = statement_fetch,
	    .registry_id = claim->registry_id,
	    .most = o->archive_max};
	enum archive_answer answer = ARCHIVE_CHANGED;

	int out = create_archive(directory);
	for (int try = 0; try < 2 && answer == ARCHIVE_CHANGED; try++) {
		if (ftruncate(out, 0) == -1 || lseek(out, 0, SEEK_SET) == -1)
			answer = ARCHIVE_UNWRITABLE;
		else
			answer = archive_copy_row(&row, out);
	}
	conclude(o, directory, out, answer, claim->registry_id, database.error);
}

/* A regular file below the storage directory; its name is a checked UUID. */
static int
open_stored(const struct settings *o, int directory, const char *name)
{
	char shown[MESSAGE / 2];
	struct stat st;

	if (o->storage_dir == NULL)
		miss(directory, EXIT_CALLER,
		    "cannot find the archive: storage type "
		    "'filesystem' needs --storage-dir");
	text_visible(
	    o->storage_dir, strlen(o->storage_dir), shown, sizeof shown);
	int storage = open_directory(o->storage_dir);
	if (storage == -1)
		miss(directory, EXIT_SYSTEM, "cannot open '%s': %s", shown,
		    strerror(errno));
	int fd = openat(
	    storage, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		miss(directory, EXIT_SYSTEM, "cannot open '%s/%s': %s", shown,
		    name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		miss(directory, EXIT_SYSTEM,
		    "cannot open '%s/%s': not a regular file", shown, name);
	return fd;
}

static void
fetch_from_storage(
    const struct settings *o, int directory, const struct claim *claim)
{
	char name[UUID_TEXT + sizeof ".so"];

	snprintf(name, sizeof name, "%s.so", claim->registry_id);
	int in = open_stored(o, directory, name);
	int out = create_archive(directory);
	enum archive_answer answer = archive_copy_file(in, o->archive_max, out);
	conclude(o, directory, out, answer, name, strerror(errno));
}

int
main(int argc, char **argv)
{
	struct settings o = parse_options(argc, argv);
	struct claim claim;
	char shown[MESSAGE / 2];
	int directory = open_directory(o.path);

	if (directory == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", o.path);
	if (claim_load(directory, &claim) == -1)
		err(EXIT_SYSTEM, "cannot read '%s/%s'", o.path, CLAIM_FILE);
	if (unlinkat(directory, FETCH_FILE, 0) == -1 && errno != ENOENT)
		err(EXIT_SYSTEM, "cannot remove an old '%s'", FETCH_FILE);
	const char *type = claim.storage_type;
	if (strcmp(type, "database") == 0)
		fetch_from_database(&o, directory, &claim);
	else if (strcmp(type, "filesystem") == 0)
		fetch_from_storage(&o, directory, &claim);
	else
		refuse(directory, "unknown storage type '%s'",
		    text_visible(type, strlen(type), shown, sizeof shown));
	return EXIT_DONE;
}
