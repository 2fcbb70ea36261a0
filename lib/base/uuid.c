/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "uuid.h"

int
uuid_is_valid(const char *text)
{
	for (int i = 0; i < UUID_TEXT - 1; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return 0;
		} else if (text[i] == '\0' ||
		    strchr("0123456789abcdef", text[i]) == NULL) {
			return 0;
		}
	}
	return text[UUID_TEXT - 1] == '\0';
}

int
uuid_new(char text[UUID_TEXT])
{
	unsigned char b[16];

	if (getrandom(b, sizeof b, 0) != sizeof b)
		return -1;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4 */
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* RFC 9562 variant */
	snprintf(text, UUID_TEXT,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
	return 0;
}
