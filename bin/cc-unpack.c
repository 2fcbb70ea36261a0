/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-unpack unpacks an untrusted source archive and writes down what it
 * found. It promises a whole source/ of directories and regular files, or
 * none at all: everything is made below .source.new, which is renamed at the
 * end and removed on every other way out. Whatever it needs is opened before
 * the archive's first byte is read; from then on unpack_package() works with
 * two descriptors, that of the archive and that of the new tree.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "events.h"
#include "exit.h"
#include "files.h"
#include "package_facts.h"
#include "unpack.h"
#include "unpack_results.h"

enum { PROGRESS_MS = 200 };

struct job {
	const char *path; /* of the build directory */
	const char *file; /* the archive, for messages */
	int directory;
	struct unpack unpack;
	struct package_facts facts;
	struct events events;
	bool shows_progress;
	int64_t next_progress;
};

static void
parse_options(struct job *job, int argc, char **argv)
{
	enum { ARCHIVE = 1, DEPTH, ENTRIES, PATH, RATIO, UNPACKED };
	static const struct cli_option table[] = {
	    {"archive-max", "SIZE", NULL, "largest archive (256M)", ARCHIVE},
	    {"depth-max", "COUNT", NULL, "levels below the top directory (64)",
		DEPTH},
	    {"entries-max", "COUNT", NULL, "files and directories (10000)",
		ENTRIES},
	    {"path-max", "COUNT", NULL, "bytes of a path (1024)", PATH},
	    {"ratio-max", "COUNT", NULL,
		"unpacked to packed bytes, after the first 16M (100)", RATIO},
	    {"unpacked-max", "SIZE", NULL,
		"bytes of the archive without compression (500M)", UNPACKED},
	    {NULL, NULL, NULL, NULL, 0},
	};
	struct cli cli = {.synopsis = "cc-unpack [options] dir [file]",
	    .purpose = "unpacks an untrusted source archive and writes down "
		       "what it found",
	    .options = table};
	struct unpack *unpack = &job->unpack;
	struct archive_limits *sizes = &unpack->stream.limits;
	int value;

	*sizes = (struct archive_limits){
	    ARCHIVE_PACKED_MAX, ARCHIVE_UNPACKED_MAX, ARCHIVE_RATIO_MAX};
	unpack->paths = (struct entry_limits){ENTRY_PATH_MAX, ENTRY_DEPTH_MAX};
	unpack->entries_max = ARCHIVE_ENTRIES_MAX;
	while ((value = cli_next(&cli, argc, argv)) != -1) {
		if (value == ARCHIVE)
			sizes->packed = cli_size(&cli, 1, INT64_MAX);
		else if (value == DEPTH)
			unpack->paths.depth = cli_count(&cli, 1, 1000);
		else if (value == ENTRIES)
			unpack->entries_max = cli_count(&cli, 1, 10000000);
		else if (value == PATH)
			unpack->paths.path = cli_count(&cli, 1, 4000);
		else if (value == RATIO)
			sizes->ratio = cli_count(&cli, 1, 1000000);
		else
			sizes->unpacked = cli_size(&cli, 1, INT64_MAX);
	}
	if (argc - optind != 1 && argc - optind != 2)
		cli_usage(&cli);
	job->path = argv[optind];
	job->file = argc - optind == 2 ? argv[optind + 1] : NULL;
}

static void
show_progress(struct job *job)
{
	int64_t now = events_now();

	if (!job->shows_progress || now < job->next_progress)
		return;
	job->next_progress = now + PROGRESS_MS * EVENTS_MS;
	fprintf(stderr, "\r%s: %" PRIu64 " entries, %" PRIu64 " MiB",
	    program_invocation_short_name, job->unpack.entries,
	    job->unpack.bytes >> 20);
}

static void
clear_progress(const struct job *job)
{
	if (job->shows_progress)
		fputs("\r\033[K", stderr);
}

/* Until fd can be read; -1: only looks. EINTR: a signal asks us to end. */
static int
wait_for_input(void *context, int fd)
{
	struct job *job = context;
	short ready = 0;

	do {
		int64_t until = fd == -1 ? 0 :
		    job->shows_progress	 ? job->next_progress :
					   EVENTS_NEVER;
		ready = events_wait(&job->events, fd, POLLIN, until);
		show_progress(job);
		if (job->events.stop != 0) {
			errno = EINTR;
			return -1;
		}
	} while (fd != -1 && ready == 0);
	return 0;
}

