/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A socket in the file system belongs to no network namespace: whoever can
 * name it connects to it, over a read-only mount, too, and the service behind
 * it takes him for our user. Landlock keeps a command from it from version 9
 * on; before, what a command sees must hold none.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "request.h"

/*
 * Looks for a socket below every path of the host that the command would see
 * at level bwrap. 0: there is none, and *found is NULL; 1: *found is the first
 * one, a new string; -1 with errno: *found is what cannot be looked at, or
 * NULL.
 */
int sockets_find(const struct sandbox_request *request, char **found);

#endif
