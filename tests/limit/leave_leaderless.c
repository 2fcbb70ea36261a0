/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leave_leaderless FILE: leaves a daemon whose first thread has ended, which
 * /proc calls a zombie, while another goes on. FILE appears when it is so.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *file;

static int
is_zombie(void)
{
	char text[200] = "";
	int fd = open("/proc/self/stat", O_RDONLY);

	(void)!read(fd, text, sizeof text - 1);
	(void)close(fd);
	return strstr(text, ") Z ") != NULL;
}

static void *
go_on(void *unused)
{
	while (!is_zombie())
		(void)usleep(1000);
	(void)close(open(file, O_CREAT | O_WRONLY, 0600));
	(void)sleep(60);
	return unused;
}

int
main(int argc, char **argv)
{
	pthread_t thread;

	file = argv[argc - 1];
	if (fork() == 0) {
		(void)setsid();
		(void)pthread_create(&thread, NULL, go_on, NULL);
		pthread_exit(NULL);
	}
	while (access(file, F_OK) == -1)
		(void)usleep(1000);
	return 7;
}
