/* SPDX-License-Identifier: Apache-2.0 */

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "exit.h"
#include "parse.h"
#include "text.h"

enum { OPTIONS_MAX = 40, HELP = -2, VERSION_ASKED = -3 };

static bool
has_letter(const struct cli_option *option)
{
	return option->value < 128 && isalpha(option->value);
}

void
cli_hold_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			err(EXIT_SYSTEM, "cannot hold descriptor %d", fd);
}

void
cli_wrong(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vwarnx(format, arguments);
	va_end(arguments);
	exit(EXIT_CALLER);
}

void
cli_usage(const struct cli *cli)
{
	fprintf(stderr, "usage: %s\n", cli->synopsis);
	exit(EXIT_CALLER);
}

static void
print_option(const struct cli_option *option)
{
	char left[80], letter[] = "-?, ";

	letter[1] = (char)option->value;
	snprintf(left, sizeof left, "%s--%s%s%s",
	    has_letter(option) ? letter : "", option->name,
	    option->argument != NULL ? " " : "",
	    option->argument != NULL ? option->argument : "");
	printf("  %-28s  %s", left, option->help);
	if (option->environment != NULL)
		printf(" ($%s)", option->environment);
	putchar('\n');
}

static void
finish_output(void)
{
	if (fflush(stdout) == EOF)
		err(EXIT_SYSTEM, "cannot write to stdout");
	exit(EXIT_DONE);
}

static void
print_help(const struct cli *cli)
{
	static const struct cli_option always[] = {
	    {"help", NULL, NULL, "print this and exit", HELP},
	    {"version", NULL, NULL, "print the version and exit",
		VERSION_ASKED},
	};

	printf("usage: %s\n\n%s\n\n", cli->synopsis, cli->purpose);
	for (const struct cli_option *o = cli->options; o->name != NULL; o++)
		print_option(o);
	print_option(&always[0]);
	print_option(&always[1]);
	finish_output();
}

static void
name_source(struct cli *cli, const char *prefix, const char *name)
{
	snprintf(
	    cli->source_text, sizeof cli->source_text, "%s%s", prefix, name);
	cli->source = cli->source_text;
}

/* The next option that an environment variable gives, or 0. */
static int
next_variable(struct cli *cli)
{
	for (;;) {
		const struct cli_option *o = &cli->options[cli->variables_done];
		if (o->name == NULL)
			return 0;
		cli->variables_done++;
		if (o->environment == NULL)
			continue;
		char *value = getenv(o->environment);
		if (value == NULL || *value == '\0')
			continue;
		name_source(cli, "$", o->environment);
		optarg = value;
		return o->value;
	}
}

static void
fill_long_options(const struct cli *cli, struct option *longs)
{
	size_t n = 0;

	for (; cli->options[n].name != NULL && n < OPTIONS_MAX; n++)
		longs[n] = (struct option){cli->options[n].name,
		    cli->options[n].argument != NULL ? required_argument :
						       no_argument,
		    NULL, cli->options[n].value};
	longs[n++] = (struct option){"help", no_argument, NULL, HELP};
	longs[n++] =
	    (struct option){"version", no_argument, NULL, VERSION_ASKED};
	longs[n] = (struct option){NULL, 0, NULL, 0};
}

/* getopt's string: no letters but the table's; "+:" see cli_next. */
static void
fill_letters(const struct cli *cli, char *letters)
{
	letters = stpcpy(letters, "+:");
	for (const struct cli_option *o = cli->options; o->name != NULL; o++)
		if (has_letter(o)) {
			*letters++ = (char)o->value;
			if (o->argument != NULL)
				*letters++ = ':';
		}
	*letters = '\0';
}

/* getopt does not say which row a letter stands for. */
static const char *
name_of(const struct cli *cli, int value)
{
	const struct cli_option *o = cli->options;

	while (o->name != NULL && o->value != value)
		o++;
	return o->name;
}

int
cli_next(struct cli *cli, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 3];
	char letters[sizeof "+:" + 2 * OPTIONS_MAX];

	if (!cli->is_begun)
		cli_hold_descriptors();
	cli->is_begun = true;
	int value = next_variable(cli);
	if (value != 0)
		return value;
	fill_long_options(cli, longs);
	fill_letters(cli, letters);
	opterr = 0; /* getopt's own messages show the whole argv[0] */
	int before = optind;
	value = getopt_long(argc, argv, letters, longs, NULL);
	switch (value) {
	case -1:
		return -1;
	case HELP:
		print_help(cli);
		break;
	case VERSION_ASKED:
		printf("%s %s\n", program_invocation_short_name, VERSION);
		finish_output();
		break;
	case ':':
		cli_wrong("option '%s' needs a value", argv[optind - 1]);
	case '?': {
		char shown[120];
		int at = optind > before ? optind - 1 : optind;
		text_visible(argv[at], strlen(argv[at]), shown, sizeof shown);
		cli_wrong("bad option '%s'", shown);
	}
	default:
		name_source(cli, "--", name_of(cli, value));
	}
	return value;
}

static void
wrong_value(const struct cli *cli, const char *wanted)
{
	char shown[120];

	text_visible(optarg, strlen(optarg), shown, sizeof shown);
	cli_wrong("bad value '%s' for %s: %s", shown, cli->source, wanted);
}

static uint64_t
read_value(const struct cli *cli,
    int (*parse)(const char *, uint64_t, uint64_t, uint64_t *), uint64_t min,
    uint64_t max, const char *form)
{
	uint64_t value;
	char wanted[160];

	if (parse(optarg, min, max, &value) == 0)
		return value;
	if (max == UINT64_MAX)
		snprintf(wanted, sizeof wanted, "want %s at least %" PRIu64,
		    form, min);
	else
		snprintf(wanted, sizeof wanted,
		    "want %s from %" PRIu64 " to %" PRIu64, form, min, max);
	wrong_value(cli, wanted);
	return 0;
}

uint64_t
cli_count(const struct cli *cli, uint64_t min, uint64_t max)
{
	return read_value(cli, parse_count, min, max, "a whole number");
}

uint64_t
cli_size(const struct cli *cli, uint64_t min, uint64_t max)
{
	return read_value(
	    cli, parse_size, min, max, "a number, also with K, M or G,");
}

int64_t
cli_seconds(const struct cli *cli)
{
	int64_t nanoseconds;

	if (parse_seconds(optarg, &nanoseconds) == -1)
		wrong_value(cli, "want seconds above zero, as 600 or 0.5");
	return nanoseconds;
}

bool
cli_yes(const struct cli *cli)
{
	bool is_yes = strcmp(optarg, "yes") == 0;

	if (!is_yes && strcmp(optarg, "no") != 0)
		wrong_value(cli, "want yes or no");
	return is_yes;
}
