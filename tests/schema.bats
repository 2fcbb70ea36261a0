# SPDX-License-Identifier: Apache-2.0
# lib/sql: what is created, what each role may do, which index serves what.

load helper
load fence/statements

with_database

setup() {
	cd "$BATS_TEST_TMPDIR"
	new_queue
}

apply() {
	psql -qX "${@:2}" -f "$sql_dir/$1"
}

# A database without anything of ours; PGDATABASE names it.
new_database() {
	PGDATABASE=postgres psql -qX -c "CREATE DATABASE $1"
	export PGDATABASE=$1
}

dump() {
	pg_dump "$@" | grep -v -e '^\\' -e '^--'
}

# may ROLE SQL: neither may nor may_not leaves anything behind.
may() {
	run psql -qXAt -v ON_ERROR_STOP=1 -U "$1" -c "BEGIN; $2; ROLLBACK"
	assert_success
}

may_not() {
	run psql -qXAt -v ON_ERROR_STOP=1 -U "$1" -c "BEGIN; $2; ROLLBACK"
	assert_failure 1
	assert_output --partial 'permission denied for'
}

package="INSERT INTO workflow_packages (registry_id, package_name, version)
    VALUES (gen_random_uuid(), 'p', '1')"

@test "the queue's tables have the columns of the service they stand in for" {
	run sql "SELECT column_name, udt_name, character_maximum_length,
	    is_nullable FROM information_schema.columns
	    WHERE table_name = 'workflow_packages' ORDER BY ordinal_position"
	assert_success
	assert_output - <<-'EOF'
	id|uuid||NO
	registry_id|uuid||NO
	package_name|varchar|255|NO
	version|varchar|100|NO
	description|text||YES
	author|varchar|255|YES
	metadata|text||NO
	created_at|timestamp||NO
	updated_at|timestamp||NO
	storage_type|varchar|20|NO
	tenant_id|text||YES
	content_hash|text||NO
	superseded|bool||NO
	compiled_data|bytea||YES
	build_status|text||NO
	build_error|text||YES
	build_claimed_at|timestamp||YES
	compiled_at|timestamp||YES
	paused|bool||NO
	paused_at|timestamp||YES
	EOF
	run sql "SELECT column_name, udt_name, is_nullable
	    FROM information_schema.columns
	    WHERE table_name = 'workflow_registry' ORDER BY ordinal_position"
	assert_output - <<-'EOF'
	id|uuid|NO
	created_at|timestamp|NO
	data|bytea|NO
	EOF
}

@test "a new package is pending, current and dated in UTC" {
	PGTZ=Asia/Tokyo sql "$package"
	run sql "SELECT build_status, superseded, storage_type, paused,
	    abs(extract(epoch FROM created_at - now() AT TIME ZONE 'UTC')) < 60
	    FROM workflow_packages"
	assert_output 'pending|f|database|f|t'
}

@test "one version of a package exists once, one of them is current" {
	sql "$package"
	run sql "$package"
	assert_failure
	assert_output --partial 'workflow_packages_package_name_version_key'
	run sql "${package/\'1\'/\'2\'}"
	assert_failure
	assert_output --partial 'workflow_packages_current'
	sql "UPDATE workflow_packages SET superseded = true"
	run sql "${package/\'1\'/\'2\'}"
	assert_success
}

@test "both files may be applied again and change nothing" {
	sql "UPDATE build_control SET paused = true, reason = 'kept'"
	dump >before
	run -0 psql -qX -f "$sql_dir/queue.sql" -f "$sql_dir/compiler.sql"
	refute_output
	dump >after
	run diff before after
	assert_success
}

@test "a table of an older release gets what it lacks, its claims stay" {
	sql "$package"
	execute claim "'$(uuid)', '$(uuid)', '-infinity'"
	sql 'ALTER TABLE build_claims DROP give_backs, DROP history;
	DROP INDEX build_claims_returned'
	run -0 psql -qX -f "$sql_dir/compiler.sql"
	refute_output
	run sql 'SELECT attempts, give_backs, history FROM build_claims'
	assert_output '1|0|{}'
	run sql "SELECT to_regclass('build_claims_returned')"
	assert_output build_claims_returned
}

@test "an application that fails leaves nothing" {
	new_database "empty$BATS_TEST_NUMBER"
	dump >before
	run -3 apply compiler.sql
	assert_output --partial 'relation "public.workflow_packages" does not exist'
	dump >after
	run diff before after
	assert_success
}

