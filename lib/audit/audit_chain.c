/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_chain.h"
#include "base/json.h"

/* Nearly always the first is enough; the last holds two longest lines. */
enum { WINDOWS = 3 };
static const off_t windows[WINDOWS] = {
    8 << 10, 128 << 10, 2 * (AUDIT_LINE_MAX + 2)};

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

/* Whether a line of ours begins like this. */
static bool
is_beginning(const char *line, size_t length)
{
	static const char head[] = "{\"timestamp\":\"";
	size_t n = length < sizeof head - 1 ? length : sizeof head - 1;

	return length > 0 && memcmp(line, head, n) == 0;
}

enum audit_link
audit_chain_step(const char *line, size_t length, char hash[SHA256_TEXT])
{
	json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	const char *prev = json_text(object, "prev", NULL);
	enum audit_link link = prev != NULL ?
	    (strcmp(prev, hash) == 0 ? AUDIT_LINK_HOLDS : AUDIT_LINK_BROKEN) :
	    is_beginning(line, length) ? AUDIT_LINK_TORN :
					 AUDIT_LINK_ALIEN;
	int result = 0;

	if (link == AUDIT_LINK_TORN)
		result = hash_torn(line, length, hash);
	else if (link != AUDIT_LINK_ALIEN)
		result = sha256_bytes(line, length, hash);
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

int
audit_chain_store(int fd, const char hash[SHA256_TEXT])
{
	char text[SHA256_TEXT];

	memcpy(text, hash, SHA256_TEXT - 1);
	text[SHA256_TEXT - 1] = '\n';
	return pwrite(fd, text, sizeof text, 0) == sizeof text ? 0 : -1;
}

struct resume {
	const char *chain;	 /* the hash to be found, or NULL */
	char at[SHA256_TEXT];	 /* of the line before */
	char whole[SHA256_TEXT]; /* of the last line that is not torn */
	bool on;		 /* `at` follows from chain */
	bool has_chain;		 /* and a line says so */
};

/* Goes over one line. 0 or -1 with errno. */
static int
resume_line(struct resume *r, const char *line, size_t length)
{
	enum audit_link link = audit_chain_step(line, length, r->at);

	if (link == AUDIT_LINK_FAILED)
		return -1;
	if (link == AUDIT_LINK_HOLDS || link == AUDIT_LINK_BROKEN)
		memcpy(r->whole, r->at, SHA256_TEXT);
	if (!r->on || link == AUDIT_LINK_BROKEN)
		r->on = r->chain == NULL || strcmp(r->at, r->chain) == 0;
	if (r->on && link != AUDIT_LINK_TORN && link != AUDIT_LINK_ALIEN)
		r->has_chain = true;
	return 0;
}

/* 1: there is a way from the chain's hash to the end of text, 0: none. */
static int
resume_over(struct resume *r, const char *text, size_t length, bool whole)
{
	const char *end = text + length;

	for (const char *line = text, *next; line < end; line = next) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline != NULL ? newline : end;
		next = newline != NULL ? newline + 1 : end;
		if (line == text && !whole)
			continue; /* the window begins inside a line */
		if (resume_line(r, line, (size_t)(stop - line)) == -1)
			return -1;
	}
	return r->on;
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

/* As resume_over, for the last bytes of a log of this size. */
static int
resume_window(
    int log, off_t size, off_t window, struct resume *r, bool *open_line)
{
	char *text = read_window(log, size, window);

	if (text == NULL)
		return -1;
	*open_line = text[window - 1] != '\n';
	int found = resume_over(r, text, (size_t)window, window == size);
	free(text);
	return found;
}

int
audit_chain_resume(int log, const char *chain, struct audit_end *end)
{
	const char *start = chain != NULL ? chain : AUDIT_CHAIN_FIRST;
	struct audit_end found = {.open_line = false};
	struct stat st;
	int result = 0;

	memcpy(found.prev, start, SHA256_TEXT);
	memcpy(found.whole, start, SHA256_TEXT);
	if (fstat(log, &st) == -1)
		return -1;
	for (size_t i = 0; i < WINDOWS && result == 0 && st.st_size > 0; i++) {
		off_t window =
		    st.st_size < windows[i] ? st.st_size : windows[i];
		/* A new file goes on where the rotated one ended. */
		struct resume r = {.chain = chain, .on = window == st.st_size};
		memcpy(r.at, start, SHA256_TEXT);
		memcpy(r.whole, start, SHA256_TEXT);
		result = resume_window(
		    log, st.st_size, window, &r, &found.open_line);
		if (result == 1) {
			memcpy(found.prev, r.at, SHA256_TEXT);
			memcpy(found.whole, r.whole, SHA256_TEXT);
			found.has_chain = r.has_chain;
		}
	}
	if (result != -1)
		*end = found;
	return result;
}
