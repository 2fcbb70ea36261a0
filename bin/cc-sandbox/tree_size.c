/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree_size.h"

int
tree_size(const char *path, uint64_t *bytes)
{
	char *copy = strdup(path), *const paths[] = {copy, NULL};
	FTS *tree = copy == NULL ?
	    NULL :
	    fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), total = 0;
	const FTSENT *entry;

	while (tree != NULL && (entry = fts_read(tree)) != NULL)
		if (entry->fts_info == FTS_F)
			total +=
			    ((uint64_t)entry->fts_statp->st_size + page - 1) /
			    page * page;
	int saved = errno;
	if (tree != NULL)
		(void)fts_close(tree);
	free(copy);
	errno = saved;
	if (tree == NULL || saved != 0)
		return -1;
	*bytes = total;
	return 0;
}
