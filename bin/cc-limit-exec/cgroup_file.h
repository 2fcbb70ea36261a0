/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control files of a cgroup (cgroup-v2.rst, "Interface Files"), named
 * below a descriptor of its directory.
 */
#ifndef CGROUP_FILE_H
#define CGROUP_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* 0, or -1 with errno. */
int cgroup_write(int directory, const char *file, const char *text);

/* A number, or -1: no such file, or "max". */
int64_t cgroup_number(int directory, const char *file);

/* The number behind a key of a flat keyed file, or -1. */
int64_t cgroup_counter(int directory, const char *file, const char *key);

/* Whether a space separated list, as cgroup.controllers, has the word. */
bool cgroup_lists(int directory, const char *file, const char *word);

/*
 * Calls visit with each process of the cgroup; a process outside the own pid
 * namespace is 0. How many there were, or -1 with errno.
 */
int cgroup_visit_processes(
    int directory, void (*visit)(pid_t pid, void *data), void *data);

#endif
