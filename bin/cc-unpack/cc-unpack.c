/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-unpack unpacks an untrusted source archive and writes down what it
 * found. It promises a whole source/ of directories and regular files, or
 * none at all: everything is made below .source.new, which is renamed at the
 * end and removed on every other way out. Whatever it needs is opened before
 * the archive's first byte is read; then it confines itself, so that code in
 * the archive that takes it over finds the archive, the new tree, and the
 * names beside it in the build directory.
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

#include "archive/ignored.h"
#include "archive/package_facts.h"
#include "base/events.h"
#include "base/exit.h"
#include "base/files.h"
#include "base/options.h"
#include "base/sha256.h"
#include "build/directory.h"
#include "confine.h"
#include "confine/sandbox_mode.h"
#include "confine/seccomp_policy.h"
#include "database/database_most.h"
#include "results.h"
#include "unpack.h"

enum { PROGRESS_MS = 200 };

struct job {
	enum sandbox_mode mode;
	const char *path;    /* of the build directory */
	const char *archive; /* NULL: the one in there */
	const char *file;    /* the archive, for messages */
	int directory;
	const char *level; /* of our confinement, for the report */
	struct unpack unpack;
	struct package_facts facts;
	const char *ignored[IGNORED_MAX];
	struct events events;
	bool shows_progress;
	int64_t next_progress;
};

static const struct option_table options = {
    .synopsis = "cc-unpack [options] dir [file]",
    .purpose =
	"unpacks an untrusted source archive and writes down what it found",
    .rows = (const struct option_row[]){
	{"archive-max", "SIZE", NULL, "largest archive",
	    OPTION_SIZE(struct job, unpack.stream.limits.packed, 1,
		DATABASE_VALUE_MOST)},
	{"depth-max", "COUNT", NULL, "levels below the top directory",
	    OPTION_COUNT(struct job, unpack.paths.depth, 1, 1000)},
	{"entries-max", "COUNT", "CLOACINA_COMPILER_UNPACK_ENTRIES_MAX",
	    "files and directories",
	    OPTION_COUNT(struct job, unpack.entries_max, 1, 10000000)},
	{"path-max", "COUNT", NULL, "bytes of a path",
	    OPTION_COUNT(struct job, unpack.paths.path, 1, 4000)},
	{"ratio-max", "COUNT", "CLOACINA_COMPILER_UNPACK_RATIO_MAX",
	    "unpacked to packed bytes, after the first 16M",
	    OPTION_COUNT(struct job, unpack.stream.limits.ratio, 1, 1000000)},
	{"sandbox", "MODE", "CLOACINA_COMPILER_SANDBOX",
	    "required, preferred or off",
	    OPTION_WORD(struct job, mode, sandbox_modes)},
	{"unpacked-max", "SIZE", "CLOACINA_COMPILER_UNPACK_BYTES_MAX",
	    "bytes of the archive without compression",
	    OPTION_SIZE(
		struct job, unpack.stream.limits.unpacked, 1, INT64_MAX)},
	{0},
    }};

