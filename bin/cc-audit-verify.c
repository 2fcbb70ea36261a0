/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cc-audit-verify goes over audit logs, oldest first, and reports each place
 * where a line does not follow the one before it. It reads what was there
 * when it began, agreed upon with the writers under their lock, so it may run
 * beside them; its memory is one line, whatever the logs hold.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_chain.h"
#include "cli.h"
#include "exit.h"
#include "json.h"

struct options {
	const char *expect; /* a line must have this hash, or NULL */
	const char *chain;  /* the chain file, or NULL: the last file's */
};

struct check {
	const char *name; /* of the file */
	unsigned long number, lines, findings;
	unsigned long aliens;	  /* of the file, before a line of ours */
	bool is_log;		  /* the file has a line of ours */
	bool has_start;		  /* a line was seen that is not torn */
	bool from_first;	  /* and it was the first ever */
	bool is_expected_found;	  /* see options */
	char hash[SHA256_TEXT];	  /* of the line before */
	char before[SHA256_TEXT]; /* of the one before that */
	char whole[SHA256_TEXT];  /* of the last one that is not torn */
	char older[SHA256_TEXT];  /* of the whole one before that */
};

static struct options
parse_options(int argc, char **argv)
{
	enum { CHAIN = 1, EXPECT };
	static const struct cli_option table[] = {
	    {"chain", "FILE", NULL,
		"holds the newest line's hash (<last file>.chain)", CHAIN},
	    {"expect", "HASH", NULL, "a line must have this SHA-256", EXPECT},
	    {NULL, NULL, NULL, NULL, 0},
	};
	struct cli cli = {.synopsis = "cc-audit-verify [options] file ...",
	    .purpose = "checks the hash chain of audit logs, oldest first",
	    .options = table};
	struct options o = {.expect = NULL};
	int value;

	while ((value = cli_next(&cli, argc, argv)) != -1) {
		if (value == CHAIN)
			o.chain = optarg;
		else if (!audit_chain_is_hash(optarg) ||
		    optarg[SHA256_TEXT - 1] != '\0')
			cli_wrong("bad value for --expect: want the 64 lower-"
				  "case hexadecimal digits of a SHA-256");
		else
			o.expect = optarg;
	}
	if (argc == optind)
		cli_usage(&cli);
	return o;
}

