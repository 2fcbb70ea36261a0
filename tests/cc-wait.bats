# SPDX-License-Identifier: Apache-2.0

load helper
load packages

with_database

# Stops the worker of a test that started one.
teardown() {
	[ -z "${worker:-}" ] || { kill "$worker" && wait "$worker"; } || true
}

setup() {
	new_queue
	export DATABASE_URL="host=$PGHOST user=cloacina_submit dbname=$PGDATABASE"
	id=$(new_row flow)
}

# new_row NAME [STATUS]: a package; prints its id.
new_row() {
	psql -qXAt -v ON_ERROR_STOP=1 -v name="$1" -v status="${2:-pending}" \
	    <<-'EOF'
	INSERT INTO workflow_packages (registry_id, package_name, version,
	    build_status)
	VALUES (gen_random_uuid(), :'name', '1.0.0', :'status') RETURNING id;
	EOF
}

update() {
	sql "UPDATE workflow_packages SET $1 WHERE id = '$id'"
}

succeed_with() {
	update "build_status = 'success', compiled_data = $1,
	    compiled_at = now()"
}

# Whether somebody has asked for the row: cc-wait follows it.
is_followed() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity
	    WHERE application_name = 'cc-wait' AND state = 'idle'
	    AND query LIKE '%heartbeat_age%'
	    AND datname = current_database()")" = 1 ]
}

# Starts cc-wait with the options, and waits until it follows the row.
follow() {
	cc-wait --poll-interval-ms 20 "$@" "$id" \
	    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	waiter=$!
	until_true 30 is_followed
}

# join STATUS: it ends with this status.
join() {
	local ended=0
	wait "$waiter" || ended=$?
	assert_equal "$ended" "$1"
}

@test "a package that is built ends it with 0, in silence" {
	follow
	update "build_status = 'building', build_claimed_at = now()"
	succeed_with "'library'"
	join 0
	assert_equal "$(cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err")" ''
}

@test "a failure ends it with 1 and the reason, line by line" {
	follow
	update "build_status = 'failed',
	    build_error = E'error: it''s \\\\ bad\\n\\t--> lib.rs'"
	join 1
	assert_equal "$(cat "$BATS_TEST_TMPDIR/err")" \
	    $'cc-wait: \'flow\' 1.0.0 failed:\nerror: it\'s \\ bad\n\t--> lib.rs'
}

@test "a reason that ends with a newline is not followed by an empty line" {
	update "build_status = 'failed', build_error = E'one\\n'"
	cc-wait "$id" 2>"$BATS_TEST_TMPDIR/err" || true
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/err")" 2
}

@test "a failure without a reason says so" {
	update "build_status = 'failed'"
	run cc-wait "$id"
	assert_failure 1
	assert_line 'no reason given'
}

@test "what a terminal would obey or hide is escaped, also in the name" {
	id=$(new_row $'e\e[31mvil\n' failed)
	update "build_error = E'\\x1b]0;title\\x07 \\u202e ende\\rx'"
	run cc-wait "$id"
	assert_failure 1
	assert_line --index 0 "cc-wait: 'e\\x1b[31mvil\\n' 1.0.0 failed:"
	assert_line --index 1 '\x1b]0;title\x07 \u{202e} ende\x0dx'
}

@test "what was given back is followed further" {
	follow
	update "build_status = 'building', build_claimed_at = now()"
	update "build_status = 'pending', build_claimed_at = NULL,
	    build_error = '(reset after stale heartbeat)'"
	kill -0 "$waiter"
	succeed_with "''"
	join 0
}

@test "a package that a newer one superseded before it was built has failed" {
	follow
	update 'superseded = true'
	join 1
	assert_equal "$(cat "$BATS_TEST_TMPDIR/err")" \
	    $'cc-wait: \'flow\' 1.0.0 failed:\nsuperseded by a newer version'
}

@test "a superseded package is followed while somebody builds it" {
	update "superseded = true, build_status = 'building'"
	follow
	update "build_status = 'failed',
	    build_error = 'superseded by a newer version'"
	join 1
}

@test "--timeout-s ends it with 124 and says where the package is" {
	run cc-wait --timeout-s 0.05 --poll-interval-ms 10 "$id"
	assert_failure 124
	assert_output "cc-wait: timed out: '$id' is still pending"
	succeed_with "''"
	run cc-wait --timeout-s 600 "$id"
	assert_success
}

@test "an id that nothing has is the caller's mistake" {
	local other=00000000-0000-4000-8000-000000000000
	run cc-wait $other
	assert_failure 100
	assert_output "cc-wait: cannot find '$other': no such package"
	run cc-wait $'1; DROP\n'
	assert_failure 100
	assert_output "cc-wait: bad id '1; DROP\\n': want a UUID"
	run cc-wait
	assert_failure 100
	assert_output 'usage: cc-wait [options] id'
}

@test "a status that nobody knows is no outcome" {
	update "build_status = E'w\\u00e9ird\\n'"
	run cc-wait "$id"
	assert_failure 111
	assert_output "cc-wait: cannot tell what became of '$id': 'wéird\\n'"
}