@test "a tenant schema gets everything, its neighbours nothing" {
	new_database "tenants$BATS_TEST_NUMBER"
	dump --exclude-schema='a "B"' >before
	apply queue.sql -v schema='a "B"'
	apply compiler.sql -v schema='a "B"'
	dump --exclude-schema='"a ""B"""' >after
	run diff before after
	assert_success
	run sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'a \"B\"'"
	assert_output 5
	run sql "SELECT has_schema_privilege(role, 'a \"B\"', 'USAGE')
	    FROM unnest(ARRAY['cloacina_compiler', 'cloacina_status',
	    'cloacina_submit', 'pg_monitor']) role"
	assert_output $'t\nt\nt\nf'

	apply queue.sql -v schema=other
	apply compiler.sql -v schema=other
	sql "INSERT INTO \"a \"\"B\"\"\".workflow_packages
	    (registry_id, package_name, version)
	    VALUES (gen_random_uuid(), 'p', '1')"
	run sql 'SELECT count(*) FROM other.workflow_packages'
	assert_output 0
}

@test "the tables of another service get an index and three triggers" {
	new_database "theirs$BATS_TEST_NUMBER"
	apply queue.sql
	sql "ALTER TABLE workflow_packages ADD newer_column text"
	dump -t 'workflow_*' >before
	apply compiler.sql
	dump -t 'workflow_*' >after
	run bash -c "diff before after | grep '^[<>] [A-Z]' | grep -v GRANT"
	assert_line --index 0 --partial \
	    '> CREATE INDEX cloacina_build_pending ON public.workflow_packages'
	assert_line --index 1 --partial '> CREATE TRIGGER cloacina_finished_kept'
	assert_line --index 2 --partial '> CREATE TRIGGER cloacina_pending_insert'
	assert_line --index 3 --partial '> CREATE TRIGGER cloacina_pending_update'
	assert_equal "${#lines[@]}" 4
}

# What psql shows of the notifications that the statement sends.
notifications() {
	psql -qXAt -c 'LISTEN cloacina_build_pending' -c "$1" |
	    grep -o 'notification.*payload "[^"]*"'
}

@test "a package that becomes pending is announced with its schema" {
	run notifications "$package"
	assert_output 'notification "cloacina_build_pending" with payload "public"'
	sql "UPDATE workflow_packages SET build_status = 'building'"
	run notifications "UPDATE workflow_packages SET build_status = 'pending'"
	assert_output 'notification "cloacina_build_pending" with payload "public"'
}

@test "nothing else is announced" {
	run notifications "INSERT INTO workflow_packages
	    (registry_id, package_name, version, superseded)
	    VALUES (gen_random_uuid(), 'p', '1', true)"
	refute_output
	sql "${package/\'p\'/\'q\'}"
	for change in "build_status = 'building'" "build_claimed_at = now()" \
	    "build_status = 'failed'" "description = 'x'" \
	    "build_status = 'pending', superseded = true"; do
		run notifications "UPDATE workflow_packages SET $change
		    WHERE package_name = 'q'"
		refute_output
	done
}

@test "the compiler's role does its work" {
	sql "$package"
	for right in "UPDATE workflow_packages SET build_status = 'building',
	    build_claimed_at = now(), build_error = NULL,
	    compiled_data = 'x', compiled_at = now()" \
	    'SELECT data FROM workflow_registry' \
	    'SELECT paused, reason FROM build_control' \
	    'SELECT claim_token, event, line_hash FROM build_audit' \
	    'UPDATE build_audit SET finish_due = NULL'; do
		may cloacina_compiler "$right"
	done
}

@test "the compiler's role does nothing else" {
	sql "$package"
	for wrong in 'SELECT compiled_data FROM workflow_packages' \
	    'SELECT metadata FROM workflow_packages' \
	    "UPDATE workflow_packages SET package_name = 'x'" \
	    'UPDATE workflow_packages SET registry_id = id' \
	    'UPDATE workflow_packages SET superseded = true' \
	    'UPDATE workflow_packages SET created_at = now()' \
	    "$package" 'DELETE FROM workflow_packages' \
	    "UPDATE workflow_registry SET data = 'x'" \
	    "INSERT INTO workflow_registry (data) VALUES ('x')" \
	    'DELETE FROM workflow_registry' 'DELETE FROM build_claims' \
	    'UPDATE build_control SET paused = false' \
	    'DELETE FROM build_audit' 'TRUNCATE build_audit' \
	    "UPDATE build_audit SET event = '{}'" \
	    'UPDATE build_audit SET line_hash = NULL' \
	    'UPDATE build_audit SET recorded_at = now()' \
	    "INSERT INTO build_audit (recorded_at, build_claim_id, event_type,
	    event) VALUES (now(), gen_random_uuid(),
	    'compiler.build.swept', '{}')" \
	    'CREATE TABLE mine (id int)'; do
		may_not cloacina_compiler "$wrong"
	done
}

