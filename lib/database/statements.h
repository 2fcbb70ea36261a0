/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of lib/sql/X.sql as statement_X. Each file's first lines say what
 * its parameters are and what it answers; database_statement() puts the
 * schema in.
 */
#ifndef STATEMENTS_H
#define STATEMENTS_H

extern const char statement_artifact[];
extern const char statement_audit_insert[];
extern const char statement_audit_lost[];
extern const char statement_check[];
extern const char statement_claim[];
extern const char statement_fetch[];
extern const char statement_finish[];
extern const char statement_heartbeat[];
extern const char statement_leave[];
extern const char statement_reclaim[];
extern const char statement_release[];
extern const char statement_status[];
extern const char statement_status_totals[];
extern const char statement_submit[];
extern const char statement_sweep[];
extern const char statement_sweep_list[];
extern const char statement_sweep_superseded[];
extern const char statement_wait[];
extern const char statement_wake_ups[];

#endif
