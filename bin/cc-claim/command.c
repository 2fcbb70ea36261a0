/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "command.h"
#include "process/signals.h"

static int
is_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1 ||
	    faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
		return -1;
	if (S_ISREG(st.st_mode))
		return 0;
	errno = EACCES;
	return -1;
}

/* The next directory of PATH with the name appended; 0 when none is left. */
static int
next_candidate(
    const char **path, const char *name, char *candidate, size_t size)
{
	if (*path == NULL)
		return 0;
	int length = (int)strcspn(*path, ":");
	int n = snprintf(candidate, size, "%.*s%s%s", length, *path,
	    length > 0 ? "/" : "./", name);
	*path = (*path)[length] == ':' ? *path + length + 1 : NULL;
	if (n < 0 || (size_t)n >= size)
		*candidate = '\0';
	return 1;
}

int
command_find(const char *name)
{
	const char *path = getenv("PATH");
	char candidate[4096];
	int denied = 0;

	if (strchr(name, '/') != NULL)
		return is_program(name);
	if (path == NULL)
		path = "/bin:/usr/bin"; /* as execvp(3) */
	while (next_candidate(&path, name, candidate, sizeof candidate)) {
		if (is_program(candidate) == 0)
			return 0;
		denied |= errno == EACCES;
	}
	errno = denied ? EACCES : ENOENT;
	return -1;
}

/* Returns only when it failed. */
static void
become(char *const argv[], pid_t parent, bool is_quiet)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return;
	/* A parent that died before the line above sends nothing any more. */
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null == -1 || dup2(null, STDIN_FILENO) == -1)
		return;
	if (is_quiet && dup2(null, STDOUT_FILENO) == -1)
		return;
	signals_reset();
	execvp(argv[0], argv);
}

pid_t
command_start(char *const argv[], bool is_quiet)
{
	int pipe[2], error = 0;
	pid_t parent = getpid();

	/* Close-on-exec: end of file says that exec has succeeded. */
	if (pipe2(pipe, O_CLOEXEC) == -1)
		return -1;
	pid_t child = fork();
	if (child == 0) {
		become(argv, parent, is_quiet);
		error = errno;
		(void)write_all(pipe[1], &error, sizeof error);
		_exit(EXIT_FAILURE);
	}
	if (child == -1)
		error = errno;
	(void)close(pipe[1]);
	if (child != -1 && read_full(pipe[0], &error, sizeof error) > 0)
		(void)waitpid(child, NULL, 0);
	(void)close(pipe[0]);
	if (error == 0)
		return child;
	errno = error;
	return -1;
}