@test "the compiler's role changes no build that has ended" {
	sql "$package"
	for ended in success failed; do
		sql "UPDATE workflow_packages SET build_status = '$ended'"
		for change in "compiled_data = 'mine'" "build_status = 'pending'" \
		    "build_error = ''" 'build_claimed_at = now()' \
		    'compiled_at = now()'; do
			run psql -qXAt -v VERBOSITY=terse -U cloacina_compiler \
			    -c "UPDATE workflow_packages SET $change"
			assert_failure 1
			assert_output 'ERROR:  role "cloacina_compiler" may not change a finished build'
		done
	done
	may cloacina_submit 'UPDATE workflow_packages SET superseded = true'
	sql "CREATE ROLE service$BATS_TEST_NUMBER LOGIN;
	    GRANT SELECT, UPDATE ON workflow_packages
	    TO service$BATS_TEST_NUMBER"
	may "service$BATS_TEST_NUMBER" \
	    "UPDATE workflow_packages SET compiled_data = 'theirs'"
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	may cloacina_compiler \
	    "UPDATE workflow_packages SET build_status = 'building'"
}

@test "no role locks a table against the others" {
	for role in cloacina_compiler cloacina_status cloacina_submit; do
		for table in workflow_packages workflow_registry build_claims \
		    build_control build_audit; do
			for mode in SHARE 'ACCESS EXCLUSIVE'; do
				may_not "$role" "LOCK TABLE $table IN $mode MODE"
			done
		done
	done
	# Also where the grants are those of an older version.
	sql 'GRANT INSERT, UPDATE ON build_claims TO cloacina_compiler'
	may cloacina_compiler 'LOCK TABLE build_claims IN SHARE MODE'
	apply compiler.sql
	may_not cloacina_compiler 'LOCK TABLE build_claims IN SHARE MODE'
}

@test "a database that is not UTF8 is refused in one line" {
	for encoding in SQL_ASCII LATIN1; do
		local name="e${encoding,,}$BATS_TEST_NUMBER"
		PGDATABASE=postgres psql -qX -c "CREATE DATABASE $name
		    ENCODING '$encoding' LOCALE 'C' TEMPLATE template0"
		export PGDATABASE=$name
		apply queue.sql
		dump >before
		run -3 apply compiler.sql
		assert_output --regexp "^psql:[^ ]*/compiler.sql:[0-9]+: ERROR:  the encoding of database \"$name\" is $encoding: want one that is made with ENCODING 'UTF8'$"
		dump >after
		run diff before after
		assert_success
	done
}

@test "an owner without CREATEROLE applies it where the roles are there" {
	local owner="owner$BATS_TEST_NUMBER"
	sql "CREATE ROLE $owner LOGIN"
	sql "CREATE DATABASE $owner OWNER $owner"
	export PGDATABASE=$owner
	psql -qX -U "$owner" -f "$sql_dir/queue.sql"
	run psql -qX -U "$owner" -f "$sql_dir/compiler.sql"
	assert_success
	refute_output
	may cloacina_status 'SELECT * FROM build_claims'
	# None of ours can be missed here: other databases use them.
	sed 's/cloacina_status/cloacina_absent/' "$sql_dir/compiler.sql" >absent.sql
	run -3 psql -qX -U "$owner" -f absent.sql
	assert_output --regexp "^psql:absent.sql:[0-9]+: ERROR:  role \"$owner\" may not create roles: let one that may say CREATE ROLE cloacina_absent LOGIN, then apply this again$"
}

@test "the status role reads all but archives and artifacts" {
	for right in 'SELECT package_name, build_status, build_error
	    FROM workflow_packages' 'SELECT * FROM build_claims' \
	    'SELECT * FROM build_control' 'SELECT * FROM build_audit'; do
		may cloacina_status "$right"
	done
	for wrong in 'SELECT compiled_data FROM workflow_packages' \
	    'SELECT data FROM workflow_registry' \
	    "UPDATE workflow_packages SET build_status = 'pending'" \
	    'UPDATE build_control SET paused = true' \
	    'INSERT INTO build_claims SELECT * FROM build_claims' \
	    'DELETE FROM build_audit' "$package"; do
		may_not cloacina_status "$wrong"
	done
}

