/* SPDX-License-Identifier: Apache-2.0 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "outcome_step.h"
#include "reason.h"

int
step_decide(struct verdict *verdict, enum outcome outcome, char *reason)
{
	verdict->outcome = outcome;
	verdict->reason = reason;
	return reason == NULL && outcome != OUTCOME_SUCCESS ? STEP_FAILED :
							      DECIDED;
}

int
step_error(struct verdict *verdict, const char *reason)
{
	return step_decide(
	    verdict, OUTCOME_INTERNAL_ERROR, reason_format("%s", reason));
}

int
step_damaged(struct verdict *verdict, const char *file)
{
	return step_decide(verdict, OUTCOME_INTERNAL_ERROR,
	    reason_format("%s is damaged", file));
}

void
step_note_signal(struct verdict *verdict, const char *name)
{
	if (name != NULL && strncmp(name, "SIG", 3) == 0 &&
	    strlen(name) < SIGNAL_NAME)
		snprintf(verdict->exit_signal, SIGNAL_NAME, "%s", name);
}

void
step_note_status(struct verdict *verdict, json_int_t status)
{
	if (status >= 0 && status <= UINT8_MAX)
		verdict->exit_status = (int)status;
}
