/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one line of an audit log follows another: the writer and the verifier
 * must agree. A line names its predecessor's hash in "prev". A torn line, one
 * that a crash or a full disk cut, cannot: its hash is taken over its
 * predecessor's hash and its own bytes, so the line after it still proves
 * what stood before it.
 */
#ifndef AUDIT_CHAIN_H
#define AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sha256.h"

/* The "prev" of the first line ever. */
#define AUDIT_CHAIN_FIRST                  \
	"00000000000000000000000000000000" \
	"00000000000000000000000000000000"

enum { AUDIT_LINE_MAX = 1 << 20 }; /* bytes of a line, without its newline */

enum audit_link {
	AUDIT_LINK_HOLDS,
	AUDIT_LINK_BROKEN, /* "prev" names another line */
	AUDIT_LINK_TORN,   /* the beginning of a line */
	AUDIT_LINK_ALIEN,  /* nothing of ours; it has no place in the chain */
	AUDIT_LINK_FAILED  /* no memory, errno */
};

/*
 * Goes one line on: hash was that of the line before, and becomes its own,
 * but for ALIEN and FAILED, which leave it.
 */
enum audit_link audit_chain_step(
    const char *line, size_t length, char hash[SHA256_TEXT]);

/* Whether text begins with a hash, as SHA256_TEXT - 1 lower-case digits. */
bool audit_chain_is_hash(const char *text);

/*
 * Reads the chain file. 1, or 0 when it holds no hash yet (also a damaged
 * one: it is then as good as lost), or -1 with errno.
 */
int audit_chain_load(int fd, char hash[SHA256_TEXT]);

/* Replaces the hash in the chain file, in place. 0 or -1 with errno. */
int audit_chain_store(int fd, const char hash[SHA256_TEXT]);

/* The end of a log, as the next writer needs it. */
struct audit_end {
	char prev[SHA256_TEXT];	 /* of the next line */
	char whole[SHA256_TEXT]; /* what the chain file should hold now */
	bool open_line;		 /* the log does not end with a newline */
	bool has_chain;		 /* a line is, or follows, the chain's */
};

/*
 * Reads the end of the log. chain is what the chain file says, or NULL where
 * it says nothing: the last line is then believed. A crash may have kept the
 * file behind, so its hash is led over the lines that follow it. 1, or 0 when
 * there are none (the log is empty, cut or edited): *end is then chain's, and
 * a gap shows for ever. -1 with errno.
 */
int audit_chain_resume(int log, const char *chain, struct audit_end *end);

#endif
