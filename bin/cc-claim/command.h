/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the command that a program runs and waits for. It begins from a
 * clean state: signals as by default, stdin from /dev/null; it dies with the
 * program that started it.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether the command can be run, by PATH unless it has a slash. 0 or -1. */
int command_find(const char *name);

/*
 * Runs it, its stdout thrown away if it is to be quiet. The child, once exec
 * has succeeded, or -1 with errno: a command that never began has left no
 * process.
 */
pid_t command_start(char *const argv[], bool is_quiet);

#endif
