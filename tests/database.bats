# SPDX-License-Identifier: Apache-2.0
# A database that is not as ours: what each program says of it, and what one
# session can do to the others by locks.

load helper
load claim/claim
load fence/statements

with_database

prepare_file() {
	make_commands
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	new_queue
	make_point
	export HOME=$BATS_TEST_TMPDIR
	reader="$DATABASE_URL user=cloacina_status"
}

teardown() {
	kill_started
	# Roles are the cluster's, not a database's.
	PGDATABASE=postgres sql 'ALTER ROLE cloacina_compiler CONNECTION LIMIT -1'
}

# says STATUS MESSAGE PROGRAM...: one line, that ends so.
says() {
	local wanted=$1 message=$2
	shift 2
	run "$@"
	assert_failure "$wanted"
	output=$(grep -v 'compiler starting' <<<"$output")
	assert_output --partial "$1: "
	assert_output --regexp "$message\$"
	assert_equal "$(wc -l <<<"$output")" 1
}

# A session of ROLE that runs the statement and then waits, its transaction
# open, until end_session.
begin_session() {
	mkfifo session
	psql -qXAt -U "$1" <session >session-said 2>&1 3>&- 8>&- 9>&- &
	session=$!
	started+=("$session")
	exec 7>session
	printf 'BEGIN;\n%s;\n\\echo ready\n' "$2" >&7
	until_true 20 grep -q ready session-said
	run grep ERROR session-said
	refute_output
}

end_session() {
	exec 7>&-
	wait "$session"
}

anybody=11111111-2222-3333-4444-555555555555

@test "row level security that hides the queue is told, a policy is enough" {
	queue_builds 1
	local id hidden="row level security hides all of workflow_packages from role \"cloacina_compiler\": want a policy for SELECT, or BYPASSRLS"
	id=$(sql 'SELECT id FROM workflow_packages')
	sql 'ALTER TABLE workflow_packages ENABLE ROW LEVEL SECURITY'
	says 111 "cannot claim a build: $hidden" cc-claim true
	says 111 "cannot sweep: $hidden" cc-sweep
	says 111 "cannot sweep: $hidden" cc-sweep --dry-run
	hidden=${hidden/_compiler/_status}
	says 111 "cannot ask for the queue: $hidden" \
	    cc-status --database-url "$reader"
	says 111 "cannot ask for '$id': $hidden" \
	    cc-wait --database-url "$reader" "$id"
	sql 'CREATE POLICY seen ON workflow_packages FOR SELECT
	    TO cloacina_compiler, cloacina_status USING (true)'
	cc-sweep
	cc-status --database-url "$reader"
	says 111 'want a policy for UPDATE, or BYPASSRLS' cc-claim true
	says 100 'no such package' cc-wait --database-url "$reader" "$anybody"
	# Which rows it shows is its owner's decision.
	sql "DROP POLICY seen ON workflow_packages;
	    CREATE POLICY part ON workflow_packages
	    USING (package_name <> 'q')"
	run cc-claim complete-build
	assert_success
	assert_equal "$(package build_status)" success
}

@test "tables outside the search path are told with what to change" {
	local missing='relation "workflow_packages" does not exist \(apply compiler.sql, or name the queue.s schema with --tenant-schema or the role.s search_path\)'
	sql "ALTER ROLE cloacina_compiler IN DATABASE $PGDATABASE
	    SET search_path = elsewhere"
	says 111 "cannot claim a build: $missing" cc-claim true
	says 111 "cannot sweep: $missing" cc-sweep
	says 111 "cannot ask for the queue: $missing" cc-status
	says 111 "cannot ask for '$anybody': $missing" cc-wait "$anybody"
	echo archive >archive
	says 111 "cannot queue the package: $missing" \
	    cc-submit --name a --package-version 1 archive
	cc-status --tenant-schema public --database-url "$reader"
	run cc-claim --tenant-schema public true
	assert_failure 1
	says 111 "\\(apply compiler.sql to schema 'absent', or correct --tenant-schema\\)" \
	    cc-status --tenant-schema absent
	sql 'CREATE SCHEMA closed'
	says 111 "permission denied for schema closed \\(role 'cloacina_compiler' lacks what compiler.sql grants in schema 'closed'\\)" \
	    cc-status --tenant-schema closed
}

