/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line is walked twice: first for --help, --version and what is
 * no option, so that neither a wrong variable nor a wrong value keeps anybody
 * from reading the help; then for the values, after those of the variables.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "options.h"
#include "parse.h"
#include "text.h"

enum { ROWS_MAX = 60, SHOWN = 300, HELP = 256, VERSION_ASKED, FIRST_ROW };

struct walk {
	const struct option_table *table;
	struct option longs[ROWS_MAX + 3];
	char letters[sizeof "+:" + 2 * ROWS_MAX];
};

void
options_usage(const struct option_table *table)
{
	fprintf(stderr, "usage: %s\n", table->synopsis);
	exit(EXIT_CALLER);
}

void
option_wrong(const struct option_value *value, const char *wanted)
{
	char shown[SHOWN];

	errx(EXIT_CALLER, "bad value '%s' for %s: %s",
	    text_visible(value->text, strlen(value->text), shown, sizeof shown),
	    value->source, wanted);
}

static uint64_t
read_number(const struct option_value *value, const struct option_store *store)
{
	bool is_size = store->kind == OPTION_KIND_SIZE;
	const char *form =
	    is_size ? "a number, also with K, M or G," : "a whole number";
	uint64_t number;
	char wanted[160];

	if ((is_size ? parse_size : parse_count)(
		value->text, store->least, store->most, &number) == 0)
		return number;
	int n = snprintf(wanted, sizeof wanted, "want %s %s %" PRIu64, form,
	    store->most == UINT64_MAX ? "at least" : "from", store->least);
	if (store->most != UINT64_MAX)
		snprintf(wanted + n, sizeof wanted - (size_t)n, " to %" PRIu64,
		    store->most);
	option_wrong(value, wanted);
}

static int64_t
read_seconds(const struct option_value *value)
{
	int64_t ns;

	if (parse_seconds(value->text, &ns) == -1)
		option_wrong(value, "want seconds above zero, as 600 or 0.5");
	return ns;
}

static bool
read_yes(const struct option_value *value)
{
	bool is_yes = strcmp(value->text, "yes") == 0;

	if (!is_yes && strcmp(value->text, "no") != 0)
		option_wrong(value, "want yes or no");
	return is_yes;
}

/* "want a, b or c" */
static void
list_words(const char *const *words, char *wanted, size_t size)
{
	size_t used = (size_t)snprintf(wanted, size, "want ");

	for (size_t i = 0; words[i] != NULL && used < size; i++)
		used += (size_t)snprintf(wanted + used, size - used, "%s%s",
		    i == 0		     ? "" :
			words[i + 1] == NULL ? " or " :
					       ", ",
		    words[i]);
}

static unsigned
read_word(const struct option_value *value, const char *const *words)
{
	char wanted[160];

	for (unsigned i = 0; words[i] != NULL; i++)
		if (strcmp(value->text, words[i]) == 0)
			return i;
	list_words(words, wanted, sizeof wanted);
	option_wrong(value, wanted);
}

static void
store_value(const struct option_value *value, const struct option_store *store)
{
	switch (store->kind) {
	case OPTION_KIND_FLAG:
		*(bool *)value->to = true;
		break;
	case OPTION_KIND_YES:
		*(bool *)value->to = read_yes(value);
		break;
	case OPTION_KIND_COUNT:
	case OPTION_KIND_SIZE:
		*(uint64_t *)value->to = read_number(value, store);
		break;
	case OPTION_KIND_INT:
		*(int *)value->to = (int)read_number(value, store);
		break;
	case OPTION_KIND_SECONDS:
		*(int64_t *)value->to = read_seconds(value);
		break;
	case OPTION_KIND_WORD:
		*(unsigned *)value->to = read_word(value, store->words);
		break;
	case OPTION_KIND_COUNT_TEXT:
		(void)read_number(value, store);
		*(const char **)value->to = value->text;
		break;
	case OPTION_KIND_SECONDS_TEXT:
		(void)read_seconds(value);
		*(const char **)value->to = value->text;
		break;
	case OPTION_KIND_TEXT:
		*(const char **)value->to = value->text;
		break;
	case OPTION_KIND_CALL:
		store->call(value);
	}
}

static void
take(const struct option_row *row, const char *prefix, const char *name,
    char *text, void *settings)
{
	char source[80];
	struct option_value value = {.source = source,
	    .text = text,
	    .to = (char *)settings + row->store.at};

	snprintf(source, sizeof source, "%s%s", prefix, name);
	store_value(&value, &row->store);
}

/* The default as the option would read it, or "". */
static void
show_default(
    const struct option_store *store, const void *at, char *text, size_t size)
{
	const char *word = NULL;

	*text = '\0';
	switch (store->kind) {
	case OPTION_KIND_YES:
		word = *(const bool *)at ? "yes" : "no";
		break;
	case OPTION_KIND_COUNT:
		if (*(const uint64_t *)at != 0)
			snprintf(text, size, "%" PRIu64, *(const uint64_t *)at);
		break;
	case OPTION_KIND_SIZE:
		if (*(const uint64_t *)at != 0)
			format_size(*(const uint64_t *)at, text, size);
		break;
	case OPTION_KIND_INT:
		if (*(const int *)at > 0)
			snprintf(text, size, "%d", *(const int *)at);
		break;
	case OPTION_KIND_SECONDS:
		if (*(const int64_t *)at != 0)
			snprintf(text, size, "%g",
			    (double)*(const int64_t *)at / 1e9);
		break;
	case OPTION_KIND_WORD:
		word = store->words[*(const unsigned *)at];
		break;
	case OPTION_KIND_TEXT:
	case OPTION_KIND_COUNT_TEXT:
	case OPTION_KIND_SECONDS_TEXT:
		word = *(const char *const *)at;
		break;
	case OPTION_KIND_FLAG:
	case OPTION_KIND_CALL:
		break;
	}
	if (word != NULL)
		snprintf(text, size, "%s", word);
}

