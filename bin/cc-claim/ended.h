/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ended.json: why a chain did not end by itself. Written once no process of
 * it is left; a chain that ended by itself has none.
 */
#ifndef ENDED_H
#define ENDED_H

/*
 * why: interrupted, superseded, lost or killed; signal: the number of the one
 * that killed the chain, 0: none. The mode of the directory, which a build
 * without namespaces can have changed, is put right first. 0, or -1 with
 * errno.
 */
int ended_store(int directory, const char *why, int signal);

/* "SIGKILL", for a message; text is returned. */
enum { ENDED_SIGNAL = 16 };
const char *ended_signal(int signal, char text[ENDED_SIGNAL]);

#endif
