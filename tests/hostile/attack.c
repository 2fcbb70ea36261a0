/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack NAME: checks that the neighbour of the attack works, then tries it.
 * Prints one line, what it got, and ends with 0 contained, 1 leaked, 3 no
 * good: the neighbour is refused, too, or the attack is not well made.
 *
 * attack NAME NAME ...: each of them, in a process of its own, one line for
 * each that begins with the status and the name.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

const char *
fact(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		errx(BROKEN, "nobody told '%s'", name);
	return value;
}

long
fact_number(const char *name)
{
	return strtol(fact(name), NULL, 0);
}

static enum verdict
say(enum verdict verdict, const char *text)
{
	printf("%s\n", text);
	fflush(stdout);
	return verdict;
}

enum verdict
contained(const char *why)
{
	return say(CONTAINED, why);
}

enum verdict
leaked(const char *what)
{
	return say(LEAKED, what);
}

enum verdict
broken(const char *why)
{
	return say(BROKEN, why);
}

enum verdict
judge(long result, const char *what)
{
	static const int meaningless[] = {
	    EINVAL, EFAULT, EBADF, ENOTTY, E2BIG, ENOEXEC};

	if (result != -1)
		return leaked(what);
	for (size_t i = 0; i < sizeof meaningless / sizeof *meaningless; i++)
		if (errno == meaningless[i])
			return broken(strerrorname_np(errno));
	return contained(strerrorname_np(errno));
}

/* Files of /proc say nothing of their size, so all of it is read. */
int
file_holds(const char *path, const char *text)
{
	static char content[1 << 20];
	size_t length = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return -1;
	while (length < sizeof content &&
	    (n = read(fd, content + length, sizeof content - length)) > 0)
		length += (size_t)n;
	int saved = errno;
	(void)close(fd);
	errno = saved;
	if (length == 0)
		return n == -1 ? -1 : 0;
	return memmem(content, length, text, strlen(text)) != NULL;
}

const char *
below_target(const char *name)
{
	static char paths[4][4096];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof *paths, "%s/%s", fact("CARGO_TARGET_DIR"), name);
	return path;
}

int
write_in_target(void)
{
	int fd = open(below_target("neighbour"), O_WRONLY | O_CREAT, 0644);

	if (fd == -1 || write(fd, "x", 1) != 1 || fchmod(fd, 0755) == -1)
		return -1;
	(void)close(fd);
	return unlink(below_target("neighbour"));
}

int
read_usr(void)
{
	return file_holds("/usr/bin/env", "ELF") == 1 ? 0 : -1;
}

int
start_child(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid == -1 || waitpid(pid, &status, 0) == -1 || status != 0 ? -1 :
									    0;
}

int
ask_own_process(void)
{
	return kill(getpid(), 0);
}

static const struct attack *
find(const char *name)
{
	static const struct attack *const all[] = {attacks_on_artifacts,
	    attacks_on_calls, attacks_on_files, attacks_on_host,
	    attacks_on_limits, attacks_on_network, attacks_on_processes,
	    attacks_that_outlive};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct attack *at = all[i]; at->name != NULL; at++)
			if (strcmp(at->name, name) == 0)
				return at;
	errx(2, "no attack '%s'", name);
}

/* In a child, because a sandbox may answer by killing it. */
static int
run(const struct attack *attack)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(BROKEN, "cannot fork");
	if (pid == 0)
		exit((int)attack->run());
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(BROKEN, "cannot wait");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("SIG%s\n", sigabbrev_np(WTERMSIG(status)));
	return WTERMSIG(status) == SIGSYS ? CONTAINED : BROKEN;
}

static int
check_and_run(const char *name)
{
	const struct attack *attack = find(name);

	if (attack->neighbour() == -1) {
		printf("the neighbour fails: %s\n", strerrorname_np(errno));
		return BROKEN;
	}
	return run(attack);
}

/* What it says is kept back until its status is known. */
static void
run_apart(const char *name)
{
	char word[200] = "";
	int ends[2], status = -1;

	if (pipe(ends) == -1)
		err(BROKEN, "cannot make a pipe");
	pid_t pid = fork();
	if (pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		exit(check_and_run(name));
	}
	(void)close(ends[1]);
	ssize_t n = read(ends[0], word, sizeof word - 1);
	(void)close(ends[0]);
	(void)waitpid(pid, &status, 0);
	word[n > 0 ? n - 1 : 0] = '\0';
	printf("%d %s %s\n", WIFEXITED(status) ? WEXITSTATUS(status) : BROKEN,
	    name, word);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		errx(2, "usage: attack name ...");
	umask(0);
	if (argc == 2)
		return check_and_run(argv[1]);
	for (int i = 1; i < argc; i++)
		run_apart(argv[i]);
	return 0;
}