static bool
has_letter(const struct option_row *row)
{
	return row->name[1] == ',';
}

static const char *
long_name(const struct option_row *row)
{
	return has_letter(row) ? row->name + 2 : row->name;
}

static void
print_row(const struct option_row *row, const void *settings)
{
	char left[80], shown[SHOWN];

	snprintf(left, sizeof left, "%s%.1s%s--%s%s%s",
	    has_letter(row) ? "-" : "", has_letter(row) ? row->name : "",
	    has_letter(row) ? ", " : "", long_name(row),
	    row->argument != NULL ? " " : "",
	    row->argument != NULL ? row->argument : "");
	printf("  %-28s  %s", left, row->help);
	show_default(&row->store, (const char *)settings + row->store.at, shown,
	    sizeof shown);
	if (*shown != '\0')
		printf(" (%s)", shown);
	if (row->environment != NULL)
		printf(" ($%s)", row->environment);
	putchar('\n');
}

static void __attribute__((noreturn)) finish_output(void)
{
	if (fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "cannot write to stdout");
	exit(EXIT_DONE);
}

static void __attribute__((noreturn))
print_help(const struct option_table *table, const void *settings)
{
	static const struct option_row always[] = {
	    {.name = "h,help", .help = "print this and exit"},
	    {.name = "version", .help = "print the version and exit"},
	};
	static const bool unset = false;

	printf("usage: %s\n\n%s\n\n", table->synopsis, table->purpose);
	for (const struct option_row *row = table->rows; row->name != NULL;
	     row++)
		print_row(row, settings);
	print_row(&always[0], &unset);
	print_row(&always[1], &unset);
	finish_output();
}

/* getopt's tables; "+:": operands end the options, errors are ours to say. */
static void
prepare(struct walk *walk, const struct option_table *table)
{
	char *letter = stpcpy(walk->letters, "+:");
	size_t n = 0;

	for (; table->rows[n].name != NULL && n < ROWS_MAX; n++) {
		const struct option_row *row = &table->rows[n];
		walk->longs[n] = (struct option){long_name(row),
		    row->argument != NULL ? required_argument : no_argument,
		    NULL, FIRST_ROW + (int)n};
		if (!has_letter(row))
			continue;
		*letter++ = row->name[0];
		if (row->argument != NULL)
			*letter++ = ':';
	}
	walk->longs[n++] = (struct option){"help", no_argument, NULL, HELP};
	walk->longs[n++] =
	    (struct option){"version", no_argument, NULL, VERSION_ASKED};
	walk->longs[n] = (struct option){NULL, 0, NULL, 0};
	strcpy(letter, "h");
	walk->table = table;
}

static void __attribute__((noreturn)) wrong_option(const char *word)
{
	char shown[SHOWN];

	errx(EXIT_CALLER, "bad option '%s'",
	    text_visible(word, strlen(word), shown, sizeof shown));
}

/* The next option's row; HELP and VERSION_ASKED as they are; -1 at the end. */
static int
next(struct walk *walk, int argc, char **argv)
{
	int before = optind;
	int value = getopt_long(argc, argv, walk->letters, walk->longs, NULL);

	if (value == ':')
		errx(
		    EXIT_CALLER, "option '%s' needs a value", argv[optind - 1]);
	if (value == '?')
		wrong_option(argv[optind > before ? optind - 1 : optind]);
	if (value == 'h')
		return HELP;
	if (value >= FIRST_ROW)
		return value - FIRST_ROW;
	if (value == -1 || value == HELP || value == VERSION_ASKED)
		return value;
	for (int i = 0;; i++)
		if (has_letter(&walk->table->rows[i]) &&
		    walk->table->rows[i].name[0] == value)
			return i;
}

static void
check_words(struct walk *walk, int argc, char **argv, const void *settings)
{
	int found;

	opterr = 0; /* getopt's own messages show the whole argv[0] */
	optind = 0; /* glibc: begin anew */
	while ((found = next(walk, argc, argv)) != -1) {
		if (found == HELP)
			print_help(walk->table, settings);
		if (found == VERSION_ASKED) {
			printf(
			    "%s %s\n", program_invocation_short_name, VERSION);
			finish_output();
		}
	}
}

static void
read_variables(const struct option_table *table, void *settings)
{
	for (const struct option_row *row = table->rows; row->name != NULL;
	     row++) {
		char *text =
		    row->environment == NULL ? NULL : getenv(row->environment);
		if (text != NULL && *text != '\0')
			take(row, "$", row->environment, text, settings);
	}
}

static void
hold_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			err(EXIT_SYSTEM, "cannot hold descriptor %d", fd);
}

int
options_read(
    const struct option_table *table, int argc, char **argv, void *settings)
{
	struct walk walk;
	int found;

	hold_descriptors();
	prepare(&walk, table);
	check_words(&walk, argc, argv, settings);
	read_variables(table, settings);
	optind = 0;
	while ((found = next(&walk, argc, argv)) != -1)
		take(&table->rows[found], "--", long_name(&table->rows[found]),
		    optarg, settings);
	return optind;
}
