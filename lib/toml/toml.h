/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of TOML for a hostile file: it checks the grammar of the
 * whole document (1.0, and what 1.1 adds, because newer cargos read it) in
 * one scan, and keeps nothing. What it meets on the way it shows to who asks.
 */
#ifndef TOML_H
#define TOML_H

#include "toml_scan.h"

enum {
	TOML_PARTS_MAX = 4, /* of a key from the root on; more is not shown */
	TOML_NAME_MAX = 64
};

enum toml_kind {
	TOML_HEADER,  /* [a] */
	TOML_ELEMENT, /* [[a]] */
	TOML_VALUE    /* a = 1, or an inline table */
};

struct toml_part {
	const char *at;		  /* in the text, with its quotes */
	size_t length;		  /* of its value */
	char name[TOML_NAME_MAX]; /* the value, if it fits; no NUL added */
};

/* A key from the root on, however the document spells it, and what it is. */
struct toml_place {
	struct toml_part parts[TOML_PARTS_MAX];
	size_t depth;	    /* all parts, also those that are not shown */
	size_t table_depth; /* those of them that the key's table has */
	unsigned table;	    /* the number of this table */
	enum toml_kind kind;
	struct toml_cursor value; /* VALUE: not read yet */
};

/*
 * Shows each header and each value to visit, outer ones first, but nothing
 * that stands in an array in brackets. 0, or the line, from 1, of what is not
 * TOML, is nested too deep, or made visit return false.
 */
size_t toml_read(const char *text, size_t length,
    bool (*visit)(void *context, const struct toml_place *place),
    void *context);

bool toml_part_is(
    const struct toml_part *part, const char *name, size_t length);

/* The line of a byte of the text, from 1. */
size_t toml_line(const char *text, const char *at);

#endif
