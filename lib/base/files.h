/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing the small files of a build directory. A file appears
 * by rename, so a reader sees all of it or nothing. Directories are named by
 * descriptor: nobody can swap a component of the path in between. Each
 * function returns -1 (or NULL) with errno.
 */
#ifndef FILES_H
#define FILES_H

#include <stddef.h>
#include <sys/types.h>

/* All of it, across short writes and EINTR. 0 or -1. */
int write_all(int fd, const void *data, size_t length);

/* Reads until end of file or `length` bytes; the count, or -1. */
ssize_t read_full(int fd, void *data, size_t length);

/* close(2) on a way out that has its errno already; -1: nothing. */
void close_keeping_errno(int fd);

/* A directory operand: descriptor (close-on-exec) or -1. */
int open_directory(const char *path);

/* The directories above the path, where they are missing. 0 or -1. */
int mkdir_parents(const char *path, mode_t mode);

/*
 * Opens what lies below a directory, close-on-exec; symlinks are followed
 * while they stay below it, also when somebody moves them meanwhile. EXDEV:
 * it does not. resolve: what openat2(2) is to forbid as well. Descriptor
 * or -1.
 */
int open_beneath(int root, const char *path, int flags, unsigned resolve);

/*
 * A regular file's bytes with a NUL added, to be freed. EFBIG when it has
 * more than `most` bytes, EINVAL when it is not a regular file.
 */
char *read_regular(int fd, size_t most, size_t *length);

/* The same of a name; a symlink is not followed. */
char *read_file_at(
    int directory, const char *name, size_t most, size_t *length);

/* The same, but found as open_beneath does. */
char *read_file_beneath(
    int root, const char *path, size_t most, size_t *length);

/*
 * A new file under a temporary name of its own (mode 0600), to be written, or
 * read back, closed and published with publish_at, or discarded with
 * discard_at. One writer per name. The descriptor, or -1.
 */
int create_at(int directory, const char *name);
int publish_at(int directory, const char *name); /* rename, 0 or -1 */
void discard_at(int directory, const char *name);

/* The temporary name. 0, or -1 with errno. */
int temporary_name(const char *name, char *temporary, size_t size);

/* The three in one: replaces name by data. 0 or -1. */
int store_file_at(
    int directory, const char *name, const void *data, size_t length);

#endif
