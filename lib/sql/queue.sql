-- SPDX-License-Identifier: Apache-2.0
-- The queue's two tables, for an installation without the service that owns
-- them elsewhere; tables that exist are left as they are.
--   psql -f queue.sql [-v schema=NAME]
-- PostgreSQL 14 or newer. Apply compiler.sql next.

\set ON_ERROR_STOP on
\if :{?schema}
\else
	\set schema public
\endif

BEGIN;
SET LOCAL client_min_messages = warning;

CREATE SCHEMA IF NOT EXISTS :"schema";

CREATE TABLE IF NOT EXISTS :"schema".workflow_registry (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	created_at timestamp NOT NULL
	    DEFAULT (now() AT TIME ZONE 'UTC'),
	data bytea NOT NULL -- the archive
);

-- Times are UTC. registry_id has no foreign key: for storage_type
-- 'filesystem' it names a file.
CREATE TABLE IF NOT EXISTS :"schema".workflow_packages (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	registry_id uuid NOT NULL,
	package_name varchar(255) NOT NULL,
	version varchar(100) NOT NULL,
	description text,
	author varchar(255),
	metadata text NOT NULL DEFAULT '{}',
	created_at timestamp NOT NULL
	    DEFAULT (now() AT TIME ZONE 'UTC'),
	updated_at timestamp NOT NULL
	    DEFAULT (now() AT TIME ZONE 'UTC'),
	storage_type varchar(20) NOT NULL DEFAULT 'database',
	tenant_id text,
	content_hash text NOT NULL DEFAULT '',
	superseded boolean NOT NULL DEFAULT false,
	compiled_data bytea, -- the artifact
	build_status text NOT NULL DEFAULT 'pending',
	build_error text,
	build_claimed_at timestamp, -- the claim, then each heartbeat
	compiled_at timestamp,
	paused boolean NOT NULL DEFAULT false, -- executions, not builds
	paused_at timestamp,
	UNIQUE (package_name, version)
);

CREATE UNIQUE INDEX IF NOT EXISTS workflow_packages_current
	ON :"schema".workflow_packages (package_name) WHERE NOT superseded;
CREATE INDEX IF NOT EXISTS workflow_packages_build
	ON :"schema".workflow_packages (build_status, build_claimed_at)
	WHERE build_status IN ('pending', 'building') AND NOT superseded;
CREATE INDEX IF NOT EXISTS workflow_packages_created_at
	ON :"schema".workflow_packages (created_at);
CREATE INDEX IF NOT EXISTS workflow_packages_content_hash
	ON :"schema".workflow_packages (content_hash)
	WHERE build_status = 'success' AND compiled_data IS NOT NULL;
CREATE INDEX IF NOT EXISTS workflow_packages_package_name
	ON :"schema".workflow_packages (package_name);
CREATE INDEX IF NOT EXISTS workflow_packages_version
	ON :"schema".workflow_packages (version);
CREATE INDEX IF NOT EXISTS workflow_packages_registry_id
	ON :"schema".workflow_packages (registry_id);
CREATE INDEX IF NOT EXISTS workflow_packages_storage_type
	ON :"schema".workflow_packages (storage_type);

COMMIT;
