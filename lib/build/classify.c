/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "classify.h"

enum { SUBJECTS_MAX = 100, SUBJECT_MAX = 200 };

/* A line that tells of a class: start, then a subject, then end. */
struct pattern {
	const char *start; /* of the line, after blanks and "error: " */
	const char *end;
};

struct class {
	const char *reason; /* then the subjects, where there are any */
	const char *needed; /* the whole text must hold it, or NULL */
	struct pattern patterns[4];
};

/*
 * The first class that has a line in the text is the reason. Cargo names one
 * missing crate and stops, but a nested cargo, or a later one, may say more.
 */
static const struct class classes[] = {
    {"dependencies not available offline: ", NULL,
	{{"no matching package named `", "` found"},
	    {"searched package name: `", "`"},
	    {"failed to select a version for the requirement ", ""}}},
    {"git dependencies are not available offline: ", NULL,
	{{"can't checkout from '", "': you are in the offline mode"}}},
    {"vendored file was changed, its checksum differs: ", NULL,
	{{"the listed checksum of `", "` has changed"}}},
    {"vendored crate's checksum differs from Cargo.lock's: ", NULL,
	{{"checksum for `", "` changed between lock files"}}},
    {"vendored crate has no readable checksum: ", NULL,
	{{"failed to load checksum `.cargo-checksum.json` of ", ""}}},
    {"vendor directory cannot be read: ", NULL,
	{{"failed to read root of directory source: ", ""}}},
    {"dependencies not available offline: ", "offline",
	{{"failed to load source for dependency `", "`"},
	    {"failed to download `", "`"}, {"failed to fetch `", "`"}}},
};

static const char lock_file[] =
    "Cargo.lock is missing or needs an update, and --frozen forbids it: "
    "commit an up-to-date Cargo.lock";

struct span {
	const char *text;
	size_t length;
};

static bool
skip(struct span *line, const char *prefix)
{
	size_t n = strlen(prefix);

	if (line->length < n || memcmp(line->text, prefix, n) != 0)
		return false;
	line->text += n;
	line->length -= n;
	return true;
}

static bool
holds(struct span text, const char *part)
{
	return memmem(text.text, text.length, part, strlen(part)) != NULL;
}

static struct span
next_line(struct span *text)
{
	const char *newline = memchr(text->text, '\n', text->length);
	struct span line = {text->text,
	    newline == NULL ? text->length : (size_t)(newline - text->text)};
	size_t taken = line.length + (newline != NULL);

	text->text += taken;
	text->length -= taken;
	while (skip(&line, " "))
		;
	(void)skip(&line, "error: ");
	return line;
}

/* The subject between start and end, or one without text. */
static struct span
match(const struct pattern *pattern, struct span line)
{
	const struct span none = {NULL, 0};

	if (pattern->start == NULL || !skip(&line, pattern->start))
		return none;
	if (*pattern->end == '\0')
		return line;
	const char *end =
	    memmem(line.text, line.length, pattern->end, strlen(pattern->end));
	if (end == NULL)
		return none;
	line.length = (size_t)(end - line.text);
	return line;
}

struct list {
	struct span subjects[SUBJECTS_MAX];
	size_t n;
	bool more;
};

static void
add(struct list *list, struct span subject)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->subjects[i].length == subject.length &&
		    memcmp(list->subjects[i].text, subject.text,
			subject.length) == 0)
			return;
	if (list->n == SUBJECTS_MAX)
		list->more = true;
	else
		list->subjects[list->n++] = subject;
}

static void
collect(const struct class *class, struct span text, struct list *list)
{
	if (class->needed != NULL && !holds(text, class->needed))
		return;
	while (text.length > 0) {
		struct span line = next_line(&text);
		for (size_t i = 0; i < 4; i++) {
			struct span subject = match(&class->patterns[i], line);
			if (subject.length > 0)
				add(list, subject);
		}
	}
}

static char *
compose(const char *reason, const struct list *list)
{
	char *composed = NULL, shown[SUBJECT_MAX];
	size_t size;
	FILE *out = open_memstream(&composed, &size);

	if (out == NULL)
		return NULL;
	fputs(reason, out);
	for (size_t i = 0; i < list->n; i++)
		fprintf(out, "%s%s", i == 0 ? "" : ", ",
		    text_visible(list->subjects[i].text,
			list->subjects[i].length, shown, sizeof shown));
	if (list->more)
		fputs(", ...", out);
	if (fclose(out) == 0)
		return composed;
	free(composed);
	errno = ENOMEM;
	return NULL;
}

/* The wording of this one drifts, but for these words. */
static bool
tells_of_lock_file(struct span text)
{
	while (text.length > 0) {
		struct span line = next_line(&text);
		if (holds(line, "lock file") &&
		    (holds(line, "--frozen was ") ||
			holds(line, "--locked was ")))
			return true;
	}
	return false;
}

char *
classify_cargo(const char *text, size_t length)
{
	const struct span all = {text, length};

	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		struct list list = {.n = 0};
		collect(&classes[i], all, &list);
		if (list.n > 0)
			return compose(classes[i].reason, &list);
	}
	if (tells_of_lock_file(all))
		return strdup(lock_file);
	errno = 0;
	return NULL;
}
