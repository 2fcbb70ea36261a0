/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of a program: one table gives the option parser, the
 * environment variables that stand for options, and --help. This is the one
 * module of lib/ that prints and exits, because it is the front door of every
 * program: --help and --version end with 0, a wrong call with EXIT_CALLER
 * and one line on stderr.
 */
#ifndef CLI_H
#define CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

struct cli_option {
	const char *name;	 /* without the dashes */
	const char *argument;	 /* its name in --help; NULL: takes none */
	const char *environment; /* a variable that stands for it, or NULL */
	const char *help;	 /* one line, lower case, no full stop */
	int value; /* what cli_next returns for it, > 0; 'o': also -o */
};

struct cli {
	const char *synopsis; /* "cc-x [options] dir": the manual's, too */
	const char *purpose;  /* one line, as in the manual's NAME */
	const struct cli_option *options; /* the last one has no name */
	/* State of the walk; zero to begin with. */
	bool is_begun;
	int variables_done;
	const char *source; /* "--name" or "$NAME" that is being handled */
	char source_text[80];
};

/*
 * Fills each closed descriptor of 0 to 2 with one that is as good as closed:
 * reading from stdin, writing to stdout and stderr goes on to fail, but no
 * file or socket of ours takes their number and is written into. cli_next and
 * options_read do it before all else.
 */
void cli_hold_descriptors(void);

/*
 * The value of the next option, its argument in the global optarg; -1 when
 * there is no further one, and optind is then the first operand. Non-empty
 * environment variables come first, so that a flag wins. The first operand
 * ends the options.
 */
int cli_next(struct cli *cli, int argc, char **argv);

/* One line on stderr, then EXIT_CALLER. */
void cli_wrong(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

/* For a wrong number of operands: the synopsis on stderr, EXIT_CALLER. */
void cli_usage(const struct cli *cli) __attribute__((noreturn));

/* optarg as a number (parse.h), or cli_wrong naming the option. */
uint64_t cli_count(const struct cli *cli, uint64_t min, uint64_t max);
uint64_t cli_size(const struct cli *cli, uint64_t min, uint64_t max);
int64_t cli_seconds(const struct cli *cli); /* nanoseconds, > 0 */

/* optarg as yes or no, or the same. */
bool cli_yes(const struct cli *cli);

#endif