@test "tables of an older version are told before a build is claimed" {
	queue_builds 1
	sql 'ALTER TABLE build_claims DROP COLUMN give_backs'
	says 111 'column "give_backs" .* does not exist \(apply compiler.sql, .*\)' \
	    cc-claim true
	assert_equal "$(package build_status)" pending
}

@test "a grant that only the end of a build needs is missed at the start" {
	queue_builds 1
	sql 'REVOKE UPDATE (compiled_data) ON workflow_packages
	    FROM cloacina_compiler'
	says 111 "cannot claim a build: role \"cloacina_compiler\" lacks UPDATE \\(compiled_data\\) of workflow_packages: apply compiler.sql" \
	    cc-claim true
	assert_equal "$(package build_status)" pending
	# The sweep does not need it.
	cc-sweep
}

@test "one connection is not enough for a worker" {
	queue_builds 1
	sql 'ALTER ROLE cloacina_compiler CONNECTION LIMIT 1'
	says 111 "role \"cloacina_compiler\" may have 1 connection at a time: a worker needs 2, see CONNECTION LIMIT" \
	    cc-claim true
	assert_equal "$(package build_status)" pending
	cc-sweep
	begin_session cloacina_compiler 'SELECT'
	says 111 'too many connections for role "cloacina_compiler" \(CONNECTION LIMIT: each worker needs 2, see ALTER ROLE and ALTER DATABASE\)' \
	    cc-status --database-wait-s 0.01
	end_session
	sql 'ALTER ROLE cloacina_compiler CONNECTION LIMIT 2'
	run cc-claim complete-build
	assert_success
}

@test "a statement_timeout that is too short is told" {
	local role="ALTER ROLE cloacina_compiler IN DATABASE $PGDATABASE"
	sql "$role SET statement_timeout = 900"
	says 111 "statement_timeout is 900 ms for role \"cloacina_compiler\": want 0, or 10 s at least" \
	    cc-claim true
	sql "$role SET statement_timeout = 10000"
	run cc-claim true
	assert_failure 1
	sql "$role SET statement_timeout = 200"
	begin_session "$(sql 'SELECT current_user')" 'LOCK TABLE build_claims'
	says 111 "canceling statement due to statement timeout \\(statement_timeout is too short, see ALTER ROLE 'cloacina_compiler' or ALTER DATABASE; or a row was locked for so long\\)" \
	    cc-status --database-wait-s 0.01
	end_session
}

@test "a database that is not UTF8 is told by every program" {
	local name="ascii$BATS_TEST_NUMBER" wrong="the database's encoding is SQL_ASCII: want one that is made with ENCODING 'UTF8'"
	PGDATABASE=postgres psql -qX -c "CREATE DATABASE $name
	    ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
	export PGDATABASE=$name
	# As it was made before compiler.sql refused it.
	sed 's/<> .UTF8. THEN/IS NULL THEN/' "$sql_dir/compiler.sql" >older.sql
	psql -qX -f "$sql_dir/queue.sql" -f older.sql
	DATABASE_URL="host=$PGHOST user=cloacina_compiler dbname=$name"
	queue_builds 1
	echo archive >archive
	says 111 "cannot claim a build: $wrong" cc-claim true
	says 111 "cannot sweep: $wrong" cc-sweep
	says 111 "cannot ask for the queue: $wrong" cc-status
	says 111 "cannot ask for '$anybody': $wrong" cc-wait "$anybody"
	says 111 "cannot queue the package: $wrong" \
	    cc-submit --name a --package-version 1 archive
	assert_equal "$(package build_status)" pending
}

read_only="cannot execute .* in a read-only transaction \\(no standby: default_transaction_read_only is on, see ALTER ROLE 'cloacina_compiler' or ALTER DATABASE\\)"

# Whether so many connections were made to this database since $before.
connected() {
	(($(sessions) >= before + $1))
}

