/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left where the library should be. Each ends well, so that the
 * sandbox takes the file; the runner looks at what came out, and only
 * "artifact-good" and "artifact-swapped" may bring anything.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attack.h"

static const char *
artifact(void)
{
	return below_target("release/libhostile.so");
}

static void
copy(const char *from, const char *to)
{
	static char block[1 << 16];
	ssize_t n;
	int in = open(from, O_RDONLY),
	    out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	while ((n = read(in, block, sizeof block)) > 0)
		if (write(out, block, (size_t)n) != n)
			break;
	(void)close(in);
	(void)close(out);
}

static int
make_library(void)
{
	(void)mkdir(below_target("release"), 0755);
	copy(fact("LIBRARY"), artifact());
	return unlink(artifact());
}

static enum verdict
made(int result)
{
	return result == -1 ? judge(-1, NULL) : contained("not taken");
}

static enum verdict
leave_library(void)
{
	copy(fact("LIBRARY"), artifact());
	return contained("a library is taken");
}

static enum verdict
leave_symlink(void)
{
	return made(symlink(fact("SECRET_LIBRARY"), artifact()));
}

/* The directory instead of the file. */
static enum verdict
leave_linked_directory(void)
{
	(void)rmdir(below_target("release"));
	return made(symlink(fact("HOST_DIR"), below_target("release")));
}

static enum verdict
leave_hard_link(void)
{
	return made(link(fact("SECRET_LIBRARY"), artifact()));
}

static enum verdict
leave_fifo(void)
{
	return made(mkfifo(artifact(), 0644));
}

static enum verdict
leave_device(void)
{
	return made(symlink("/dev/zero", artifact()));
}

static enum verdict
leave_directory(void)
{
	return made(mkdir(artifact(), 0755));
}

static enum verdict
leave_giant(void)
{
	copy(fact("LIBRARY"), artifact());
	return made(truncate(artifact(), (off_t)1 << 40) == -1 &&
		    ftruncate(open(artifact(), O_WRONLY), (off_t)1 << 40) ==
			-1 ?
		-1 :
		0);
}

static enum verdict
leave_text(void)
{
	copy("/usr/bin/ldd", artifact());
	return contained("not taken");
}

/* A program is no library, though it is an ELF file, too. */
static enum verdict
leave_program(void)
{
	copy("/usr/bin/env", artifact());
	return contained("not taken");
}

static enum verdict
leave_unreadable(void)
{
	copy(fact("LIBRARY"), artifact());
	return made(chmod(artifact(), 0));
}

/* A process that stays behind to change it during the copy. */
static enum verdict
leave_swapped(void)
{
	copy(fact("LIBRARY"), artifact());
	if (fork() == 0 && setsid() != -1 && fork() == 0) {
		const char *other = below_target("other");
		int fd = open("/dev/null", O_RDWR);
		for (int i = 0; i < 3; i++)
			(void)dup2(fd, i);
		for (int i = 0; i < 20000; i++) {
			(void)unlink(artifact());
			if (symlink(fact("SECRET_LIBRARY"), other) == -1 ||
			    rename(other, artifact()) == -1)
				continue;
			copy(fact("LIBRARY"), other);
			(void)rename(other, artifact());
		}
		_exit(0);
	}
	return contained("nobody was left to swap it");
}

const struct attack attacks_on_artifacts[] = {
    {"artifact-good", make_library, leave_library},
    {"artifact-symlink", make_library, leave_symlink},
    {"artifact-directory-link", make_library, leave_linked_directory},
    {"artifact-hard-link", make_library, leave_hard_link},
    {"artifact-fifo", make_library, leave_fifo},
    {"artifact-device", make_library, leave_device},
    {"artifact-directory", make_library, leave_directory},
    {"artifact-giant", make_library, leave_giant},
    {"artifact-text", make_library, leave_text},
    {"artifact-program", make_library, leave_program},
    {"artifact-unreadable", make_library, leave_unreadable},
    {"artifact-swapped", make_library, leave_swapped},
    {0},
};
