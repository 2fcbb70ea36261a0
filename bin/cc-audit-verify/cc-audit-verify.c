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

#include "audit_check.h"
#include "base/exit.h"
#include "base/options.h"

struct settings {
	const char *expect; /* a line must have this hash, or NULL */
	const char *chain;  /* the chain file, or NULL: the last file's */
};

struct verification {
	struct settings settings;
	struct audit_check check;
	const char *name;     /* of the file */
	unsigned long number; /* of the line */
	unsigned long findings;
	bool is_expected_found;
};

static void
take_hash(const struct option_value *value)
{
	if (!audit_chain_is_hash(value->text) ||
	    value->text[SHA256_TEXT - 1] != '\0')
		errx(EXIT_CALLER,
		    "bad value for --expect: want the 64 lower-case "
		    "hexadecimal digits of a SHA-256");
	*(const char **)value->to = value->text;
}

static const struct option_table options = {
    .synopsis = "cc-audit-verify [options] file ...",
    .purpose = "checks the hash chain of audit logs, oldest first",
    .rows = (const struct option_row[]){
	{"chain", "FILE", NULL,
	    "holds the newest line's hash (<last file>.chain)",
	    OPTION_TEXT(struct settings, chain)},
	{"expect", "HASH", NULL, "a line must have this SHA-256",
	    OPTION_CALL(struct settings, expect, take_hash)},
	{0},
    }};

static void __attribute__((format(printf, 2, 3)))
report(struct verification *v, const char *format, ...)
{
	va_list arguments;

	v->findings++;
	printf("%s:%lu: ", v->name, v->number);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void
report_found(struct verification *v, int found)
{
	static const struct {
		int found;
		const char *text;
	} texts[] = {
	    {AUDIT_FOUND_ALIEN, "is not a line of an audit log"},
	    {AUDIT_FOUND_ALIENS, "stands after lines of no audit log"},
	    {AUDIT_FOUND_GAP,
		"does not follow the line before it: that one was changed, or "
		"lines between them are missing or moved"},
	    {AUDIT_FOUND_INSERTED,
		"follows the line before the last one, which was inserted"},
	    {AUDIT_FOUND_UNPROVED,
		"follows a torn line that only the log before it could prove"},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if ((found & texts[i].found) != 0)
			report(v, "%s", texts[i].text);
	if ((found & AUDIT_FOUND_TORN) != 0)
		warnx("%s:%lu: torn by a crash or a full disk", v->name,
		    v->number);
	if ((found & AUDIT_FOUND_NO_CHAIN) != 0)
		errx(EXIT_CALLER, "'%s' is an audit log without a chain",
		    v->name);
}

static void
check_line(struct verification *v, const char *line, size_t length)
{
	unsigned long before = v->check.lines;
	int found = audit_check_line(&v->check, line, length);

	if (found == -1)
		err(EXIT_SYSTEM, "cannot check '%s'", v->name);
	report_found(v, found);
	if (v->check.lines > before && v->settings.expect != NULL &&
	    strcmp(v->check.hash, v->settings.expect) == 0)
		v->is_expected_found = true;
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
check_file(struct verification *v, FILE *file, off_t size)
{
	char *line = malloc(AUDIT_LINE_MAX);
	ssize_t length;

	if (line == NULL)
		err(EXIT_SYSTEM, "cannot check '%s'", v->name);
	v->number = 0;
	audit_check_file(&v->check);
	while ((length = read_line(file, &size, line)) != -1) {
		v->number++;
		check_line(v, line, (size_t)length);
	}
	if (ferror(file))
		err(EXIT_SYSTEM, "cannot read '%s'", v->name);
	if (v->check.aliens > 0 && !v->check.is_log)
		errx(EXIT_CALLER, "'%s' is not an audit log", v->name);
	free(line);
}

static FILE *
open_log(const char *name)
{
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");

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
open_chain(const struct settings *o, const char *name, char **chain_name)
{
	*chain_name = NULL;
	if (o->chain == NULL && strcmp(name, "-") == 0)
		return -1;
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
open_newest(const struct settings *o, const char *name)
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
check_newest(struct verification *v, const struct newest *n)
{
	if (n->chain_name == NULL || strcmp(n->chain, v->check.whole) == 0)
		return;
	if (v->check.has_start && strcmp(n->chain, v->check.older) == 0)
		warnx("'%s' is one line behind: a writer was killed",
		    n->chain_name);
	else
		report(v,
		    "is the end, but '%s' names another line as the newest: "
		    "lines are missing, or it was changed",
		    n->chain_name);
}

static int
conclude(struct verification *v)
{
	if (v->settings.expect != NULL && !v->is_expected_found)
		report(v, "is the end, and no line has the hash %s",
		    v->settings.expect);
	if (v->findings == 0)
		printf("%lu %s, %s; newest %s\n", v->check.lines,
		    v->check.lines == 1 ? "line holds" : "lines hold",
		    v->check.from_first ? "from the first one ever" :
					  "after those of an older log",
		    v->check.whole);
	if (fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "cannot write to stdout");
	return v->findings == 0 ? EXIT_DONE : EXIT_NO;
}

int
main(int argc, char **argv)
{
	struct verification v = {.number = 0};
	int first = options_read(&options, argc, argv, &v.settings);

	if (argc == first)
		options_usage(&options);
	struct newest newest = open_newest(&v.settings, argv[argc - 1]);
	for (int i = first; i < argc; i++) {
		bool last = i == argc - 1;
		FILE *file = last ? newest.file : open_log(argv[i]);
		v.name = argv[i];
		check_file(&v, file, last ? newest.size : INT64_MAX);
		(void)fclose(file);
	}
	check_newest(&v, &newest);
	return conclude(&v);
}
