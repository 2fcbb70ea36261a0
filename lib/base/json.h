/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suite's JSON files: one object each, at most 1 MiB (a failure reason
 * is at most 64 KiB, and escaping makes it six times as long at the worst).
 */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>

/*
 * The object in a file of a directory, or NULL with errno: ENOENT, EBADMSG
 * (not one JSON object), EFBIG, or what reading it gave.
 */
json_t *json_load_at(int directory, const char *name);

/*
 * Replaces the file by the object, compact, one line, and takes over the
 * reference to it. NULL is one for which there was no memory. 0 or -1 with
 * errno.
 */
int json_put_at(int directory, const char *name, json_t *object);

/* A member's text, or fallback where it is missing or no string. */
const char *json_text(
    const json_t *object, const char *name, const char *fallback);

/* A member's whole number, or fallback. */
json_int_t json_number(
    const json_t *object, const char *name, json_int_t fallback);

#endif
