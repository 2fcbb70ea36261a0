-- SPDX-License-Identifier: Apache-2.0
-- Notes every change of a row of the queue, for the fault suite to judge.

CREATE TABLE :"schema".witness (
	n bigserial PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	id uuid NOT NULL,
	was text NOT NULL,
	status text NOT NULL,
	changed_data boolean NOT NULL
);
CREATE FUNCTION :"schema".witness() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
	EXECUTE format('INSERT INTO %I.witness (id, was, status, changed_data)
	    VALUES ($1, $2, $3, $4)', TG_TABLE_SCHEMA)
	    USING NEW.id, OLD.build_status, NEW.build_status,
	    NEW.compiled_data IS DISTINCT FROM OLD.compiled_data;
	RETURN NULL;
END $$;
CREATE TRIGGER witness AFTER UPDATE ON :"schema".workflow_packages
	FOR EACH ROW EXECUTE FUNCTION :"schema".witness();
