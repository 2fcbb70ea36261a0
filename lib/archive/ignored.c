/* SPDX-License-Identifier: Apache-2.0 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "ignored.h"

bool
ignored_is_vendored(const char *path, size_t length)
{
	static const char end[] = "/.cargo-checksum.json";
	size_t tail = strlen(end);

	return length > tail && memcmp(path + length - tail, end, tail) == 0;
}

static bool
has(int source, const char *name)
{
	struct stat st;

	return fstatat(source, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void
ignored_find(
    int source, bool has_vendored, const char *lines[static IGNORED_MAX])
{
	size_t n = 0;

	if (has(source, ".cargo/config.toml") || has(source, ".cargo/config"))
		lines[n++] = "the package's .cargo/config.toml is not read: "
			     "its [env], [source] and flags do not count";
	if (has(source, "rust-toolchain.toml") || has(source, "rust-toolchain"))
		lines[n++] = "the package's rust-toolchain.toml is not obeyed: "
			     "the service's toolchain compiles it";
	if (has_vendored)
		lines[n++] = "the package's vendored crates are not used: "
			     "those of the service's vendor directory are";
	lines[n] = NULL;
}
