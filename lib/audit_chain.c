/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_chain.h"
#include "json.h"

/* Nearly always the first is enough; the second holds two longest lines. */
static const off_t windows[] = {64 << 10, 2 * (AUDIT_LINE_MAX + 2)};

bool
audit_chain_is_hash(const char *text)
{
	return strspn(text, "0123456789abcdef") >= SHA256_TEXT - 1;
}

static int
hash_torn(const char *line, size_t length, char hash[SHA256_TEXT])
{
	char *both = malloc(SHA256_TEXT - 1 + length);

	if (both == NULL)
		return -1;
	memcpy(both, hash, SHA256_TEXT - 1);
	memcpy(both + SHA256_TEXT - 1, line, length);
	int result = sha256_bytes(both, SHA256_TEXT - 1 + length, hash);
	free(both);
	return result;
}

enum audit_link
audit_chain_step(const char *line, size_t length, char hash[SHA256_TEXT])
{
	json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	const char *prev = json_text(object, "prev", NULL);
	enum audit_link link = prev == NULL ? AUDIT_LINK_TORN :
	    strcmp(prev, hash) == 0	    ? AUDIT_LINK_HOLDS :
					      AUDIT_LINK_BROKEN;
	int result = link == AUDIT_LINK_TORN ? hash_torn(line, length, hash) :
					       sha256_bytes(line, length, hash);

	json_decref(object);
	return result == 0 ? link : AUDIT_LINK_FAILED;
}

int
audit_chain_load(int fd, char hash[SHA256_TEXT])
{
	char text[SHA256_TEXT];
	ssize_t n = pread(fd, text, sizeof text, 0);

	if (n == -1)
		return -1;
	if (n != sizeof text || text[SHA256_TEXT - 1] != '\n')
		return 0;
	text[SHA256_TEXT - 1] = '\0';
	if (!audit_chain_is_hash(text))
		return 0;
	memcpy(hash, text, SHA256_TEXT);
	return 1;
}

struct resume {
	char chain[SHA256_TEXT]; /* the hash to be found */
	char at[SHA256_TEXT];	 /* the hash of the line before */
	bool on;		 /* `at` follows from chain */
};

/* Goes over one line. 0 or -1 with errno. */
static int
resume_line(struct resume *resume, const char *line, size_t length)
{
	if (resume->on) {
		enum audit_link link =
		    audit_chain_step(line, length, resume->at);
		if (link == AUDIT_LINK_FAILED)
			return -1;
		if (link != AUDIT_LINK_BROKEN)
			return 0;
	} else if (sha256_bytes(line, length, resume->at) == -1) {
		return -1;
	}
	resume->on = strcmp(resume->at, resume->chain) == 0;
	return 0;
}

/* 1: hash was led to the end of text, 0: no way there, -1 with errno. */
static int
resume_over(const char *text, size_t length, bool from_start, bool known,
    char hash[SHA256_TEXT])
{
	/* From the start on: a new file goes on where the rotated one ended. */
	struct resume resume = {.on = from_start};
	const char *end = text + length;

	memcpy(resume.chain, hash, SHA256_TEXT);
	memcpy(resume.at, hash, SHA256_TEXT);
	for (const char *line = text, *next; line < end; line = next) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline != NULL ? newline : end;
		next = newline != NULL ? newline + 1 : end;
		if (line == text && !from_start)
			continue; /* the window begins inside a line */
		if (resume_line(&resume, line, (size_t)(stop - line)) == -1)
			return -1;
		resume.on |= !known;
	}
	if (!resume.on)
		return 0;
	memcpy(hash, resume.at, SHA256_TEXT);
	return 1;
}

static char *
read_window(int log, off_t size, off_t window)
{
	char *text = malloc((size_t)window);

	if (text == NULL)
		return NULL;
	ssize_t n = pread(log, text, (size_t)window, size - window);
	if (n == window)
		return text;
	if (n >= 0)
		errno = EBUSY; /* somebody cuts the log at this moment */
	free(text);
	return NULL;
}

int
audit_chain_resume(int log, bool known, char hash[SHA256_TEXT], bool *open_line)
{
	struct stat st;
	int found = 0;

	if (fstat(log, &st) == -1)
		return -1;
	*open_line = false;
	for (size_t i = 0; i < 2 && found == 0 && st.st_size > 0; i++) {
		off_t window =
		    st.st_size < windows[i] ? st.st_size : windows[i];
		char *text = read_window(log, st.st_size, window);
		if (text == NULL)
			return -1;
		*open_line = text[window - 1] != '\n';
		found = resume_over(
		    text, (size_t)window, window == st.st_size, known, hash);
		free(text);
	}
	return found == -1 ? -1 : 0;
}
