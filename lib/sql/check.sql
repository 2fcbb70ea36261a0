-- SPDX-License-Identifier: Apache-2.0
-- $1 the schema as an identifier and a dot, or '', $2 whether for a worker:
-- the first thing that an operator has to change before this role sees the
-- queue and, a worker, can do all of its work. No row: nothing.
WITH wanted (name, privilege, columns) AS (VALUES
	('workflow_packages', 'SELECT', ARRAY['id', 'registry_id',
	    'package_name', 'version', 'storage_type', 'created_at',
	    'superseded', 'build_status', 'build_claimed_at']),
	('workflow_packages', 'UPDATE', ARRAY['build_status',
	    'build_claimed_at', 'build_error', 'compiled_data', 'compiled_at']),
	('workflow_registry', 'SELECT', ARRAY['id', 'data']),
	('build_claims', 'SELECT', ARRAY['package_id', 'claim_token']),
	('build_claims', 'INSERT', ARRAY['package_id', 'claim_token']),
	('build_claims', 'UPDATE', ARRAY['claim_token', 'claimed_at',
	    'ended_as', 'give_backs']),
	('build_control', 'SELECT', ARRAY['paused']),
	('build_audit', 'SELECT', ARRAY['claim_token', 'event_type']),
	('build_audit', 'INSERT', ARRAY['claim_token', 'event', 'finish_due']),
	('build_audit', 'UPDATE', ARRAY['finish_due'])
), ours AS (
	SELECT ($1::text || name)::regclass AS id, name, privilege, columns
	FROM wanted
	WHERE $2::boolean OR name = 'workflow_packages' AND privilege = 'SELECT'
)
-- A policy that shows some of the rows is an operator's decision; where there
-- is none, nothing is shown and nobody says why.
SELECT format('row level security hides all of %s from role "%s": want a policy '
    'for %s, or BYPASSRLS', name, current_user, privilege) AS problem
FROM ours
WHERE row_security_active(id) AND NOT EXISTS (SELECT
	FROM pg_policy
	WHERE polrelid = ours.id AND polpermissive
	  AND polcmd IN ('*', CASE privilege WHEN 'SELECT' THEN 'r'
	      WHEN 'INSERT' THEN 'a' ELSE 'w' END)
	  AND EXISTS (SELECT FROM unnest(polroles) role
	      WHERE role = 0 OR pg_has_role(role, 'USAGE')))
UNION ALL
SELECT format('role "%s" lacks %s (%s) of %s: apply compiler.sql', current_user,
    privilege, missing, name)
FROM ours, unnest(columns) missing
WHERE $2::boolean AND NOT has_column_privilege(id, missing, privilege)
UNION ALL
-- cc-claim keeps one, each program of the chain has one for a while.
SELECT format('role "%s" may have %s connection at a time: a worker needs 2, '
    'see CONNECTION LIMIT', current_user, rolconnlimit)
FROM pg_roles
WHERE $2::boolean AND rolname = session_user AND NOT rolsuper
  AND rolconnlimit IN (0, 1)
UNION ALL
SELECT format('statement_timeout is %s ms for role "%s": want 0, or 10 s at '
    'least', reset_val, current_user)
FROM pg_settings
WHERE $2::boolean AND name = 'statement_timeout'
  AND reset_val::bigint BETWEEN 1 AND 9999
LIMIT 1;