@test "-o fetches the artifact byte for byte, in more than one slice" {
	head -c 9000001 /dev/urandom >"$BATS_TEST_TMPDIR/library"
	succeed_with "pg_read_binary_file('$BATS_TEST_TMPDIR/library')"
	run cc-wait -o "$BATS_TEST_TMPDIR/flow.so" "$id"
	assert_success
	assert_output ''
	cmp "$BATS_TEST_TMPDIR/library" "$BATS_TEST_TMPDIR/flow.so"
}

@test "--output replaces a file and keeps what the umask leaves" {
	succeed_with "'new'"
	echo old >"$BATS_TEST_TMPDIR/flow.so"
	umask 027
	run cc-wait --output "$BATS_TEST_TMPDIR/flow.so" "$id"
	assert_success
	assert_equal "$(cat "$BATS_TEST_TMPDIR/flow.so")" new
	assert_equal "$(stat -c %a "$BATS_TEST_TMPDIR/flow.so")" 640
	assert_equal "$(ls -A "$BATS_TEST_TMPDIR")" flow.so
	cd "$BATS_TEST_TMPDIR"
	run cc-wait --output here.so "$id"
	assert_success
	assert_equal "$(cat here.so)" new
}

@test "an empty artifact is written and said to be empty" {
	succeed_with "''"
	run cc-wait -o "$BATS_TEST_TMPDIR/flow.so" "$id"
	assert_success
	assert_output --partial "flow.so' is empty: the package has nothing to compile"
	[ -f "$BATS_TEST_TMPDIR/flow.so" ]
}

@test "a failure fetches nothing and leaves an older file alone" {
	update "build_status = 'failed', compiled_data = 'stale'"
	echo old >"$BATS_TEST_TMPDIR/flow.so"
	run cc-wait -o "$BATS_TEST_TMPDIR/flow.so" "$id"
	assert_failure 1
	assert_equal "$(cat "$BATS_TEST_TMPDIR/flow.so")" old
}

@test "an artifact that the database cannot read is said" {
	succeed_with "'x'"
	sql "ALTER TABLE workflow_packages RENAME TO stored;
	CREATE FUNCTION torn(bytea) RETURNS bytea STABLE LANGUAGE plpgsql AS
	    'BEGIN RAISE ''missing chunk'' USING ERRCODE = ''XX001''; END';
	CREATE VIEW workflow_packages AS
	    SELECT id, package_name, version, build_status, superseded,
	        build_error, created_at, build_claimed_at, compiled_at,
	        torn(compiled_data) AS compiled_data
	    FROM stored;
	GRANT SELECT ON workflow_packages TO PUBLIC"
	run cc-wait -o "$BATS_TEST_TMPDIR/lib.so" "$id"
	assert_failure 111
	assert_output 'cc-wait: cannot fetch the artifact: missing chunk'
	assert [ ! -e "$BATS_TEST_TMPDIR/lib.so" ]
}

@test "a success without an artifact is said, and no file is left" {
	update "build_status = 'success'"
	run cc-wait -o "$BATS_TEST_TMPDIR/flow.so" "$id"
	assert_failure 111
	assert_output 'cc-wait: cannot fetch the artifact: the package has none'
	assert_equal "$(ls -A "$BATS_TEST_TMPDIR")" ''
}

@test "--output replaces nothing but a regular file" {
	succeed_with "'new'"
	run cc-wait -o - "$id"
	assert_failure 100
	assert_output "cc-wait: bad value '-' for --output: want a file, which appears whole or not at all"
	ln -s /dev/null "$BATS_TEST_TMPDIR/link"
	local path
	for path in "$BATS_TEST_TMPDIR/link" /dev/null; do
		run cc-wait -o "$path" "$id"
		assert_failure 111
		assert_output "cc-wait: cannot create '$path': not a regular file"
	done
	for path in "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/" . .. /; do
		run cc-wait -o "$path" "$id"
		assert_failure 111
		assert_output "cc-wait: cannot create '$path': Is a directory"
	done
	run cc-wait -o "$BATS_TEST_TMPDIR/absent/x" "$id"
	assert_failure 111
	assert_output --partial 'No such file or directory'
	[ -L "$BATS_TEST_TMPDIR/link" ] && [ -c /dev/null ]
}

@test "a full disk leaves no half artifact" {
	succeed_with "decode(repeat('00', 100000), 'hex')"
	run bash -c "ulimit -f 10; trap '' XFSZ
	    exec cc-wait -o '$BATS_TEST_TMPDIR/flow.so' $id"
	assert_failure 111
	assert_output "cc-wait: cannot write '$BATS_TEST_TMPDIR/flow.so': File too large"
	assert_equal "$(ls -A "$BATS_TEST_TMPDIR")" ''
}

@test "the role that only watches can wait, but takes no artifact" {
	succeed_with "'library'"
	export DATABASE_URL="host=$PGHOST user=cloacina_status dbname=$PGDATABASE"
	run cc-wait "$id"
	assert_success
	run cc-wait -o "$BATS_TEST_TMPDIR/flow.so" "$id"
	assert_failure 111
	assert_output "cc-wait: cannot fetch the artifact: permission denied for table workflow_packages (role 'cloacina_status' lacks what compiler.sql grants in the schema of its search_path)"
}

