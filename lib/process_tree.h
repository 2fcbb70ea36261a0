/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes below one process, as far as /proc shows them: a snapshot of
 * something that moves. Who must not miss anybody uses descendants.h.
 */
#ifndef PROCESS_TREE_H
#define PROCESS_TREE_H

#include <sys/types.h>

/*
 * Sends SIGKILL to all descendants of root that a look through /proc finds,
 * and never to a process that got the number of one of them since. 0, or -1
 * with errno, when /proc could not be read.
 */
int process_tree_kill(pid_t root);

#endif
