/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"
#include "name_set.h"

struct name {
	char folded[SHA256_TEXT]; /* of the name in lower case: the key */
	char exact[SHA256_TEXT];
	enum name_kind kind;
};

static int
compare(const void *a, const void *b)
{
	const struct name *left = a, *right = b;

	return strcmp(left->folded, right->folded);
}

static int
digest(struct name *name, const char *text, size_t length)
{
	char *folded = malloc(length);

	if (folded == NULL)
		return -1;
	for (size_t i = 0; i < length; i++)
		folded[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ?
			text[i] - 'A' + 'a' :
			text[i]);
	int result = sha256_bytes(folded, length, name->folded) == -1 ||
		sha256_bytes(text, length, name->exact) == -1 ?
	    -1 :
	    0;
	free(folded);
	return result;
}

enum name_answer
name_set_add(struct name_set *set, const char *name, size_t length,
    enum name_kind **kind)
{
	struct name *new = calloc(1, sizeof *new);
	struct name **node;

	if (new == NULL || digest(new, name, length) == -1 ||
	    (node = tsearch(new, &set->root, compare)) == NULL) {
		free(new);
		errno = ENOMEM;
		return NAME_FAILED;
	}
	struct name *there = *node;
	if (there == new) {
		*kind = &new->kind;
		return NAME_IS_NEW;
	}
	int differs = strcmp(there->exact, new->exact);
	free(new);
	if (differs != 0)
		return NAME_CLASHES;
	*kind = &there->kind;
	return NAME_IS_KNOWN;
}

int
name_set_refuse(struct refusal *refusal, const char *name, size_t length)
{
	char shown[128];

	return refuse(refusal,
	    "'%s' differs in case only from an earlier path: rename one of "
	    "the two, some file systems hold only one of them",
	    text_visible(name, length, shown, sizeof shown));
}

void
name_set_free(struct name_set *set)
{
	tdestroy(set->root, free);
	*set = (struct name_set){0};
}