@test "a terminal shows state and age, and is left clean" {
	update "build_status = 'building', build_claimed_at = now() at time zone 'UTC',
	    created_at = now() at time zone 'UTC' - interval '1 hour'"
	script -qec "cc-wait --poll-interval-ms 20 $id" \
	    "$BATS_TEST_TMPDIR/typescript" </dev/null >/dev/null 3>&- &
	waiter=$!
	until_true 30 grep -q building "$BATS_TEST_TMPDIR/typescript"
	update "build_status = 'failed', build_error = 'reason'"
	join 1
	run cat "$BATS_TEST_TMPDIR/typescript"
	assert_output --regexp 'building, 36[0-9][0-9] s since it was queued, heartbeat [0-9]+ s ago'
	assert_output --partial $'\r\e[Kcc-wait: \'flow\' 1.0.0 failed:'
}

@test "a tenant's packages are those of its schema" {
	psql -qX -v ON_ERROR_STOP=1 -v schema='te"nant' -f "$sql_dir/queue.sql" \
	    -f "$sql_dir/compiler.sql" >/dev/null
	local other
	other=$(sql "INSERT INTO \"te\"\"nant\".workflow_packages (registry_id,
	    package_name, version, build_status, compiled_data)
	    VALUES (gen_random_uuid(), 'x', '1', 'success', 'tenants')
	    RETURNING id")
	run cc-wait --tenant-schema 'te"nant' -o "$BATS_TEST_TMPDIR/x" "$other"
	assert_success
	assert_equal "$(cat "$BATS_TEST_TMPDIR/x")" tenants
	run cc-wait "$other"
	assert_failure 100
	CLOACINA_TENANT_SCHEMA='te"nant' run cc-wait "$other"
	assert_success
}

@test "a database that goes away for a moment is waited for" {
	follow --database-wait-s 60
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	    WHERE application_name = 'cc-wait' AND datname = current_database()"
	until_true 30 is_followed
	succeed_with "''"
	join 0
}

@test "without a database it says so and is worth another try" {
	run cc-wait --database-wait-s 0.1 \
	    --database-url "host=$BATS_TEST_TMPDIR" "$id"
	assert_failure 111
	assert_output --partial "cc-wait: cannot ask for '$id': "
	DATABASE_URL= run cc-wait "$id"
	assert_failure 100
	assert_output 'cc-wait: cannot use the database URL: want --database-url, --database-url-file or $DATABASE_URL'
}

# start_worker: builds what is queued, as the role that an operator gives it.
start_worker() {
	CLOACINA_COMPILER_HOME=$BATS_TEST_TMPDIR/home \
	    CLOACINA_COMPILER_AUDIT_LOG=$BATS_TEST_TMPDIR/log \
	    DATABASE_URL="host=$PGHOST user=cloacina_compiler dbname=$PGDATABASE" \
	    cc-claim --forever --finally cc-build-end -- cc-build \
	    2>"$BATS_TEST_TMPDIR/worker" 3>&- &
	worker=$!
}

@test "cc-pack . | cc-submit | xargs cc-wait -o flow.so gives the library" {
	update 'superseded = true'
	make_vendor_directory
	start_worker
	new_crate pipeline
	cd "$package"
	run bash -o pipefail -c 'cc-pack . | cc-submit | xargs cc-wait -o flow.so'
	assert_success
	assert_output ''
	assert_equal "$(head -c 4 flow.so | tail -c 3)" ELF
	sql "SELECT encode(compiled_data, 'base64') FROM workflow_packages
	    WHERE package_name = 'pipeline'" | base64 -d | cmp - flow.so
	# The next version, which does not compile.
	sed -i 's/1\.0\.0/1.0.1/' package.toml Cargo.toml Cargo.lock
	echo 'pub fn f() -> u32 { "no" }' >src/lib.rs
	run bash -o pipefail -c 'cc-pack . | cc-submit | xargs cc-wait -o flow.so'
	assert_failure 123
	assert_line --index 0 "cc-wait: 'pipeline' 1.0.1 failed:"
	assert_output --partial 'mismatched types'
	assert_equal "$(sql "SELECT superseded FROM workflow_packages
	    WHERE package_name = 'pipeline' AND version = '1.0.0'")" t
}

@test "options: bad values and letters are refused" {
	run cc-wait -x "$id"
	assert_failure 100
	assert_output "cc-wait: bad option '-x'"
	run cc-wait -o
	assert_failure 100
	assert_output "cc-wait: option '-o' needs a value"
	run cc-wait --poll-interval-ms 0 "$id"
	assert_failure 100
	run cc-wait --timeout-s -1 "$id"
	assert_failure 100
	run cc-wait --help
	assert_success
	assert_line --partial '-o, --output FILE'
	run cc-wait --version
	assert_output --regexp '^cc-wait [0-9]'
}
