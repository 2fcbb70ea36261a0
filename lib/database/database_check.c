/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "database.h"
#include "statements.h"

const char *
database_problem(
    const PGconn *connection, const PGresult *checked, char *text, size_t size)
{
	*text = '\0';
	if (!database_is_utf8(connection)) {
		(void)database_encoding_error(connection, text, size);
	} else if (PQntuples(checked) > 0) {
		const char *problem = PQgetvalue(checked, 0, 0);
		(void)text_visible(problem, strlen(problem), text, size);
	}
	return text;
}

int
database_check(struct database *d)
{
	char *prefix = database_statement(":schema.", d->schema);
	const struct database_parameter parameters[] = {
	    {.value = prefix}, {.value = "false"}};

	if (prefix == NULL) {
		snprintf(d->error, sizeof d->error, "no memory");
		return -1;
	}
	PGresult *checked = database_ask(d, statement_check, 2, parameters);
	free(prefix);
	if (checked == NULL)
		return -1;
	d->passes = false;
	(void)database_problem(
	    d->connection, checked, d->error, sizeof d->error);
	PQclear(checked);
	return d->error[0] == '\0' ? 0 : -1;
}
