/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "outcome_step.h"
#include "reason.h"

int
step_decide(const struct build *build, enum outcome outcome, char *reason)
{
	build->verdict->outcome = outcome;
	build->verdict->reason = reason;
	return reason == NULL && outcome != OUTCOME_SUCCESS ? STEP_FAILED :
							      DECIDED;
}

int
step_error(const struct build *build, const char *reason)
{
	return step_decide(
	    build, OUTCOME_INTERNAL_ERROR, reason_format("%s", reason));
}

int
step_load(const struct build *build, const char *name, json_t **object)
{
	*object = json_load_at(build->directory, name);
	if (*object == NULL && errno == ENOENT)
		return NOT_DECIDED;
	if (*object == NULL && errno == ENOMEM)
		return STEP_FAILED;
	if (*object != NULL && json_number(*object, "version", 0) == 1)
		return NOT_DECIDED;
	json_decref(*object);
	*object = NULL;
	return step_decide(build, OUTCOME_INTERNAL_ERROR,
	    reason_format("%s is damaged", name));
}

void
step_note_signal(const struct build *build, const char *name)
{
	if (name != NULL && strncmp(name, "SIG", 3) == 0 &&
	    strlen(name) < SIGNAL_NAME)
		snprintf(build->verdict->exit_signal, SIGNAL_NAME, "%s", name);
}

void
step_note_status(const struct build *build, json_int_t status)
{
	if (status >= 0 && status <= UINT8_MAX)
		build->verdict->exit_status = (int)status;
}