sessions() {
	sql "SELECT sessions FROM pg_stat_database
	    WHERE datname = current_database()"
}

@test "a role that may only read is told once by a worker, and again when it changes" {
	sql "ALTER ROLE cloacina_compiler IN DATABASE $PGDATABASE
	    SET default_transaction_read_only = on"
	queue_builds 1
	start cc-claim --forever complete-build
	until_true 20 said 'default_transaction_read_only is on'
	# The connections of `sessions` itself are counted, too.
	before=$(sessions)
	until_true 60 connected 200
	assert_equal "$(grep -c 'cannot use the database' said)" 1
	refute said 'answers again'
	sql 'ALTER ROLE cloacina_compiler NOLOGIN'
	until_true 20 said 'is not permitted to log in'
	sql "ALTER ROLE cloacina_compiler LOGIN;
	    ALTER ROLE cloacina_compiler IN DATABASE $PGDATABASE
	    RESET default_transaction_read_only"
	until_true 20 is success 'SELECT build_status FROM workflow_packages'
	kill -TERM "$claim"
	finish
	assert_equal "$(grep -c 'cannot use the database' said)" 2
	assert_equal "$(grep -c 'answers again' said)" 1
}

@test "a role that may only read is told by the other programs" {
	sql "ALTER ROLE cloacina_compiler IN DATABASE $PGDATABASE
	    SET default_transaction_read_only = on"
	echo archive >archive
	says 111 "cannot claim a build: $read_only|cannot use the database: $read_only" \
	    cc-claim true
	says 111 "cannot queue the package: $read_only" cc-submit --name a \
	    --package-version 1 --database-wait-s 0.01 archive
	start cc-sweep --forever --sweep-interval-s 0.05
	until_true 20 said 'default_transaction_read_only is on'
	before=$(sessions)
	until_true 60 connected 30
	assert_equal "$(grep -c 'cannot sweep' said)" 1
	sql "ALTER ROLE cloacina_compiler IN DATABASE $PGDATABASE
	    RESET default_transaction_read_only"
	until_true 20 said 'sweeping again'
	# Who only reads has nothing to say.
	sql "ALTER ROLE cloacina_status IN DATABASE $PGDATABASE
	    SET default_transaction_read_only = on"
	cc-status --database-url "$reader"
}

@test "a submitter's row lock stops the claims of that row alone" {
	queue_builds 2
	begin_session cloacina_submit "SELECT id FROM workflow_packages
	    WHERE package_name = 'p1' FOR UPDATE"
	run timeout 30 cc-claim complete-build
	assert_success
	assert_equal "$(package build_status p2)" success
	assert_equal "$(package build_status p1)" pending
	run timeout 30 cc-claim complete-build
	assert_failure 1
	end_session
	run cc-claim complete-build
	assert_success
	assert_equal "$(package build_status p1)" success
}

@test "a submitter's row lock stops the sweep of that row alone" {
	queue_builds 2
	sql "UPDATE workflow_packages SET build_status = 'building',
	    build_claimed_at = now() AT TIME ZONE 'UTC' - interval '1 hour'"
	begin_session cloacina_submit "UPDATE workflow_packages
	    SET superseded = superseded WHERE package_name = 'p1'"
	run timeout 30 cc-sweep
	assert_success
	assert_equal "$(package build_status p2)" pending
	assert_equal "$(package build_status p1)" building
	end_session
	cc-sweep
	assert_equal "$(package build_status p1)" pending
}

@test "a submitter's row lock stops the heartbeat of that row alone" {
	queue_builds 2
	export CLOACINA_COMPILER_HEARTBEAT_INTERVAL_S=0.3
	start cc-claim hold
	reached
	begin_session cloacina_submit "SELECT id FROM workflow_packages
	    WHERE package_name = 'p1' FOR UPDATE"
	until_true 20 said 'no answer within 0.3 s'
	run timeout 30 cc-claim complete-build
	assert_success
	assert_equal "$(package build_status p2)" success
	end_session
	until_true 20 said 'answers again'
	order complete
	order end
	finish
	assert_equal "$status" 0
	assert_equal "$(package build_status p1)" success
}
