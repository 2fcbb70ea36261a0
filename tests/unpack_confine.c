/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goes behind the confinement of cc-unpack, in the order that it has, and
 * prints for each thing that a stranger's code would try there "ok" or the
 * name of the errno.
 *
 *   unpack_confine DIRECTORY   with source/ and a file "claim.json" in it
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cc-unpack/confine.h"
#include "confine/seccomp_policy.h"

static void
say(const char *what, int result)
{
	printf("%s: %s\n", what, result == -1 ? strerrorname_np(errno) : "ok");
}

static void
try_files(int directory, int source)
{
	say("read the source",
	    openat(source, "hello.rs", O_RDONLY | O_CLOEXEC));
	say("write in the source",
	    openat(source, "new.rs", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	say("write a report",
	    openat(directory, ".x.new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	say("publish it", renameat(directory, ".x.new", directory, "x"));
	say("read the claim",
	    openat(directory, "claim.json", O_RDONLY | O_CLOEXEC));
	say("read the host", open("/etc/passwd", O_RDONLY | O_CLOEXEC));
	say("list the host", open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	say("write beside",
	    openat(directory, "../x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	say("climb out", openat(source, "../claim.json", O_RDONLY | O_CLOEXEC));
	say("move out", renameat(source, "hello.rs", directory, "../hello.rs"));
	say("make setuid", fchmodat(source, "hello.rs", 04755, 0));
}

static void
try_others(void)
{
	char *const words[] = {"true", NULL};
	int pair[2];

	say("start a program", execve("/bin/true", words, NULL));
	say("start a process", fork());
	say("reach a network", socket(AF_INET, SOCK_STREAM, 0));
	say("reach a server", socket(AF_UNIX, SOCK_STREAM, 0));
	say("make a pair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	say("allocate",
	    mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ?
		-1 :
		0);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		errx(100, "usage: unpack_confine directory");
	int directory = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	int source = openat(directory, "source", O_RDONLY | O_DIRECTORY);
	if (directory == -1 || source == -1)
		err(111, "cannot open '%s'", argv[1]);
	int kept[] = {source, STDOUT_FILENO, directory, STDERR_FILENO};
	int leaked = open("/dev/null", O_RDONLY);
	if (unpack_close_others(kept, sizeof kept / sizeof *kept) == -1)
		err(111, "cannot close descriptors");
	say("use what was leaked", fcntl(leaked, F_GETFD));
	unpack_forget_environment();
	printf("see the environment: %s\n",
	    getenv("SECRET") == NULL ? "gone" : "ok");
	if (unpack_confine_files(directory, source) == -1 ||
	    seccomp_confine(SECCOMP_READER) == -1)
		err(111, "cannot confine");
	try_files(directory, source);
	try_others();
	return fflush(stdout) == EOF ? 111 : 0;
}
