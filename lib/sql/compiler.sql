-- SPDX-License-Identifier: Apache-2.0
-- The suite's own objects beside the queue's tables: claims, control, audit
-- trail, one index, three triggers, three roles. May be applied again, by the
-- owner of the queue's tables; one without CREATEROLE needs roles that exist.
--   psql -f compiler.sql [-v schema=NAME]
-- PostgreSQL 14 or newer. With a schema nothing is made outside of it but
-- the roles, which all schemas share. The roles have no password.

\set ON_ERROR_STOP on
\if :{?schema}
\else
	\set schema public
\endif

\set SHOW_CONTEXT never
BEGIN;
SET LOCAL client_min_messages = warning;

-- Elsewhere a reason may not fit, and a name may be no text in UTF-8.
DO $$ BEGIN
	IF getdatabaseencoding() <> 'UTF8' THEN
		RAISE EXCEPTION 'the encoding of database "%" is %: want one '
		    'that is made with ENCODING ''UTF8''',
		    current_database(), getdatabaseencoding();
	END IF;
END $$;

-- The current or last claim of each package. No foreign key: it would add
-- triggers to workflow_packages.
CREATE TABLE IF NOT EXISTS :"schema".build_claims (
	package_id uuid PRIMARY KEY,
	claim_token uuid NOT NULL UNIQUE, -- chosen by the claimer
	compiler_instance_id uuid NOT NULL,
	attempts integer NOT NULL,
	-- How often it came back since the last verdict, counted or not.
	give_backs integer NOT NULL DEFAULT 0,
	-- build_claimed_at as this claim last wrote it: where the package says
	-- otherwise, somebody else has been there.
	claimed_at timestamp NOT NULL,
	first_claimed_at timestamp NOT NULL,
	not_before timestamp NOT NULL DEFAULT '-infinity',
	-- How the attempts since the last verdict ended, the newest at the end.
	history text[] NOT NULL DEFAULT '{}',
	ended_as text -- NULL: held
	    CHECK (ended_as IN ('success', 'failed', 'timeout_killed',
	        'released', 'swept', 'given_up'))
) WITH (fillfactor = 70);
-- For a table that was made before it had these columns.
ALTER TABLE :"schema".build_claims
	ADD COLUMN IF NOT EXISTS history text[] NOT NULL DEFAULT '{}',
	ADD COLUMN IF NOT EXISTS give_backs integer NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS build_claims_open
	ON :"schema".build_claims (package_id)
	WHERE ended_as IS NULL OR ended_as = 'timeout_killed';
-- What came back, as claim.sql looks for it.
CREATE INDEX IF NOT EXISTS build_claims_returned
	ON :"schema".build_claims (not_before)
	WHERE ended_as IN ('released', 'swept');

-- One row: whether anything may be claimed.
CREATE TABLE IF NOT EXISTS :"schema".build_control (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	paused boolean NOT NULL DEFAULT false,
	reason text
);
INSERT INTO :"schema".build_control DEFAULT VALUES ON CONFLICT DO NOTHING;

-- The audit trail. finish_due is of the started event alone: 'infinity'
-- until its build has finished, NULL afterwards; audit_lost.sql says what a
-- time means.
CREATE TABLE IF NOT EXISTS :"schema".build_audit (
	id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
	recorded_at timestamp NOT NULL
	    DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
	claim_token uuid, -- NULL: swept from a service that knows no tokens
	build_claim_id uuid NOT NULL,
	event_type text NOT NULL
	    CHECK (event_type IN ('compiler.build.started',
	        'compiler.build.finished', 'compiler.build.swept')),
	compiler_instance_id uuid,
	event jsonb NOT NULL,
	line_hash text CHECK (line_hash ~ '^[0-9a-f]{64}$'), -- of the log line
	finish_due timestamp,
	-- Of the event, where totals can be read without reading events.
	outcome text GENERATED ALWAYS AS (event ->> 'outcome') STORED,
	wall_clock_ms float8 GENERATED ALWAYS AS (CASE jsonb_typeof(
	    event -> 'wall_clock_ms') WHEN 'number'
	    THEN (event ->> 'wall_clock_ms')::float8 END) STORED,
	UNIQUE (claim_token, event_type)
);
CREATE INDEX IF NOT EXISTS build_audit_build
	ON :"schema".build_audit (build_claim_id);
CREATE INDEX IF NOT EXISTS build_audit_recorded_at
	ON :"schema".build_audit (recorded_at);
CREATE INDEX IF NOT EXISTS build_audit_totals
	ON :"schema".build_audit (event_type, outcome, recorded_at)
	INCLUDE (wall_clock_ms) WHERE event_type <> 'compiler.build.started';
CREATE INDEX IF NOT EXISTS build_audit_unfinished
	ON :"schema".build_audit (id) WHERE finish_due IS NOT NULL;

-- The claim's ORDER BY is this index. On a large live table make it
-- CONCURRENTLY, under this name, before this file is applied.
CREATE INDEX IF NOT EXISTS cloacina_build_pending
	ON :"schema".workflow_packages (created_at, id)
	WHERE build_status = 'pending' AND NOT superseded;

