/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "refusal.h"

int
refuse(struct refusal *refusal, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(refusal->rule, sizeof refusal->rule, format, arguments);
	va_end(arguments);
	errno = EBADMSG;
	return -1;
}
