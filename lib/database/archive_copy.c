/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive_copy.h"
#include "base/files.h"
#include "database.h"

enum { SLICE = 4 << 20, BUFFER = 1 << 16, NUMBER = 24 };

static PGresult *
ask_slice(const struct archive_row *row, long long offset)
{
	char from[NUMBER], count[NUMBER];
	const struct database_parameter parameters[] = {
	    {.value = row->registry_id}, {.value = from}, {.value = count}};

	snprintf(from, sizeof from, "%lld", offset + 1);
	snprintf(count, sizeof count, "%d", SLICE);
	return database_ask(row->database, row->statement, 3, parameters);
}

/* How many bytes were written; -1 with errno. */
static long long
write_slice(const PGresult *slice, int out)
{
	size_t length;
	unsigned char *bytes = PQunescapeBytea(
	    (const unsigned char *)PQgetvalue(slice, 0, 2), &length);

	if (bytes == NULL) {
		errno = ENOMEM;
		return -1;
	}
	int written = write_all(out, bytes, length);
	PQfreemem(bytes);
	return written == 0 ? (long long)length : -1;
}

/* How far a copy has come, and what all of its slices must say. */
struct progress {
	long long length;
	char version[NUMBER]; /* empty before the first slice */
	long long offset;
};

static bool
is_same_row(const PGresult *slice, struct progress *p)
{
	long long length = atoll(PQgetvalue(slice, 0, 0));
	const char *version = PQgetvalue(slice, 0, 1);

	if (p->version[0] == '\0') {
		p->length = length;
		snprintf(p->version, sizeof p->version, "%s", version);
	}
	return length == p->length && strcmp(version, p->version) == 0;
}

static enum archive_answer
take_slice(const PGresult *slice, struct progress *p, uint64_t most, int out)
{
	if (PQntuples(slice) != 1)
		return p->offset == 0 ? ARCHIVE_MISSING : ARCHIVE_CHANGED;
	if (!is_same_row(slice, p))
		return ARCHIVE_CHANGED;
	if ((uint64_t)p->length > most)
		return ARCHIVE_TOO_LARGE;
	long long n = write_slice(slice, out);
	if (n == -1)
		return ARCHIVE_UNWRITABLE;
	p->offset += n;
	/* A slice is short only at the end. */
	return n == SLICE || p->offset == p->length ? ARCHIVE_WHOLE :
						      ARCHIVE_CHANGED;
}

/* Class XX: the database cannot read what it has stored. */
static bool
is_damaged(const struct database *database)
{
	return strncmp(database->state, "XX", 2) == 0;
}

enum archive_answer
archive_copy_row(const struct archive_row *row, int out)
{
	struct progress progress = {0};

	do {
		PGresult *slice = ask_slice(row, progress.offset);
		if (slice == NULL)
			return is_damaged(row->database) ? ARCHIVE_DAMAGED :
							   ARCHIVE_UNREADABLE;
		enum archive_answer answer =
		    take_slice(slice, &progress, row->most, out);
		PQclear(slice);
		if (answer != ARCHIVE_WHOLE)
			return answer;
	} while (progress.offset < progress.length);
	return ARCHIVE_WHOLE;
}

enum archive_answer
archive_copy_file(int in, uint64_t most, int out)
{
	char buffer[BUFFER];
	uint64_t total = 0;
	ssize_t n;

	while ((n = read_full(in, buffer, sizeof buffer)) > 0) {
		total += (uint64_t)n;
		if (total > most)
			return ARCHIVE_TOO_LARGE;
		if (write_all(out, buffer, (size_t)n) == -1)
			return ARCHIVE_UNWRITABLE;
	}
	return n == 0 ? ARCHIVE_WHOLE : ARCHIVE_DAMAGED;
}