static void
show_progress(struct job *job)
{
	int64_t now = clock_boot();

	if (!job->shows_progress || now < job->next_progress)
		return;
	job->next_progress = now + PROGRESS_MS * CLOCK_MS;
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
					   CLOCK_NEVER;
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

	if (job->archive == NULL)
		fd = openat(job->directory, job->file,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	else if (strcmp(job->file, "-") != 0)
		fd = open(job->file, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", job->file);
	job->unpack.stream.fd = fd;
}

static void
open_directory_of(struct job *job)
{
	const char *path = job->path;
	struct stat st;

	job->directory = open_directory(path);
	if (job->directory == -1)
		err(EXIT_SYSTEM, "cannot open '%s'", path);
	if (fstatat(job->directory, SOURCE_DIRECTORY, &st,
		AT_SYMLINK_NOFOLLOW) == 0)
		errx(EXIT_CALLER, "cannot unpack: '%s/source' exists", path);
}

static void
discard(const struct job *job)
{
	if (unpack_results_remove(job->directory) == -1)
		warn("cannot remove '%s/%s'", job->path, SOURCE_NEW);
}

static void
open_root(struct job *job)
{
	const char *path = job->path;

	if (unpack_results_remove(job->directory) == -1 ||
	    mkdirat(job->directory, SOURCE_NEW, 0755) == -1)
		err(EXIT_SYSTEM, "cannot create '%s/%s'", path, SOURCE_NEW);
	job->unpack.tree.root = openat(job->directory, SOURCE_NEW,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (job->unpack.tree.root == -1) {
		warn("cannot open '%s/%s'", path, SOURCE_NEW);
		discard(job);
		exit(EXIT_SYSTEM);
	}
}

static void
prepare(struct job *job)
{
	umask(022);
	/* A file size limit is to be an error of write(2), not our death. */
	(void)signal(SIGXFSZ, SIG_IGN);
	open_directory_of(job);
	open_archive(job);
	if (events_open(&job->events) == -1)
		err(EXIT_SYSTEM, "cannot receive signals");
	open_root(job);
	job->shows_progress = isatty(STDERR_FILENO) == 1;
	job->next_progress = clock_boot() + PROGRESS_MS * CLOCK_MS;
	job->unpack.stream.wait = wait_for_input;
	job->unpack.stream.context = job;
}

/* `required` ends us where a layer cannot be had; else it is only told. */
static void
lack(const struct job *job, const char *what, int reason)
{
	bool is_required = job->mode == SANDBOX_REQUIRED;

	if (is_required)
		discard(job);
	warnx("no confinement %s: %s%s", what,
	    reason == ENOSYS ? "not in this kernel" : strerror(reason),
	    is_required ? "; --sandbox preferred goes on without" : "");
	if (is_required)
		exit(EXIT_SYSTEM);
}

/* From here on a stranger's bytes may take us over, and gain little. */
static void
confine(struct job *job)
{
	int kept[] = {STDERR_FILENO, job->directory, job->unpack.stream.fd,
	    job->unpack.tree.root, job->events.signals, job->events.timer};
	char hash[SHA256_TEXT];

	if (unpack_close_others(kept, sizeof kept / sizeof *kept) == -1)
		err(EXIT_SYSTEM, "cannot close inherited descriptors");
	if (job->mode == SANDBOX_OFF)
		return;
	/* The first use of libcrypto reads its configuration. */
	(void)sha256_bytes("", 0, hash);
	unpack_forget_environment();
	bool is_landlocked =
	    unpack_confine_files(job->directory, job->unpack.tree.root) == 0;
	if (!is_landlocked)
		lack(job, "of files by Landlock", errno);
	if (seccomp_confine(SECCOMP_READER) == -1)
		lack(job, "of system calls", errno);
	else
		job->level = is_landlocked ? "landlock" : "seccomp";
}

/* The part that reads what a stranger wrote. 0, or -1: see refusal.h. */
static int
unpack_package(struct job *job)
{
	struct unpack *unpack = &job->unpack;
	struct refusal *refusal = &unpack->refusal;
	struct manifest manifest;
	int root = unpack->tree.root;

	if (unpack_archive(unpack) == -1 ||
	    package_facts_manifest(root, &manifest, refusal) == -1 ||
	    package_facts_read(root, &manifest, &job->facts, refusal) == -1)
		return -1;
	if (strcmp(job->facts.language, "rust") == 0)
		ignored_find(
		    unpack->tree.root, unpack->has_vendored, job->ignored);
	return 0;
}

static struct unpack_results
results(const struct job *job, const char *refusal)
{
	return (struct unpack_results){.facts = &job->facts,
	    .level = job->level,
	    .refusal = refusal,
	    .ignored = job->ignored,
	    .entries = job->unpack.entries,
	    .bytes = job->unpack.bytes};
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
		err(EXIT_SYSTEM, "cannot write '%s/%s'", job->path,
		    UNPACK_FILE);
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

static struct job
parse_options(int argc, char **argv)
{
	struct job job = {.level = "none",
	    .unpack = {.stream.limits = {ARCHIVE_PACKED_MAX,
			   ARCHIVE_UNPACKED_MAX, ARCHIVE_RATIO_MAX},
		.paths = {ENTRY_PATH_MAX, ENTRY_DEPTH_MAX},
		.entries_max = ARCHIVE_ENTRIES_MAX}};
	int at = options_read(&options, argc, argv, &job);

	if (argc - at != 1 && argc - at != 2)
		options_usage(&options);
	job.path = argv[at];
	job.archive = argv[at + 1]; /* NULL behind the last one */
	job.file = job.archive != NULL ? job.archive : ARCHIVE_FILE;
	return job;
}

int
main(int argc, char **argv)
{
	struct job job = parse_options(argc, argv);

	prepare(&job);
	confine(&job);
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
