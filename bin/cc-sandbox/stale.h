/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STALE_H
#define STALE_H

/*
 * Removes `path` below the directory, and its namesake in the directory
 * `deps` beside it, where cargo keeps the file that it links to `path` again
 * without a look. So what is there afterwards was made afterwards, whatever
 * times an earlier command gave its files. That command's author is hostile:
 * where something is not as cargo makes it, the whole first directory of the
 * path goes. 0, or -1 with errno: it may still be there.
 */
int stale_remove(const char *directory, const char *path);

#endif