@test "the submitter's role adds packages and supersedes older ones" {
	for right in "$package RETURNING id, build_status" \
	    "INSERT INTO workflow_registry (data) VALUES ('x') RETURNING id" \
	    'UPDATE workflow_packages SET superseded = true,
	    updated_at = now()' \
	    'SELECT build_status, build_error, compiled_data
	    FROM workflow_packages'; do
		may cloacina_submit "$right"
	done
	for wrong in 'SELECT data FROM workflow_registry' \
	    "UPDATE workflow_packages SET build_status = 'success'" \
	    "INSERT INTO workflow_packages (registry_id, package_name, version,
	    compiled_data) VALUES (gen_random_uuid(), 'p', '1', 'x')" \
	    "INSERT INTO workflow_packages (registry_id, package_name, version,
	    created_at) VALUES (gen_random_uuid(), 'p', '1', '-infinity')" \
	    'SELECT FROM build_claims' 'SELECT FROM build_audit' \
	    'DELETE FROM workflow_packages'; do
		may_not cloacina_submit "$wrong"
	done
}

@test "no role may delete anything, whatever it is" {
	run sql "SELECT grantee, table_name, privilege_type
	    FROM information_schema.table_privileges
	    WHERE grantee LIKE 'cloacina%' AND privilege_type IN
	    ('DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES')"
	refute_output
	run sql "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb,
	    rolbypassrls, rolreplication, rolcanlogin FROM pg_roles
	    WHERE rolname LIKE 'cloacina%' ORDER BY 1"
	assert_output - <<-'EOF'
	cloacina_compiler|f|f|f|f|f|t
	cloacina_status|f|f|f|f|f|t
	cloacina_submit|f|f|f|f|f|t
	EOF
}

# Many finished and pending packages, some of them claimed.
fill() {
	sql "INSERT INTO workflow_packages (registry_id, package_name, version,
	    created_at, build_status, build_claimed_at, superseded)
	SELECT gen_random_uuid(), 'p' || n, '1',
	    now() - n * interval '1 second',
	    CASE WHEN n % 2 = 0 THEN 'pending' WHEN n % 1001 = 0 THEN 'building'
	    ELSE 'success' END, now() - interval '1 hour', n % 7 = 0
	FROM generate_series(1, 30000) n"
	sql "INSERT INTO build_claims (package_id, claim_token,
	    compiler_instance_id, attempts, claimed_at, first_claimed_at,
	    ended_as)
	SELECT id, gen_random_uuid(), gen_random_uuid(), 1, build_claimed_at,
	    build_claimed_at,
	    CASE WHEN build_status = 'success' THEN 'success' END
	FROM workflow_packages WHERE build_status <> 'pending'"
	sql "INSERT INTO build_audit (claim_token, build_claim_id, event_type,
	    event, finish_due)
	SELECT claim_token, package_id, 'compiler.build.started', '{}',
	    CASE WHEN ended_as IS NULL THEN 'infinity'::timestamp END
	FROM build_claims"
	psql -qX -c 'VACUUM ANALYZE'
}

@test "the claim reads its index in order and sorts nothing" {
	fill
	run plan claim "'$(uuid)', '$(uuid)', '-infinity'"
	assert_success
	assert_output --partial 'using cloacina_build_pending on'
	refute_output --partial 'Sort'
	refute_output --partial 'Seq Scan on workflow_packages'
	refute_output --partial 'Seq Scan on build_claims'
}

@test "the claim passes over many that came back without sorting them" {
	fill
	sql "INSERT INTO build_claims (package_id, claim_token,
	    compiler_instance_id, attempts, claimed_at, first_claimed_at,
	    ended_as, not_before)
	SELECT id, gen_random_uuid(), gen_random_uuid(), 0, created_at,
	    created_at, 'released', now()
	FROM workflow_packages WHERE build_status = 'pending'"
	psql -qX -c 'VACUUM ANALYZE'
	run plan claim "'$(uuid)', '$(uuid)', '-infinity'"
	assert_output --partial 'using build_claims_returned on'
	refute_output --partial 'Sort'
	refute_output --partial 'Seq Scan on workflow_packages'
}

@test "the sweeps read indexes" {
	fill
	run plan sweep '60, 100, 3, 10, 20'
	assert_output --partial 'using workflow_packages_build on'
	refute_output --partial 'Seq Scan on workflow_packages'
	refute_output --partial 'Seq Scan on build_claims'
	run plan sweep_superseded '60, 100'
	assert_output --partial 'build_claims_open'
	refute_output --partial 'Seq Scan'
	run plan audit_lost '60, 100'
	assert_output --partial 'build_audit_unfinished'
	refute_output --partial 'Seq Scan'
}

@test "without the index and the triggers the statements still work" {
	sql 'DROP INDEX cloacina_build_pending'
	sql 'DROP TRIGGER cloacina_pending_inserted ON workflow_packages'
	sql 'DROP TRIGGER cloacina_pending_updated ON workflow_packages'
	sql "$package"
	run execute claim "'$(uuid)', '$(uuid)', '-infinity'"
	assert_output --partial '|p|1|database|'
}
