/* SPDX-License-Identifier: Apache-2.0 */

#include "statements.h"

const char statement_artifact[] =
#include "sql/artifact.inc"
    ;

const char statement_audit_insert[] =
#include "sql/audit_insert.inc"
    ;

const char statement_audit_lost[] =
#include "sql/audit_lost.inc"
    ;

const char statement_check[] =
#include "sql/check.inc"
    ;

const char statement_claim[] =
#include "sql/claim.inc"
    ;

const char statement_fetch[] =
#include "sql/fetch.inc"
    ;

const char statement_finish[] =
#include "sql/finish.inc"
    ;

const char statement_heartbeat[] =
#include "sql/heartbeat.inc"
    ;

const char statement_leave[] =
#include "sql/leave.inc"
    ;

const char statement_reclaim[] =
#include "sql/reclaim.inc"
    ;

const char statement_release[] =
#include "sql/release.inc"
    ;

const char statement_status[] =
#include "sql/status.inc"
    ;

const char statement_status_totals[] =
#include "sql/status_totals.inc"
    ;

const char statement_submit[] =
#include "sql/submit.inc"
    ;

const char statement_sweep[] =
#include "sql/sweep.inc"
    ;

const char statement_sweep_list[] =
#include "sql/sweep_list.inc"
    ;

const char statement_sweep_superseded[] =
#include "sql/sweep_superseded.inc"
    ;

const char statement_wait[] =
#include "sql/wait.inc"
    ;

const char statement_wake_ups[] =
#include "sql/wake_ups.inc"
    ;
