/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descendants of a child subreaper (prctl(2)), as far as one look through
 * /proc shows them: those that move meanwhile, or are younger than the look,
 * may be missed. Who must not miss anybody uses descendants.h.
 */
#ifndef PROCESS_TREE_H
#define PROCESS_TREE_H

#include "pid_set.h"

/*
 * Sends SIGKILL to the descendants of the caller, and never to a process that
 * got the number of one of them; adds those that got it to *killed. How many
 * lived, or -1 with errno when the look was cut short.
 */
int process_tree_kill(struct pid_set *killed);

#endif
