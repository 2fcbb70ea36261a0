/* SPDX-License-Identifier: Apache-2.0 */
/* call LIBRARY TEXT: loads a built package and prints what it answers. */
#include <dlfcn.h>
#include <err.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	if (argc != 3)
		errx(100, "usage: call library text");
	void *library = dlopen(argv[1], RTLD_NOW);
	if (library == NULL)
		errx(1, "%s", dlerror());
	/* The cast by way of a union of pointers is what POSIX asks for. */
	char *(*answer)(const char *);
	*(void **)&answer = dlsym(library, "answer");
	if (answer == NULL)
		errx(1, "%s", dlerror());
	const char *text = answer(argv[2]);
	puts(text != NULL ? text : "(null)");
	return text == NULL;
}