-- The payload is the schema: claimers of others need not wake.
CREATE OR REPLACE FUNCTION :"schema".cloacina_notify_pending()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
	PERFORM pg_notify('cloacina_build_pending', TG_TABLE_SCHEMA);
	RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER cloacina_pending_inserted
	AFTER INSERT ON :"schema".workflow_packages FOR EACH ROW
	WHEN (NEW.build_status = 'pending' AND NOT NEW.superseded)
	EXECUTE FUNCTION :"schema".cloacina_notify_pending();
CREATE OR REPLACE TRIGGER cloacina_pending_updated
	AFTER UPDATE OF build_status ON :"schema".workflow_packages FOR EACH ROW
	WHEN (NEW.build_status = 'pending' AND NOT NEW.superseded)
	EXECUTE FUNCTION :"schema".cloacina_notify_pending();

-- Whoever may update these columns by the grants below alone, and is not the
-- service that owns the queue, changes no build that has ended.
CREATE OR REPLACE FUNCTION :"schema".cloacina_keep_finished()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
	IF NOT has_table_privilege(TG_RELID, 'UPDATE') THEN
		RAISE EXCEPTION 'role "%" may not change a finished build',
		    current_user USING ERRCODE = '55000';
	END IF;
	RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER cloacina_finished_kept
	BEFORE UPDATE OF build_status, build_claimed_at, build_error,
	compiled_data, compiled_at
	ON :"schema".workflow_packages FOR EACH ROW
	WHEN (OLD.build_status NOT IN ('pending', 'building'))
	EXECUTE FUNCTION :"schema".cloacina_keep_finished();

DO $$
DECLARE
	missing text;
BEGIN
	FOR missing IN SELECT unnest(ARRAY['cloacina_compiler',
	    'cloacina_status', 'cloacina_submit']) EXCEPT
	    SELECT rolname FROM pg_roles LOOP
		BEGIN
			EXECUTE format('CREATE ROLE %I LOGIN', missing);
		EXCEPTION
		WHEN duplicate_object OR unique_violation THEN
			NULL; -- made by another session just now
		WHEN insufficient_privilege THEN
			RAISE EXCEPTION 'role "%" may not create roles: let '
			    'one that may say CREATE ROLE % LOGIN, then apply '
			    'this again', current_user, missing;
		END;
	END LOOP;
END $$;

GRANT USAGE ON SCHEMA :"schema"
	TO cloacina_compiler, cloacina_status, cloacina_submit;

-- cloacina_compiler: claims, fetches, completes, sweeps, adds to the trail.
-- It reads no artifact, and of the trail it may change finish_due alone: not
-- what happened, nor when. A grant for a whole table would allow LOCK TABLE,
-- which stops everybody.
GRANT SELECT ON :"schema".workflow_registry TO cloacina_compiler;
GRANT SELECT (id, registry_id, package_name, version, storage_type,
	created_at, superseded, build_status, build_claimed_at),
	UPDATE (build_status, build_claimed_at, build_error, compiled_data,
	compiled_at)
	ON :"schema".workflow_packages TO cloacina_compiler;
REVOKE INSERT, UPDATE ON :"schema".build_claims FROM cloacina_compiler;
GRANT SELECT, INSERT (package_id, claim_token, compiler_instance_id, attempts,
	give_backs, claimed_at, first_claimed_at, not_before, history, ended_as),
	UPDATE (claim_token, compiler_instance_id, attempts, give_backs,
	claimed_at, first_claimed_at, not_before, history, ended_as)
	ON :"schema".build_claims TO cloacina_compiler;
GRANT SELECT ON :"schema".build_control TO cloacina_compiler;
GRANT SELECT, INSERT (claim_token, build_claim_id, event_type,
	compiler_instance_id, event, line_hash, finish_due),
	UPDATE (finish_due)
	ON :"schema".build_audit TO cloacina_compiler;

-- cloacina_status: reads everything but archives and artifacts.
GRANT SELECT (id, registry_id, package_name, version, created_at, updated_at,
	storage_type, tenant_id, content_hash, superseded, build_status,
	build_error, build_claimed_at, compiled_at, paused, paused_at)
	ON :"schema".workflow_packages TO cloacina_status;
GRANT SELECT ON :"schema".build_claims, :"schema".build_control,
	:"schema".build_audit TO cloacina_status;

-- cloacina_submit: adds packages, supersedes older ones, sees their outcome
-- and takes their artifacts, but nobody's source. It sets no status and no
-- time, so nothing jumps the queue.
GRANT SELECT (id), INSERT (id, data)
	ON :"schema".workflow_registry TO cloacina_submit;
GRANT SELECT (id, registry_id, package_name, version, created_at,
	storage_type, tenant_id, content_hash, superseded, build_status,
	build_error, build_claimed_at, compiled_at, compiled_data),
	INSERT (id, registry_id, package_name, version, description, author,
	metadata, storage_type, tenant_id, content_hash),
	UPDATE (superseded, updated_at)
	ON :"schema".workflow_packages TO cloacina_submit;

COMMIT;
\set SHOW_CONTEXT errors
