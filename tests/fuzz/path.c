/* SPDX-License-Identifier: Apache-2.0 */
/* lib/archive/entry_path.c on any name: what it takes stays below a directory. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/entry_path.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int holds)
{
	if (!holds)
		abort();
}

static void
check_component(const char *text, size_t length)
{
	must(length > 0 && length <= 255);
	must(memchr(text, '/', length) == NULL);
	must(memchr(text, '\0', length) == NULL);
	must(strncmp(text, ".", length) != 0 || text[0] != '.' || length > 1);
	must(length != 2 || memcmp(text, "..", 2) != 0);
	must(text_is_utf8(text, length));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct entry_limits limits = {300, 5};
	const char *name = (const char *)data;
	struct refusal refusal = {""};
	struct entry_path path;
	size_t components = 0;

	errno = 0;
	if (entry_path_read(&path, name, size, &limits, &refusal) == -1) {
		must(errno == EBADMSG && refusal.rule[0] != '\0');
		return 0;
	}
	must(refusal.rule[0] == '\0');
	must(path.text >= name && path.text + path.length <= name + size);
	must(path.length > 0 && path.length <= 300 && path.depth <= 5);
	for (size_t at = 0, n; at <= path.length; at += n + 1) {
		const char *slash =
		    memchr(path.text + at, '/', path.length - at);
		n = slash != NULL ? (size_t)(slash - path.text) - at :
				    path.length - at;
		check_component(path.text + at, n);
		must(components > 0 || n == path.first);
		components++;
	}
	must(components == path.depth + 1);
	return 0;
}
