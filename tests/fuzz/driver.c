/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver RUNS SEED-FILE...: gives LLVMFuzzerTestOneInput mutated seeds, the
 * same ones each time. For a bounded test where libFuzzer is not at hand;
 * with it, leave this file out: clang -fsanitize=fuzzer,address ...
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 16, SEEDS_MAX = 64, MUTATIONS_MAX = 8 };

struct input {
	uint8_t data[INPUT_MAX];
	size_t size;
};

/* xorshift64: no quality needed but that it repeats. */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t
below(uint64_t *state, size_t limit)
{
	return limit == 0 ? 0 : (size_t)(next_random(state) % limit);
}

/* Puts n bytes at a place, moving what is behind it; as far as they fit. */
static void
insert(struct input *input, size_t at, const uint8_t *bytes, size_t n)
{
	if (input->size + n > INPUT_MAX)
		n = INPUT_MAX - input->size;
	memmove(input->data + at + n, input->data + at, input->size - at);
	memmove(input->data + at, bytes, n);
	input->size += n;
}

static void delete (struct input *input, size_t at, size_t n)
{
	if (n > input->size - at)
		n = input->size - at;
	memmove(input->data + at, input->data + at + n, input->size - at - n);
	input->size -= n;
}

static void
mutate(struct input *input, const struct input *other, uint64_t *state)
{
	static const char bytes[] = "\0\n\r\t \"'\\[]{}=.,#/-+_:0123456789"
				    "abexuUZT\x7f\x80\xff\xc3\xe2\xf0";
	uint8_t copy[64];
	size_t at = below(state, input->size + 1);
	size_t n = below(state, sizeof copy) + 1;
	uint8_t byte = (uint8_t)bytes[below(state, sizeof bytes - 1)];

	switch (below(state, 6)) {
	case 0:
		if (at < input->size)
			input->data[at] ^= (uint8_t)(1 << below(state, 8));
		break;
	case 1:
		if (at < input->size)
			input->data[at] = byte;
		break;
	case 2:
		insert(input, at, &byte, 1);
		break;
	case 3:
		delete (input, at, below(state, 4) == 0 ? n : 1);
		break;
	default:
		if (other->size < n)
			break;
		memcpy(
		    copy, other->data + below(state, other->size - n + 1), n);
		insert(input, at, copy, n);
	}
}

static void
read_seed(struct input *seed, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read_full(fd, seed->data, INPUT_MAX);

	if (n == -1)
		err(1, "cannot read '%s'", path);
	(void)close(fd);
	seed->size = (size_t)n;
}

/* An input of exactly its size, so that a byte too many is seen. */
static void
try(const struct input *input)
{
	uint8_t *data = malloc(input->size + (input->size == 0));

	if (data == NULL)
		err(1, "cannot begin");
	memcpy(data, input->data, input->size);
	(void)LLVMFuzzerTestOneInput(data, input->size);
	free(data);
}

int
main(int argc, char **argv)
{
	uint64_t state = 0x9e3779b97f4a7c15;
	size_t count = argc > 2 ? (size_t)argc - 2 : 0;
	struct input *seeds = calloc(SEEDS_MAX + 1, sizeof *seeds);

	if (count == 0 || count > SEEDS_MAX || seeds == NULL)
		return 2;
	for (size_t i = 0; i < count; i++) {
		read_seed(&seeds[i], argv[i + 2]);
		try(&seeds[i]);
	}
	struct input *input = &seeds[count];
	for (long runs = atol(argv[1]); runs > 0; runs--) {
		*input = seeds[below(&state, count)];
		for (size_t n = below(&state, MUTATIONS_MAX) + 1; n > 0; n--)
			mutate(input, &seeds[below(&state, count)], &state);
		try(input);
	}
	free(seeds);
	return 0;
}
