/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bin/cc-unpack/unpack.c on any archive: it ends, refuses with a rule or unpacks, and
 * makes nothing but directories and regular files below its root. The first
 * byte says how the rest is treated: odd, and each block of it gets a
 * checksum that fits, without which hardly an archive would be read.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/remove_tree.h"
#include "cc-unpack/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 512, CHECKSUM = 148, CHECKSUM_LENGTH = 8 };

static void
must(int holds)
{
	if (!holds)
		abort();
}

static int
go_on(void *context, int fd)
{
	(void)context;
	(void)fd;
	return 0;
}

static void
fix_checksums(uint8_t *data, size_t size)
{
	for (; size >= BLOCK; data += BLOCK, size -= BLOCK) {
		unsigned sum = 0, all = 0;
		char text[CHECKSUM_LENGTH + 1];
		for (size_t i = 0; i < BLOCK; i++)
			all |= data[i];
		if (all == 0)
			continue;
		memset(data + CHECKSUM, ' ', CHECKSUM_LENGTH);
		for (size_t i = 0; i < BLOCK; i++)
			sum += data[i];
		snprintf(text, sizeof text, "%06o", sum);
		memcpy(data + CHECKSUM, text, CHECKSUM_LENGTH - 1);
	}
}

static int
check_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)path;
	(void)type;
	(void)where;
	must(S_ISDIR(st->st_mode) || S_ISREG(st->st_mode));
	must((st->st_mode & 07777 & ~0755u) == 0 && st->st_nlink > 0);
	return 0;
}

static int
open_input(const uint8_t *data, size_t size, int fix)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);
	uint8_t *copy = malloc(size + 1);

	if (fd == -1 || copy == NULL)
		err(1, "cannot begin");
	memcpy(copy, data, size);
	if (fix)
		fix_checksums(copy, size);
	if (write_all(fd, copy, size) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		err(1, "cannot write");
	free(copy);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unpack *unpack = calloc(1, sizeof *unpack);

	if (size == 0 || unpack == NULL) {
		free(unpack);
		return 0;
	}
	if (mkdir("root", 0755) == -1)
		err(1, "cannot make 'root'");
	unpack->stream.fd = open_input(data + 1, size - 1, data[0] & 1);
	unpack->stream.limits = (struct archive_limits){1 << 20, 1 << 20, 50};
	unpack->stream.wait = go_on;
	unpack->paths = (struct entry_limits){1024, 8};
	unpack->entries_max = 20;
	unpack->tree.root = open_directory("root");
	if (unpack_archive(unpack) == 0)
		must(unpack->entries > 0 && unpack->refusal.rule[0] == '\0');
	else
		must(errno == EBADMSG && unpack->refusal.rule[0] != '\0');
	(void)close(unpack->stream.fd);
	(void)close(unpack->tree.root);
	free(unpack);
	must(nftw("root", check_file, 8, FTW_PHYS) == 0);
	must(remove_tree_at(AT_FDCWD, "root") == 0);
	return 0;
}