static void
open_archive(struct job *job)
{
	int fd = STDIN_FILENO;

	if (job->file == NULL) {
		job->file = "package";
		fd = openat(job->directory, job->file,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	} else if (strcmp(job->file, "-") != 0)
		fd = open(job->file, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", job->file);
	job->unpack.stream.fd = fd;
}

static void
open_directories(struct job *job)
{
	struct stat st;

	job->directory = open_directory(job->path);
	if (job->directory == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", job->path);
	if (fstatat(job->directory, "source", &st, AT_SYMLINK_NOFOLLOW) == 0)
		errx(EXIT_CALLER, "cannot unpack: '%s/source' exists",
		    job->path);
	open_archive(job);
}

static void
discard(const struct job *job)
{
	if (unpack_results_remove(job->directory) == -1)
		warn("cannot remove '%s/%s'", job->path, UNPACK_NEW);
}

static void
prepare(struct job *job)
{
	umask(022);
	/* A file size limit is to be an error of write(2), not our death. */
	(void)signal(SIGXFSZ, SIG_IGN);
	open_directories(job);
	if (events_open(&job->events) == -1)
		err(EXIT_SYSTEM, "cannot receive signals");
	if (unpack_results_remove(job->directory) == -1 ||
	    mkdirat(job->directory, UNPACK_NEW, 0755) == -1)
		err(EXIT_SYSTEM, "cannot create '%s/%s'", job->path,
		    UNPACK_NEW);
	job->unpack.root = openat(job->directory, UNPACK_NEW,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (job->unpack.root == -1) {
		warn("cannot open '%s/%s'", job->path, UNPACK_NEW);
		discard(job);
		exit(EXIT_SYSTEM);
	}
	job->shows_progress = isatty(STDERR_FILENO) == 1;
	job->next_progress = events_now() + PROGRESS_MS * EVENTS_MS;
	job->unpack.stream.wait = wait_for_input;
	job->unpack.stream.context = job;
}

/* The part that reads what a stranger wrote. 0, or -1: see refusal.h. */
static int
unpack_package(struct job *job)
{
	if (unpack_archive(&job->unpack) == -1)
		return -1;
	return package_facts_read(
	    job->unpack.root, &job->facts, &job->unpack.refusal);
}

static struct unpack_results
results(const struct job *job, const char *refusal)
{
	return (struct unpack_results){
	    &job->facts, refusal, job->unpack.entries, job->unpack.bytes};
}

/* 0 or -1 with errno. */
static int
publish(const struct job *job)
{
	struct unpack_results all = results(job, NULL);

	return unpack_results_publish(job->directory, &all);
}

static void __attribute__((noreturn)) end_refused(const struct job *job)
{
	char line[sizeof job->unpack.entry + REFUSAL_RULE + 16];
	const char *rule = job->unpack.refusal.rule;
	struct unpack_results refusal = results(job, rule);

	if (job->unpack.is_in_entry) {
		snprintf(line, sizeof line, "entry '%s': %s", job->unpack.entry,
		    rule);
		refusal.refusal = line;
	}
	if (unpack_results_report(job->directory, &refusal) == -1)
		err(EXIT_SYSTEM, "cannot write '%s/unpack.json'", job->path);
	errx(EXIT_CALLER, "refused: %s", refusal.refusal);
}

static void __attribute__((noreturn))
end_failed(const struct job *job, int error)
{
	if (job->events.stop != 0)
		exit(EXIT_SIGNAL_BASE + job->events.stop);
	errno = error;
	if (job->unpack.is_in_entry)
		err(EXIT_SYSTEM, "cannot unpack entry '%s'", job->unpack.entry);
	err(EXIT_SYSTEM, "cannot unpack '%s'", job->file);
}

int
main(int argc, char **argv)
{
	struct job job = {0};

	parse_options(&job, argc, argv);
	prepare(&job);
	int result = unpack_package(&job);
	if (result == 0)
		result = publish(&job);
	int error = errno;
	clear_progress(&job);
	if (result == 0)
		return EXIT_DONE;
	discard(&job);
	if (job.unpack.refusal.rule[0] != '\0')
		end_refused(&job);
	end_failed(&job, error);
}
