/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the reader of a hostile archive gives up before its first byte, so
 * that a fault in a decompressor is worth little: nothing to read but the
 * archive and what came out of it, nothing to change outside of one
 * directory, no program to run, nobody to talk to, no secret in memory. The
 * other half is seccomp_confine(SECCOMP_READER).
 */
#ifndef UNPACK_CONFINE_H
#define UNPACK_CONFINE_H

#include <stddef.h>

/*
 * Closes every descriptor but these, which it puts in order. 0 or -1 with
 * errno.
 */
int unpack_close_others(int *kept, size_t count);

/* Empties the environment, also where its strings lie in memory. */
void unpack_forget_environment(void);

/*
 * Leaves of all files to open those in the directory `root`, and in
 * `directory` the right to write, by Landlock. 0, or -1 with errno; ENOSYS:
 * this kernel has none.
 */
int unpack_confine_files(int directory, int root);

#endif
