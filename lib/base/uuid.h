/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UUID_H
#define UUID_H

enum { UUID_TEXT = 37 };

/* Whether text is a UUID in its canonical lower-case form (RFC 9562, 4). */
int uuid_is_valid(const char *text);

/* A random UUID (version 4, getrandom(2)). 0 or -1 with errno. */
int uuid_new(char text[UUID_TEXT]);

#endif
