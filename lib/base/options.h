/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of a program as one table: a row says what an option is
 * called, how its value reads, and which member of the program's settings
 * gets it. Parsing, environment variables, defaults and --help come from it.
 *
 *	struct settings { const char *home; uint64_t batch; bool quiet; };
 *	static const struct option_row rows[] = {
 *	    {"home", "DIR", "X_HOME", "where", OPTION_TEXT(struct settings, home)},
 *	    {"batch", "COUNT", NULL, "how many",
 *		OPTION_COUNT(struct settings, batch, 1, 1000)},
 *	    {"q,quiet", NULL, NULL, "say less",
 *		OPTION_FLAG(struct settings, quiet)},
 *	    {0},
 *	};
 *
 * What a member holds before is its default, and --help shows it. Unlike the
 * rest of lib this prints and exits, because it is the front door of every
 * program: --help and --version end with 0, a wrong call with EXIT_CALLER and
 * one line on stderr.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_KIND_FLAG = 1,
	OPTION_KIND_YES,
	OPTION_KIND_TEXT,
	OPTION_KIND_COUNT,
	OPTION_KIND_COUNT_TEXT,
	OPTION_KIND_INT,
	OPTION_KIND_SIZE,
	OPTION_KIND_SECONDS,
	OPTION_KIND_SECONDS_TEXT,
	OPTION_KIND_WORD,
	OPTION_KIND_CALL
};

/* What is being read: for a function of a row, and for what it says. */
struct option_value {
	const char *source; /* "--name" or "$NAME" */
	char *text;	    /* NULL: the option takes none */
	void *to;	    /* the row's member */
};

/* How a value is read and which member gets it; the macros below make it. */
struct option_store {
	enum option_kind kind;
	size_t at;		  /* of the member in the settings */
	uint64_t least, most;	  /* of a number */
	const char *const *words; /* the last one is NULL */
	void (*call)(const struct option_value *value);
};

struct option_row {
	const char *name;	 /* "output", or "o,output" for -o, too */
	const char *argument;	 /* its name in --help; NULL: takes none */
	const char *environment; /* a variable that stands for it, or NULL */
	const char *help;	 /* one line, lower case, no full stop */
	struct option_store store;
};

struct option_table {
	const char *synopsis; /* "cc-x [options] dir": the manual's, too */
	const char *purpose;  /* one line, as in the manual's NAME */
	const struct option_row *rows;
};

/* A member's place, for a member of this type only. */
#define OPTION_AT(settings, member, type)                                    \
	(offsetof(settings, member) +                                        \
	    0 *                                                              \
		sizeof(char[__builtin_types_compatible_p(                    \
				__typeof__(((settings *)0)->member), type) ? \
			1 :                                                  \
			-1]))

/* true when given; the option takes no argument */
#define OPTION_FLAG(settings, member)                   \
	{                                               \
		.kind = OPTION_KIND_FLAG,               \
		.at = OPTION_AT(settings, member, bool) \
	}
/* yes or no */
#define OPTION_YES(settings, member)                    \
	{                                               \
		.kind = OPTION_KIND_YES,                \
		.at = OPTION_AT(settings, member, bool) \
	}
#define OPTION_TEXT(settings, member)                           \
	{                                                       \
		.kind = OPTION_KIND_TEXT,                       \
		.at = OPTION_AT(settings, member, const char *) \
	}
/* a whole number of the range */
#define OPTION_COUNT(settings, member, from, to)                              \
	{                                                                     \
		.kind = OPTION_KIND_COUNT,                                    \
		.at = OPTION_AT(settings, member, uint64_t), .least = (from), \
		.most = (to)                                                  \
	}
#define OPTION_INT(settings, member, from, to)                           \
	{                                                                \
		.kind = OPTION_KIND_INT,                                 \
		.at = OPTION_AT(settings, member, int), .least = (from), \
		.most = (to)                                             \
	}
/* checked like a count, kept as text: for the parameter of a statement */
#define OPTION_COUNT_TEXT(settings, member, from, to)            \
	{                                                        \
		.kind = OPTION_KIND_COUNT_TEXT,                  \
		.at = OPTION_AT(settings, member, const char *), \
		.least = (from), .most = (to)                    \
	}
/* bytes, also with K, M or G */
#define OPTION_SIZE(settings, member, from, to)                               \
	{                                                                     \
		.kind = OPTION_KIND_SIZE,                                     \
		.at = OPTION_AT(settings, member, uint64_t), .least = (from), \
		.most = (to)                                                  \
	}
/* seconds with a fraction; the member gets nanoseconds, for clock_after */
#define OPTION_SECONDS(settings, member)                   \
	{                                                  \
		.kind = OPTION_KIND_SECONDS,               \
		.at = OPTION_AT(settings, member, int64_t) \
	}
#define OPTION_SECONDS_TEXT(settings, member)                   \
	{                                                       \
		.kind = OPTION_KIND_SECONDS_TEXT,               \
		.at = OPTION_AT(settings, member, const char *) \
	}
/* one of the words, a const char *const []; the member, an enumeration of
 * which none is negative, gets its index */
#define OPTION_WORD(settings, member, list)                            \
	{                                                              \
		.kind = OPTION_KIND_WORD,                              \
		.at = offsetof(settings, member) +                     \
		    0 *                                                \
			sizeof(char[sizeof(((settings *)0)->member) == \
				    sizeof(unsigned) ?                 \
				1 :                                    \
				-1]),                                  \
		.words = (list)                                        \
	}
/* the function reads it, which also serves what may be given repeatedly */
#define OPTION_CALL(settings, member, function)                             \
	{                                                                   \
		.kind = OPTION_KIND_CALL, .at = offsetof(settings, member), \
		.call = (function)                                          \
	}

/*
 * Reads variables, then options up to the first operand, into the settings;
 * so a flag wins over a variable, and of a flag given twice the last. Returns
 * the index of the first operand in argv.
 *
 * Before all else each closed descriptor of 0 to 2 is filled with one that is
 * as good as closed: reading from stdin, writing to stdout and stderr goes on
 * to fail, but no file or socket of ours takes their number and is written
 * into.
 */
int options_read(
    const struct option_table *table, int argc, char **argv, void *settings);

/* For a row's function: "bad value 'x' for --name: want ...", EXIT_CALLER. */
void option_wrong(const struct option_value *value, const char *wanted)
    __attribute__((noreturn));

/* For a wrong number of operands: the synopsis on stderr, EXIT_CALLER. */
void options_usage(const struct option_table *table) __attribute__((noreturn));

#endif
