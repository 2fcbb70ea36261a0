/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-pack writes a directory as an archive in the package format. It promises
 * that the same tree gives the same bytes, wherever and whenever it lies and
 * in whatever order it was made: entries are sorted, times, owners and modes
 * are not the tree's. And that cc-unpack takes what it wrote: both ask the
 * same rules, and what these refuse is named here, before it is queued.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_limits.h"
#include "archive/ignored.h"
#include "archive/manifest.h"
#include "archive/package_facts.h"
#include "base/exit.h"
#include "base/files.h"
#include "base/options.h"
#include "base/output.h"
#include "base/parse.h"
#include "base/text.h"
#include "check.h"
#include "tree.h"
#include "write.h"

enum { SHOWN = 1024 };

/* What the eleven octal digits of a tar header hold. */
#define MTIME_MAX UINT64_C(077777777777)

struct pack {
	const char *output; /* NULL: stdout */
	uint64_t mtime;
	const char *path;	/* of the directory */
	struct stat written[2]; /* the output, and what it will replace */
	struct tree tree;
	struct manifest manifest;
	char top[2 * MANIFEST_TEXT];
};

static const struct option_table options = {.synopsis = "cc-pack [options] dir",
    .purpose = "writes a directory as an archive in the package format",
    .rows = (const struct option_row[]){
	{"o,output", "FILE", NULL, "where to write the archive (stdout)",
	    OPTION_TEXT(struct pack, output)},
	{0},
    }};

static uint64_t
source_date(void)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds = 0;
	char shown[SHOWN];

	if (text != NULL && parse_count(text, 0, MTIME_MAX, &seconds) == -1)
		errx(EXIT_CALLER,
		    "bad value '%s' for $SOURCE_DATE_EPOCH: want "
		    "seconds since 1970, at most %" PRIu64,
		    text_visible(text, strlen(text), shown, sizeof shown),
		    MTIME_MAX);
	return seconds;
}

static struct pack
parse_options(int argc, char **argv)
{
	struct pack p = {.output = NULL};
	int at = options_read(&options, argc, argv, &p);

	if (argc - at != 1)
		options_usage(&options);
	p.path = argv[at];
	p.mtime = source_date();
	if (p.output != NULL && strcmp(p.output, "-") == 0)
		p.output = NULL;
	if (p.output == NULL && isatty(STDOUT_FILENO))
		errx(EXIT_CALLER,
		    "stdout is a terminal: redirect it, or use --output");
	return p;
}

static const char *
visible(const char *text, char shown[static SHOWN])
{
	return text_visible(text, strlen(text), shown, SHOWN);
}

/* The name of the top directory, from package.toml. */
static int
name_top(struct pack *p)
{
	struct manifest *manifest = &p->manifest;
	char problem[MANIFEST_PROBLEM];
	size_t length;
	char *text = read_file_beneath(
	    p->tree.root, MANIFEST_NAME, MANIFEST_MAX, &length);

	if (text == NULL && errno == EXDEV) {
		warnx("refused: entry '%s': %s", MANIFEST_NAME, PACK_LINK_OUT);
		return EXIT_CALLER;
	}
	if (text == NULL) {
		warn("cannot read '%s/%s'", p->path, MANIFEST_NAME);
		return EXIT_CALLER;
	}
	if (manifest_parse(text, length, manifest, problem) == -1) {
		warnx("refused: '%s/%s': %s", p->path, MANIFEST_NAME, problem);
		return EXIT_CALLER;
	}
	snprintf(
	    p->top, sizeof p->top, "%s-%s", manifest->name, manifest->version);
	return EXIT_DONE;
}

