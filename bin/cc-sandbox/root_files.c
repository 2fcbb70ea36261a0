/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/files.h"
#include "root_files.h"

/* A literal with its length, because one of them has NULs inside. */
#define TEXT(literal) literal, sizeof(literal) - 1

/* A header of version 2 whose only type is the one that follows. */
#define TZIF                                                                  \
	"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\0\0\0\1\0\0\0\4"                                                    \
	"\0\0\0\0\0\0UTC\0"

struct file {
	const char *path;
	const char *content;
	size_t length;
};

/* Files from outside belong to nobody; names are looked for nowhere else. */
static const struct file own[] = {
    {"/etc/passwd",
	TEXT("root:x:0:0:root:/root:/usr/sbin/nologin\n"
	     "build:x:1000:1000:build:/tmp:/usr/sbin/nologin\n"
	     "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n")},
    {"/etc/group", TEXT("root:x:0:\nbuild:x:1000:\nnogroup:x:65534:\n")},
    {"/etc/hosts", TEXT("127.0.0.1 localhost build\n::1 localhost\n")},
    {"/etc/nsswitch.conf", TEXT("passwd: files\ngroup: files\nhosts: files\n")},
    {"/etc/resolv.conf", TEXT("# no name server is in reach\n")},
    {"/etc/localtime", TEXT(TZIF TZIF "\nUTC0\n")},
    {"/etc/timezone", TEXT("Etc/UTC\n")},
    {"/etc/ssl/openssl.cnf",
	TEXT("[req]\ndistinguished_name = name\nx509_extensions = v3_ca\n"
	     "[name]\n[v3_ca]\nsubjectKeyIdentifier = hash\n"
	     "authorityKeyIdentifier = keyid:always,issuer\n"
	     "basicConstraints = critical,CA:true\n")},
};

/* The host's where it is there: a file, or the directory it is in. */
static const struct {
	const char *path;
	struct file instead;
} public[] = {
    {"/etc/os-release", {"/etc/os-release", TEXT("NAME=Linux\nID=linux\n")}},
    {"/etc/mime.types",
	{"/etc/mime.types",
	    TEXT("application/json json\ntext/css css\ntext/html html htm\n"
		 "text/javascript js mjs\ntext/plain txt\n")}},
    {"/etc/fonts",
	{"/etc/fonts/fonts.conf",
	    TEXT("<?xml version=\"1.0\"?>\n<fontconfig>"
		 "<dir>/usr/share/fonts</dir>"
		 "<cachedir>/tmp/fontconfig</cachedir></fontconfig>\n")}},
};

int
root_add_file(struct sandbox_process *process, const char *path,
    const char *content, size_t length)
{
	int fd = memfd_create(path, MFD_CLOEXEC);

	if (fd == -1)
		return -1;
	process->passed[process->passed_count++] = fd;
	if (write_all(fd, content, length) == -1 ||
	    lseek(fd, 0, SEEK_SET) == -1)
		return -1;
	arguments_add_all(
	    &process->arguments, "--perms", "0644", "--file", NULL);
	arguments_print(&process->arguments, "%d", fd);
	arguments_add(&process->arguments, path);
	return 0;
}

static int
add(struct sandbox_process *process, const struct file *file)
{
	return root_add_file(process, file->path, file->content, file->length);
}

int
root_add_files(struct sandbox_process *process)
{
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (add(process, &own[i]) == -1)
			return -1;
	arguments_add_all(&process->arguments, "--dir", "/etc/ssl/certs", NULL);
	for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
		const char *path = public[i].path;
		if (access(path, R_OK) == 0)
			arguments_add_all(
			    &process->arguments, "--ro-bind", path, path, NULL);
		else if (add(process, &public[i].instead) == -1)
			return -1;
	}
	return 0;
}
