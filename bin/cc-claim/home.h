/* SPDX-License-Identifier: Apache-2.0 */
/* <home>/build-tmp, which holds the build directories (claim_directory.h). */
#ifndef CLAIM_HOME_H
#define CLAIM_HOME_H

/*
 * Opens <home>/build-tmp, made with mode 0700 as are its parents where they
 * are missing. *path gets its absolute name, to be freed. The descriptor, or
 * -1 with errno, or -2: somebody else owns it or its home, or can write there.
 */
int claim_home_open(const char *home, char **path);

/*
 * Removes what dead processes left, whatever is called like a claim and not
 * locked. 0, or -1 with the first errno, after removing all it could.
 */
int claim_home_sweep(int home);

#endif