static bool
is_written(const struct pack *p, const struct stat *st)
{
	for (size_t i = 0; i < sizeof p->written / sizeof *p->written; i++)
		if (S_ISREG(st->st_mode) &&
		    st->st_ino == p->written[i].st_ino &&
		    st->st_dev == p->written[i].st_dev)
			return true;
	return false;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* What a build or an earlier run left at the top is no part of the package. */
static bool
wants(const void *context, const struct tree_entry *entry)
{
	const char *path = entry->path;

	if (is_written(context, &entry->st))
		return false;
	if (strchr(path, '/') != NULL)
		return true;
	return strcmp(path, "target") != 0 && strcmp(path, ".git") != 0 &&
	    !ends_with(path, ".cloacina") && !ends_with(path, ".fid");
}

static int
read_tree(struct pack *p)
{
	char shown[SHOWN];

	if (tree_read(&p->tree) == 0)
		return EXIT_DONE;
	if (errno == E2BIG) {
		warnx("refused: '%s': more than %d entries (--entries-max)",
		    p->path, ARCHIVE_ENTRIES_MAX);
		return EXIT_CALLER;
	}
	warn("cannot read '%s/%s'", p->path, visible(p->tree.failed, shown));
	return EXIT_SYSTEM;
}

/* What a refusal, or this host, made fail. */
static int
say_unfit(const struct pack *p, const char *entry, const struct refusal *why)
{
	char shown[SHOWN];

	if (errno != EBADMSG) {
		warn("cannot check '%s'", p->path);
		return EXIT_SYSTEM;
	}
	if (entry == NULL)
		warnx("refused: '%s': %s", p->path, why->rule);
	else
		warnx("refused: entry '%s': %s", visible(entry, shown),
		    why->rule);
	return EXIT_CALLER;
}

/* What makes a build fail, or differ, that works where the package lies. */
static void
warn_of_build(const struct pack *p, const struct package_facts *facts)
{
	const char *lines[IGNORED_MAX];
	bool has_vendored = false;

	/* Cargo would have to write it, and --frozen forbids that. */
	if (facts->cargo_lock_hash[0] == '\0')
		warnx("warning: no Cargo.lock, so the build will fail: run "
		      "'cargo generate-lockfile'");
	for (size_t i = 0; i < p->tree.count && !has_vendored; i++) {
		const char *path = p->tree.entries[i].path;
		has_vendored = ignored_is_vendored(path, strlen(path));
	}
	ignored_find(p->tree.root, has_vendored, lines);
	for (const char **line = lines; *line != NULL; line++)
		warnx("warning: %s", *line);
}

static int
check_tree(struct pack *p)
{
	struct package_facts facts;
	struct refusal refusal;
	const char *entry = NULL;

	if (pack_check(&p->tree, p->top, &entry, &refusal) == -1)
		return say_unfit(p, entry, &refusal);
	if (package_facts_read(p->tree.root, &p->manifest, &facts, &refusal) ==
	    -1)
		return say_unfit(p, NULL, &refusal);
	if (strcmp(facts.language, "rust") == 0)
		warn_of_build(p, &facts);
	return EXIT_DONE;
}

static int
write_archive(struct pack *p, int out)
{
	struct tar_writer writer;
	struct refusal refusal;
	char shown[SHOWN];
	const char *entry = ".";

	if (tar_writer_open(&writer, out, (int64_t)p->mtime) == -1 ||
	    pack_write(&writer, &p->tree, p->top, &entry) == -1) {
		if (errno != EAGAIN)
			warn("cannot pack '%s'", visible(entry, shown));
		else
			warnx("cannot pack '%s': it changed while it was read",
			    visible(entry, shown));
		return EXIT_SYSTEM;
	}
	if (pack_check_sizes(writer.packed, writer.unpacked, &refusal) == -1)
		return say_unfit(p, NULL, &refusal);
	return EXIT_DONE;
}

/* Writes nothing before all of it is found fit. */
static int
pack(struct pack *p, int out)
{
	int status;

	if (fstat(out, &p->written[0]) == -1) {
		warn("cannot inspect the output");
		return EXIT_SYSTEM;
	}
	if ((status = name_top(p)) != EXIT_DONE ||
	    (status = read_tree(p)) != EXIT_DONE ||
	    (status = check_tree(p)) != EXIT_DONE)
		return status;
	return write_archive(p, out);
}

static int
pack_to_file(struct pack *p)
{
	const char *path = p->output;
	struct output output;

	if (output_open(&output, path) == -1)
		errx(EXIT_SYSTEM, "cannot create '%s': %s", path,
		    output_error(errno));
	/* An archive that is to be replaced is no part of its successor. */
	(void)fstatat(
	    output.directory, output.name, &p->written[1], AT_SYMLINK_NOFOLLOW);
	int status = pack(p, output.fd);
	if (status != EXIT_DONE)
		output_discard(&output);
	else if (output_publish(&output) == -1)
		err(EXIT_SYSTEM, "cannot write '%s'", path);
	return status;
}

int
main(int argc, char **argv)
{
	struct pack p = parse_options(argc, argv);

	p.tree = (struct tree){.root = open_directory(p.path),
	    .wants = wants,
	    .context = &p,
	    .most = ARCHIVE_ENTRIES_MAX - 1};
	if (p.tree.root == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", p.path);
	return p.output != NULL ? pack_to_file(&p) : pack(&p, STDOUT_FILENO);
}
