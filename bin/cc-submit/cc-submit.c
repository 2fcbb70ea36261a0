/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-submit puts an archive into the queue and prints its id. It promises
 * that the archive, its package and the end of the older version appear in
 * one transaction or not at all, and that asking again after a lost reply
 * queues nothing twice: the ids are chosen here, once. The archive is copied
 * first, so that what is named, hashed and stored are the same bytes. It is
 * not unpacked; whether it is fit to be built, cc-unpack says.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_manifest.h"
#include "base/clock.h"
#include "base/exit.h"
#include "base/options.h"
#include "base/sha256.h"
#include "base/text.h"
#include "build/claim.h"
#include "database/archive_copy.h"
#include "database/database_most.h"
#include "database/database_options.h"
#include "database/statements.h"

enum { SHOWN = 512, TRIES = 8 };

struct submission {
	struct database_settings settings;
	const char *name, *version; /* NULL: as the archive says */
	uint64_t archive_max;
	const char *path; /* NULL: stdin */
	char id[UUID_TEXT], registry_id[UUID_TEXT];
	char hash[SHA256_TEXT];
	const char *archive;
	size_t length;
};

static const struct option_table options = {
    .synopsis = "cc-submit [options] [file]",
    .purpose = "puts an archive into the queue and prints its id",
    .rows = (const struct option_row[]){
	{"name", "NAME", NULL, "the package's name (package.toml's)",
	    OPTION_TEXT(struct submission, name)},
	{"package-version", "VERSION", NULL, "its version (package.toml's)",
	    OPTION_TEXT(struct submission, version)},
	{"archive-max", "SIZE", NULL, "largest archive",
	    OPTION_SIZE(
		struct submission, archive_max, 1, DATABASE_VALUE_MOST)},
	DATABASE_ROWS(struct submission, settings),
	DATABASE_WAIT_ROW(struct submission, settings),
	{0},
    }};

static struct submission
parse_options(int argc, char **argv)
{
	struct submission s = {
	    .archive_max = 256 << 20, .settings = {.wait = 60 * CLOCK_SECOND}};
	int at = options_read(&options, argc, argv, &s);

	if (argc - at > 1)
		options_usage(&options);
	if (s.name != NULL && *s.name == '\0')
		errx(EXIT_CALLER, "bad value '' for --name: want a name");
	if (s.version != NULL && *s.version == '\0')
		errx(EXIT_CALLER,
		    "bad value '' for --package-version: want a version");
	s.path = argv[at]; /* NULL behind the last one */
	return s;
}

static int
open_archive(const char *path)
{
	if (path != NULL && strcmp(path, "-") != 0) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd == -1)
			err(EXIT_SYSTEM, "cannot open '%s'", path);
		return fd;
	}
	if (isatty(STDIN_FILENO))
		errx(EXIT_CALLER, "stdin is a terminal: name a file");
	return STDIN_FILENO;
}

/* A copy that nobody else can change. */
static int
copy_archive(int in, uint64_t most)
{
	int copy = memfd_create("archive", MFD_CLOEXEC);

	if (copy == -1)
		err(EXIT_SYSTEM, "cannot hold the archive");
	switch (archive_copy_file(in, most, copy)) {
	case ARCHIVE_WHOLE:
		return copy;
	case ARCHIVE_TOO_LARGE:
		errx(EXIT_CALLER,
		    "refused: the archive is larger than %" PRIu64
		    " bytes (--archive-max)",
		    most);
	case ARCHIVE_DAMAGED:
		err(EXIT_SYSTEM, "cannot read the archive");
	default:
		err(EXIT_SYSTEM, "cannot hold the archive");
	}
}

/* Name and version: what was asked for, else what the archive says. */
static void
name_package(struct submission *s, int archive, struct manifest *manifest)
{
	struct refusal refusal;

	if (s->name != NULL && s->version != NULL)
		return;
	if (lseek(archive, 0, SEEK_SET) == -1)
		err(EXIT_SYSTEM, "cannot read the archive");
	if (archive_manifest_read(archive, manifest, &refusal) == -1) {
		if (errno == EBADMSG)
			errx(EXIT_CALLER, "refused: %s", refusal.rule);
		err(EXIT_SYSTEM, "cannot read the archive");
	}
	if (s->name == NULL)
		s->name = manifest->name;
	if (s->version == NULL)
		s->version = manifest->version;
}

static void
load_archive(struct submission *s, int archive)
{
	struct stat st;

	if (lseek(archive, 0, SEEK_SET) == -1 ||
	    sha256_file(archive, s->hash) == -1 || fstat(archive, &st) == -1)
		err(EXIT_SYSTEM, "cannot read the archive");
	s->length = (size_t)st.st_size;
	if (s->length == 0)
		errx(EXIT_CALLER, "refused: the archive is empty");
	s->archive = mmap(NULL, s->length, PROT_READ, MAP_PRIVATE, archive, 0);
	if (s->archive == MAP_FAILED)
		err(EXIT_SYSTEM, "cannot read the archive");
}

static bool
has_state(const struct database *database, const char *state)
{
	return strncmp(database->state, state, strlen(state)) == 0;
}

/*
 * The id of the package that has the name and version now. Somebody may
 * submit the same name at the same moment: see submit.sql.
 */
static const char *
queue(const struct submission *s)
{
	const struct database_parameter parameters[] = {{.value = s->id},
	    {.value = s->registry_id}, {.value = s->name},
	    {.value = s->version},
	    {.value = s->archive, .length = s->length, .binary = true},
	    {.value = s->hash}};
	struct database database = database_open(&s->settings, NULL);

	for (int i = 0; i < TRIES; i++) {
		PGresult *result =
		    database_ask(&database, statement_submit, 6, parameters);
		if (result != NULL)
			return PQgetvalue(result, 0, 0);
		if (!has_state(&database, "23505"))
			break;
	}
	/* Class 22: a name that does not fit its column, or is no UTF-8. */
	errx(has_state(&database, "22") ? EXIT_CALLER : EXIT_SYSTEM,
	    "cannot queue the package: %s", database.error);
}

static void
finish(const struct submission *s, const char *id)
{
	char name[SHOWN], version[SHOWN];

	if (strcmp(id, s->id) != 0)
		errx(EXIT_NO, "'%s' %s is there already: %s",
		    text_visible(s->name, strlen(s->name), name, sizeof name),
		    text_visible(s->version, strlen(s->version), version,
			sizeof version),
		    id);
	if (printf("%s\n", id) < 0 || fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "queued as %s, but cannot say so", id);
}

int
main(int argc, char **argv)
{
	struct submission s = parse_options(argc, argv);
	struct manifest manifest;
	int in = open_archive(s.path);
	int archive = copy_archive(in, s.archive_max);

	name_package(&s, archive, &manifest);
	load_archive(&s, archive);
	if (uuid_new(s.id) == -1 || uuid_new(s.registry_id) == -1)
		err(EXIT_SYSTEM, "cannot make an id");
	finish(&s, queue(&s));
	return EXIT_DONE;
}
