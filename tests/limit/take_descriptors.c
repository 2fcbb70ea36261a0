/* SPDX-License-Identifier: Apache-2.0 */
/* take_descriptors: how many descriptors can be open at once, and why. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int
main(void)
{
	int last = 2, fd;

	while ((fd = open("/dev/null", O_RDONLY)) != -1)
		last = fd;
	printf("%d: %s\n", last + 1, strerror(errno));
	return 0;
}
