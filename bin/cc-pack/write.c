/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/files.h"
#include "write.h"

static int
write_open_file(struct tar_writer *writer, const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if (S_ISREG(st.st_mode))
		return tar_writer_file(writer, path, fd, (uint64_t)st.st_size,
		    (st.st_mode & S_IXUSR) != 0);
	errno = EAGAIN; /* it was a file when it was listed */
	return -1;
}

static int
write_file(struct tar_writer *writer, const struct tree *tree,
    const struct tree_entry *entry, const char *path)
{
	int fd = tree_open(tree, entry->path);

	if (fd == -1)
		return -1;
	int result = write_open_file(writer, path, fd);
	close_keeping_errno(fd);
	return result;
}

static int
write_entry(struct tar_writer *writer, const struct tree *tree,
    const struct tree_entry *entry, const char *top)
{
	char *path;

	if (asprintf(&path, "%s/%s", top, entry->path) == -1)
		return -1;
	int result = S_ISDIR(entry->st.st_mode) ?
	    tar_writer_directory(writer, path) :
	    write_file(writer, tree, entry, path);
	free(path);
	return result;
}

static int
write_all_entries(struct tar_writer *writer, const struct tree *tree,
    const char *top, const char **entry)
{
	if (tar_writer_directory(writer, top) == -1)
		return -1;
	for (size_t i = 0; i < tree->count; i++) {
		*entry = tree->entries[i].path;
		if (write_entry(writer, tree, &tree->entries[i], top) == -1)
			return -1;
	}
	return tar_writer_close(writer);
}

int
pack_write(struct tar_writer *writer, const struct tree *tree, const char *top,
    const char **entry)
{
	*entry = top;
	if (write_all_entries(writer, tree, top, entry) == 0)
		return 0;
	tar_writer_abandon(writer);
	return -1;
}
