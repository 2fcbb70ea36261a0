/* SPDX-License-Identifier: Apache-2.0 */
/* The two files of an audit log. Each returns a descriptor, or -1 with errno. */
#ifndef AUDIT_FILE_H
#define AUDIT_FILE_H

/*
 * The log, to be read and appended to, made (0640) where it is missing; ELOOP
 * or EINVAL where it is a symlink or no regular file.
 */
int audit_file_open_log(const char *path);

/*
 * The log's chain file (0600), locked until it is closed; missing directories
 * (0750) are made.
 */
int audit_file_lock_chain(const char *path);

#endif
