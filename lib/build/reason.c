/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"
#include "classify.h"
#include "directory.h"
#include "reason.h"

/* Cargo's complaint is its last word, so more than this need not be read. */
enum { OUTPUT_READ = 4 * REASON_MAX };

char *
reason_format(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length == -1)
		return NULL;
	char *reason = text_clean_tail(text, (size_t)length, REASON_MAX);
	free(text);
	return reason;
}

static ssize_t
read_end(int fd, char *data)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if (st.st_size > OUTPUT_READ &&
	    lseek(fd, st.st_size - OUTPUT_READ, SEEK_SET) == -1)
		return -1;
	return read_full(fd, data, OUTPUT_READ);
}

/* The end of `stderr`; without one, it is empty. NULL: no memory. */
static char *
read_output(int directory, size_t *length)
{
	char *data = malloc(OUTPUT_READ);
	int fd = openat(directory, STDERR_FILE,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = data == NULL || fd == -1 ? -1 : read_end(fd, data);

	close_keeping_errno(fd);
	*length = n == -1 ? 0 : (size_t)n;
	while (*length > 0 && strchr(" \t\r\n", data[*length - 1]) != NULL)
		--*length;
	return data;
}

char *
reason_with_output(int directory, const char *line)
{
	size_t length;
	char *output = read_output(directory, &length);
	char *tail = output == NULL ?
	    NULL :
	    text_clean_tail(output, length, REASON_MAX - strlen(line) - 1);
	char *reason = tail == NULL ?
	    NULL :
	    reason_format("%s%s%s", line, *tail == '\0' ? "" : "\n", tail);

	free(output);
	free(tail);
	return reason;
}

char *
reason_from_output(int directory, const char *line)
{
	size_t length;
	char *output = read_output(directory, &length);

	if (output == NULL)
		return NULL;
	char *reason = classify_cargo(output, length);
	if (reason == NULL && errno == 0)
		reason = length == 0 ?
		    strdup(line) :
		    text_clean_tail(output, length, REASON_MAX);
	free(output);
	return reason;
}
