/* SPDX-License-Identifier: Apache-2.0 */
/* Where the audit log of this host is. */
#ifndef AUDIT_PATH_H
#define AUDIT_PATH_H

/*
 * audit_log, or logs/compiler.log below home, or below $HOME/.cloacina;
 * either may be NULL. A new string, or NULL with errno (EINVAL: no $HOME).
 */
char *audit_path(const char *audit_log, const char *home);

#endif
