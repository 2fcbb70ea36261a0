/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "files.h"
#include "sha256.h"

static void
to_text(const unsigned char *digest, char text[SHA256_TEXT])
{
	for (int i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

int
sha256_bytes(const void *data, size_t length, char text[SHA256_TEXT])
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) != 1) {
		errno = ENOMEM;
		return -1;
	}
	to_text(digest, text);
	return 0;
}

/* 1 done, 0 libcrypto refused (memory), -1 reading failed. */
static int
digest_file(EVP_MD_CTX *context, int fd, unsigned char *digest)
{
	char block[1 << 16];
	ssize_t n;

	if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return 0;
	while ((n = read_full(fd, block, sizeof block)) > 0)
		if (EVP_DigestUpdate(context, block, (size_t)n) != 1)
			return 0;
	if (n == -1)
		return -1;
	return EVP_DigestFinal_ex(context, digest, NULL) == 1 ? 1 : 0;
}

int
sha256_file(int fd, char text[SHA256_TEXT])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int result = context == NULL ? 0 : digest_file(context, fd, digest);
	int saved = result == 0 ? ENOMEM : errno;

	EVP_MD_CTX_free(context);
	if (result != 1) {
		errno = saved;
		return -1;
	}
	to_text(digest, text);
	return 0;
}
