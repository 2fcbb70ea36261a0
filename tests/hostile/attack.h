/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attack is a function that really tries, and says what it got. Beside it
 * stands a neighbour: something near to it that a build may do, and that has
 * to work in the same sandbox before a refusal means anything.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <stddef.h>
#include <sys/types.h>

/* The exit status of the program. 2 is free for usage and shells. */
enum verdict { CONTAINED = 0, LEAKED = 1, BROKEN = 3 };

struct attack {
	const char *name;
	int (*neighbour)(void); /* 0, or -1 with errno */
	enum verdict (*run)(void);
};

/* Each file's attacks, ended by one without a name. */
extern const struct attack attacks_on_artifacts[], attacks_on_calls[],
    attacks_on_files[], attacks_on_host[], attacks_on_limits[],
    attacks_on_network[], attacks_on_processes[], attacks_that_outlive[];

/* What the other side told of itself: NAME=VALUE in the environment. */
const char *fact(const char *name);
long fact_number(const char *name);

/* The verdict with its word, on stdout. */
enum verdict contained(const char *why);
enum verdict leaked(const char *what);
enum verdict broken(const char *why);

/*
 * By the result of a call: -1 is contained and errno the word. An errno that
 * speaks of the call itself means that the attack is no good.
 */
enum verdict judge(long result, const char *what);

/* Reads the file and looks for the text; -1 with errno: cannot be read. */
int file_holds(const char *path, const char *text);

/* The path below the directory that the sandbox lets us write. */
const char *below_target(const char *name);

/* Neighbours of several. */
int write_in_target(void);
int read_usr(void);
int start_child(void);
int ask_own_process(void);

#endif
