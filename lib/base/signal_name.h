/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNAL_NAME_H
#define SIGNAL_NAME_H

#include <stddef.h>

/* "SIGKILL", "SIGRTMIN+3"; name is returned. */
const char *signal_name(int signal, char *name, size_t size);

#endif