static void __attribute__((format(printf, 2, 3)))
report(struct check *c, const char *format, ...)
{
	va_list arguments;

	c->findings++;
	printf("%s:%lu: ", c->name, c->number);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* A file that is no log at all is not reported line by line. */
static void
note_alien(struct check *c)
{
	if (c->is_log)
		report(c, "is not a line of an audit log");
	else
		c->aliens++;
}

static void
note_own(struct check *c)
{
	if (!c->is_log && c->aliens > 0)
		report(c,
		    "stands after %lu lines that are none of an audit log",
		    c->aliens);
	c->is_log = true;
}

/* The first line of ours: what it follows can only be believed. */
static void
start(struct check *c, const char *line, size_t length, enum audit_link link)
{
	json_t *object = json_loadb(line, length, 0, NULL);
	const char *prev = json_text(object, "prev", "");

	if (!audit_chain_is_hash(prev))
		errx(EXIT_CALLER, "'%s' is an audit log without a chain",
		    c->name);
	snprintf(c->whole, SHA256_TEXT, "%s", prev);
	json_decref(object);
	c->has_start = true;
	c->from_first = link == AUDIT_LINK_HOLDS;
}

static void
note_broken(struct check *c, const char *line, size_t length)
{
	char before[SHA256_TEXT];

	memcpy(before, c->before, SHA256_TEXT);
	if (audit_chain_step(line, length, before) == AUDIT_LINK_HOLDS)
		report(c,
		    "follows the line before the last one, which was "
		    "inserted");
	else
		report(c,
		    "does not follow the line before it: that one was "
		    "changed, or lines between them are missing or moved");
}

static void
advance(struct check *c, const char hash[SHA256_TEXT], enum audit_link link)
{
	memcpy(c->before, c->hash, SHA256_TEXT);
	memcpy(c->hash, hash, SHA256_TEXT);
	if (link == AUDIT_LINK_TORN)
		return;
	memcpy(c->older, c->whole, SHA256_TEXT);
	memcpy(c->whole, hash, SHA256_TEXT);
}

static void
check_line(
    struct check *c, const struct options *o, const char *line, size_t length)
{
	char hash[SHA256_TEXT];

	memcpy(hash, c->hash, SHA256_TEXT);
	enum audit_link link = audit_chain_step(line, length, hash);
	if (link == AUDIT_LINK_FAILED)
		err(EXIT_SYSTEM, "cannot check '%s'", c->name);
	if (link == AUDIT_LINK_ALIEN) {
		note_alien(c);
		return;
	}
	note_own(c);
	if (link == AUDIT_LINK_TORN)
		warnx("%s:%lu: torn by a crash or a full disk", c->name,
		    c->number);
	else if (!c->has_start)
		start(c, line, length, link);
	else if (link == AUDIT_LINK_BROKEN)
		note_broken(c, line, length);
	advance(c, hash, link);
	c->lines++;
	if (o->expect != NULL && strcmp(hash, o->expect) == 0)
		c->is_expected_found = true;
}

/*
 * The next line, without its newline, of at most AUDIT_LINE_MAX bytes; a
 * longer one is cut there, which leaves no line of ours. -1 at the end.
 */
static ssize_t
read_line(FILE *file, off_t *left, char *line)
{
	size_t length = 0;
	int c = EOF;

	while (*left > 0 && (c = getc_unlocked(file)) != EOF) {
		--*left;
		if (c == '\n')
			return (ssize_t)length;
		if (length < AUDIT_LINE_MAX)
			line[length++] = (char)c;
	}
	return length > 0 ? (ssize_t)length : -1;
}

/* At most `size` bytes: what a writer appends meanwhile is not looked at. */
static void
check_file(struct check *c, const struct options *o, FILE *file, off_t size)
{
	char *line = malloc(AUDIT_LINE_MAX);
	ssize_t length;

	if (line == NULL)
		err(EXIT_SYSTEM, "cannot check '%s'", c->name);
	c->number = 0;
	c->aliens = 0;
	c->is_log = false;
	while ((length = read_line(file, &size, line)) != -1) {
		c->number++;
		check_line(c, o, line, (size_t)length);
	}
	if (ferror(file))
		err(EXIT_SYSTEM, "cannot read '%s'", c->name);
	if (c->aliens > 0 && !c->is_log)
		errx(EXIT_CALLER, "'%s' is not an audit log", c->name);
	free(line);
}

static FILE *
open_log(const char *name)
{
	FILE *file = fopen(name, "re");

	if (file == NULL)
		err(EXIT_SYSTEM, "cannot open '%s'", name);
	return file;
}

/* The newest log, and what the writers said of it at one moment. */
struct newest {
	FILE *file;
	off_t size;
	const char *chain_name; /* NULL: there is no chain file */
	char chain[SHA256_TEXT];
};

static void
read_chain(struct newest *n, int fd, const char *chain_name)
{
	struct stat st;

	if (flock(fd, LOCK_SH) == -1)
		err(EXIT_SYSTEM, "cannot lock '%s'", chain_name);
	int known = audit_chain_load(fd, n->chain);
	if (known == -1 || fstat(fileno(n->file), &st) == -1)
		err(EXIT_SYSTEM, "cannot read '%s'", chain_name);
	if (S_ISREG(st.st_mode))
		n->size = st.st_size;
	if (known == 1)
		n->chain_name = chain_name;
	else
		warnx("'%s' holds no hash, the newest line is not checked",
		    chain_name);
	(void)close(fd); /* and the lock with it */
}

/* The default chain file may be missing, or (0600) not ours to read. */
static int
open_chain(const struct options *o, const char *name, char **chain_name)
{
	int n = o->chain != NULL ? asprintf(chain_name, "%s", o->chain) :
				   asprintf(chain_name, "%s.chain", name);

	if (n == -1)
		err(EXIT_SYSTEM, "cannot check '%s'", name);
	int fd = open(*chain_name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd != -1 || (o->chain == NULL && errno == ENOENT))
		return fd;
	if (o->chain != NULL || errno != EACCES)
		err(EXIT_SYSTEM, "cannot open '%s'", *chain_name);
	warn("cannot open '%s', the newest line is not checked", *chain_name);
	return -1;
}

static struct newest
open_newest(const struct options *o, const char *name)
{
	struct newest n = {.size = INT64_MAX};
	char *chain_name;
	int fd = open_chain(o, name, &chain_name);

	n.file = open_log(name);
	if (fd != -1)
		read_chain(&n, fd, chain_name);
	return n;
}

static void
check_newest(struct check *c, const struct newest *n)
{
	if (n->chain_name == NULL || strcmp(n->chain, c->whole) == 0)
		return;
	if (c->has_start && strcmp(n->chain, c->older) == 0)
		warnx("'%s' is one line behind: a writer was killed",
		    n->chain_name);
	else
		report(c,
		    "is the end, but '%s' names another line as the "
		    "newest: lines are missing, or it was changed",
		    n->chain_name);
}

static int
conclude(struct check *c, const struct options *o)
{
	if (o->expect != NULL && !c->is_expected_found)
		report(c, "is the end, and no line has the hash %s", o->expect);
	if (c->findings == 0)
		printf("%lu lines hold, %s; newest %s\n", c->lines,
		    c->from_first ? "from the first one ever" :
				    "after those of an older log",
		    c->whole);
	if (fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "cannot write to stdout");
	return c->findings == 0 ? EXIT_DONE : EXIT_NO;
}

int
main(int argc, char **argv)
{
	struct options o = parse_options(argc, argv);
	struct check c = {
	    .hash = AUDIT_CHAIN_FIRST, .whole = AUDIT_CHAIN_FIRST};
	struct newest newest = open_newest(&o, argv[argc - 1]);

	for (int i = optind; i < argc; i++) {
		bool last = i == argc - 1;
		FILE *file = last ? newest.file : open_log(argv[i]);
		c.name = argv[i];
		check_file(&c, &o, file, last ? newest.size : INT64_MAX);
		(void)fclose(file);
	}
	check_newest(&c, &newest);
	return conclude(&c, &o);
}
