/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether audit logs are one chain, line by line and file by file, oldest
 * first. Its memory is a few hashes.
 */
#ifndef AUDIT_CHECK_H
#define AUDIT_CHECK_H

#include "audit/audit_chain.h"

/* What can be wrong with a line; several may be. */
enum audit_found {
	AUDIT_FOUND_TORN = 1 << 0,     /* no fault where the chain goes on */
	AUDIT_FOUND_ALIEN = 1 << 1,    /* between lines of ours */
	AUDIT_FOUND_ALIENS = 1 << 2,   /* before it, from the file's start */
	AUDIT_FOUND_GAP = 1 << 3,      /* it does not follow */
	AUDIT_FOUND_INSERTED = 1 << 4, /* it follows the one before the last */
	AUDIT_FOUND_UNPROVED = 1 << 5, /* it follows a torn first line */
	AUDIT_FOUND_NO_CHAIN = 1 << 6, /* its prev is no hash */
};

/* Zero to begin with. */
struct audit_check {
	unsigned long lines;	  /* of ours */
	unsigned long aliens;	  /* of the file, before a line of ours */
	bool is_log;		  /* the file has a line of ours */
	bool has_start;		  /* a line was seen that is not torn */
	bool from_first;	  /* and it was the first one ever */
	char hash[SHA256_TEXT];	  /* of the last line */
	char before[SHA256_TEXT]; /* of the one before that */
	char whole[SHA256_TEXT];  /* of the last one that is not torn */
	char older[SHA256_TEXT];  /* of the whole one before that */
};

/* Before the lines of each file. */
void audit_check_file(struct audit_check *check);

/* A line without its newline: what is found, or -1 with errno. */
int audit_check_line(
    struct audit_check *check, const char *line, size_t length);

#endif
