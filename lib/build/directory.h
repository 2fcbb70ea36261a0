/* SPDX-License-Identifier: Apache-2.0 */
/* Names in a build directory that more than one program knows. */
#ifndef DIRECTORY_H
#define DIRECTORY_H

/* The tree while cc-unpack makes it; it becomes source/ by rename. */
#define UNPACK_NEW ".source.new"

#endif
