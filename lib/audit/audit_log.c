/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Under the lock: resume the chain, write the line, wait for the disk, note
 * its hash. A kill between any two of these leaves a log from which the next
 * writer resumes.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit_beside.h"
#include "audit_chain.h"
#include "audit_file.h"
#include "audit_line.h"
#include "audit_log.h"
#include "audit_marker.h"
#include "base/fault.h"
#include "base/files.h"

json_t *
audit_event(const char *level, const char *event_type)
{
	struct timespec now;
	struct tm parts;
	char day[32], timestamp[64];

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail */
	if (gmtime_r(&now.tv_sec, &parts) == NULL)
		return NULL;
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(
	    timestamp, sizeof timestamp, "%s.%06ldZ", day, now.tv_nsec / 1000);
	return json_pack("{s:s, s:s, s:s}", "timestamp", timestamp, "level",
	    level, "event_type", event_type);
}

struct writer {
	int chain; /* -1: stdout, which has none */
	int log;
	json_t *event;
	const struct audit_marker *marker; /* or NULL */
};

/* "prev" is to be the last member, also where the event has one. */
static int
set_prev(json_t *event, const char *prev)
{
	(void)json_object_del(event, "prev");
	if (json_object_set_new(event, "prev", json_string(prev)) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

/*
 * The line is on the disk before the chain file names it; else a power cut
 * would look like a cut log.
 */
static int
settle(const struct writer *w, char hash[SHA256_TEXT])
{
	int synced = fdatasync(w->log);
	int saved = errno;

	/* Should this fail, the next writer resumes from the hash before. */
	(void)audit_chain_store(w->chain, hash);
	errno = saved;
	return synced;
}

static int
write_text(const struct writer *w, const char *text, size_t length,
    bool open_line, char hash[SHA256_TEXT])
{
	size_t skip = open_line ? 0 : 1;

	if (sha256_bytes(text + 1, length - 2, hash) == -1)
		return -1;
	/* Without a marker a second run may write a second line: no worse. */
	if (w->marker != NULL)
		(void)audit_marker_intend(w->marker,
		    w->chain == -1 ? -1 : w->log, open_line, w->event);
	fault_point("before-append", "log");
	if (write_all(w->log, text + skip, length - skip) == -1)
		return -1;
	fault_point("after-append", "log");
	if (w->chain != -1 && settle(w, hash) == -1)
		return -1;
	if (w->marker != NULL)
		(void)audit_marker_finish(w->marker);
	return 0;
}

static int
write_event(const struct writer *w, const char *prev, bool open_line,
    char hash[SHA256_TEXT])
{
	char own[SHA256_TEXT];
	size_t length;
	char *text = set_prev(w->event, prev) == -1 ?
	    NULL :
	    audit_line(w->event, &length);

	if (text == NULL)
		return -1;
	int result = write_text(w, text, length, open_line, own);
	free(text);
	if (result == 0)
		memcpy(hash, own, SHA256_TEXT);
	return result;
}

struct search {
	const char *chain;
	struct audit_end end;
};

/* Whether the chain goes on in this file beyond what the chain file knows. */
static bool
goes_on(int fd, void *context)
{
	struct search *search = context;
	struct audit_end end;

	if (audit_chain_resume(fd, search->chain, &end) != 1 ||
	    !end.has_chain || strcmp(end.prev, search->chain) == 0)
		return false;
	end.open_line = search->end.open_line; /* the log's own */
	search->end = end;
	return true;
}

/*
 * A writer that was killed before it could note its line may have written it
 * to a file that was rotated since: the chain goes on there.
 */
static int
resume(
    const struct writer *w, const char *path, bool known, struct search *search)
{
	int found = audit_chain_resume(
	    w->log, known ? search->chain : NULL, &search->end);

	if (found == 0 && known)
		(void)audit_beside(path, goes_on, search);
	return found == -1 ? -1 : 0;
}

static int
append_locked(const struct writer *w, const char *path, char hash[SHA256_TEXT])
{
	char chain[SHA256_TEXT] = AUDIT_CHAIN_FIRST;
	struct search search = {.chain = chain};

	int known = audit_chain_load(w->chain, chain);
	if (known == -1 || resume(w, path, known == 1, &search) == -1)
		return -1;
	/* So it is never more than one line behind, however often we die. */
	if (strcmp(chain, search.end.whole) != 0)
		(void)audit_chain_store(w->chain, search.end.whole);
	return write_event(w, search.end.prev, search.end.open_line, hash);
}

/* 1: written before, 0: to be written, -1 with errno. */
static int
stands(const struct writer *w, const char *path, char hash[SHA256_TEXT])
{
	return w->marker == NULL ?
	    0 :
	    audit_marker_stands(w->marker, path, w->event, hash);
}

static int
append_to_file(struct writer *w, const char *path, char hash[SHA256_TEXT])
{
	if ((w->chain = audit_file_lock_chain(path)) == -1)
		return -1;
	int before = stands(w, path, hash);
	if (before != 0)
		return before;
	w->log = audit_file_open_log(path);
	return w->log == -1 ? -1 : append_locked(w, path, hash);
}

static int
append_to_stdout(struct writer *w, char hash[SHA256_TEXT])
{
	int before = stands(w, "-", hash);

	w->log = STDOUT_FILENO;
	return before != 0 ? before : write_event(w, "<none>", false, hash);
}

static int
append(const char *path, json_t *event, const struct audit_marker *marker,
    char hash[SHA256_TEXT])
{
	struct writer w = {-1, -1, event, marker};

	if (strcmp(path, "-") == 0)
		return append_to_stdout(&w, hash);
	int result = append_to_file(&w, path, hash);
	close_keeping_errno(w.log);
	close_keeping_errno(w.chain); /* and the lock with it */
	return result;
}

int
audit_log_append(const char *path, json_t *event, char hash[SHA256_TEXT])
{
	return append(path, event, NULL, hash);
}

int
audit_log_append_once(const char *path, json_t *event, int directory,
    const char *marker, char hash[SHA256_TEXT])
{
	const struct audit_marker once = {directory, marker};

	return append(path, event, &once, hash);
}
