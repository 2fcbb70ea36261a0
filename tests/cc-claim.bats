# SPDX-License-Identifier: Apache-2.0
# cc-claim: how it is called, what it takes, what the command is given.

load helper
load claim/claim

with_database

prepare_file() {
	make_commands
}

setup() {
	new_queue
	make_point
	starting='cc-claim: cloacina-compiler starting, compiler_instance_id'
}

teardown() {
	kill_started
}

# Status and the only line of a wrong call, which claims nothing.
assert_wrong() {
	assert_failure 100
	assert_output "cc-claim: $1"
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 0
}

@test "a wrong call ends with 100 and one line, and claims nothing" {
	queue_builds 1
	run cc-claim --forever
	assert_wrong '--forever needs a command'
	run cc-claim --finally true
	assert_wrong '--finally needs a command'
	run cc-claim --heartbeat-interval-s 60 true
	assert_wrong '--heartbeat-interval-s must be less than --stale-threshold-s'
	run cc-claim --heartbeat-interval-s 0 true
	assert_wrong "bad value '0' for --heartbeat-interval-s: want seconds above zero, as 600 or 0.5"
	run cc-claim --poll-interval-ms 0 true
	assert_wrong "bad value '0' for --poll-interval-ms: want a whole number from 1 to 86400000"
	run cc-claim --bogus
	assert_wrong "bad option '--bogus'"
	HOME='' CLOACINA_COMPILER_HOME='' run cc-claim
	assert_wrong 'want --home or $HOME'
	DATABASE_URL='' run cc-claim true
	assert_wrong 'cannot use the database URL: want --database-url, --database-url-file or $DATABASE_URL'
	run cc-claim --database-url nonsense true
	assert_wrong "cannot use the database URL: want postgres://user@host/database or 'host=... dbname=...'"
	run cc-claim --heartbeat-interval-s 59.9 true
	assert_success
}

@test "intervals of centuries do not overflow" {
	queue_builds 1
	run cc-claim --heartbeat-interval-s 5000000000 \
	    --stale-threshold-s 9000000000 --wait complete-build
	assert_failure 100
	run cc-claim --heartbeat-interval-s 2000000000 \
	    --stale-threshold-s 9000000000 --wait complete-build
	assert_success
	assert_line --partial 'success after'
}

@test "a command that cannot be run is told before anything is claimed" {
	queue_builds 1
	run cc-claim no-such-command
	assert_wrong "cannot run 'no-such-command': No such file or directory"
	run cc-claim "$SUITE_ROOT/tests/helper.bash"
	assert_wrong "cannot run '$SUITE_ROOT/tests/helper.bash': Permission denied"
	run cc-claim /tmp
	assert_wrong "cannot run '/tmp': Permission denied"
	run cc-claim --finally no-such-command true
	assert_wrong "cannot run 'no-such-command': No such file or directory"
	run cc-claim --finally true true
	assert_success
}

@test "a command without an interpreter gives the build back with 111" {
	queue_builds 1
	printf '#!/no/such/interpreter\n' >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	run cc-claim "$BATS_TEST_TMPDIR/script"
	assert_failure 111
	assert_line "cc-claim: cannot run '$BATS_TEST_TMPDIR/script': No such file or directory"
	assert_equal "$(package build_status)" pending
	assert_equal "$(claim_of attempts)" 0
	assert_home_is_empty
}

@test "nothing pending is 1, and silent" {
	run cc-claim
	assert_failure 1
	assert_output ''
	run cc-claim complete-build
	assert_failure 1
	assert_output --regexp "^$starting [0-9a-f-]{36}\$"
	assert_home_is_empty
}

@test "superseded, building and finished packages are not pending" {
	queue_builds 5
	sql "UPDATE workflow_packages SET superseded = true
	    WHERE package_name = 'p1';
	    UPDATE workflow_packages SET build_status = 'building'
	    WHERE package_name = 'p2';
	    UPDATE workflow_packages SET build_status = 'failed'
	    WHERE package_name = 'p3';
	    UPDATE workflow_packages SET build_status = 'success'
	    WHERE package_name = 'p4'"
	run cc-claim complete-build
	assert_success
	assert_line --partial "'p5' version '1.0', attempt 1: success after "
	run cc-claim complete-build
	assert_failure 1
}

@test "the oldest build is claimed first, and built in a directory of its token" {
	queue_builds 3
	sql "UPDATE workflow_packages SET created_at = created_at - interval '1 day'
	    WHERE package_name = 'p2'"
	BUILT=$BATS_TEST_TMPDIR/built run cc-claim \
	    sh -c 'ls -ld "$1" && cat "$1/claim.json" && complete-build "$@"' sh
	assert_success
	assert_line --partial "'p2' version '1.0', attempt 1: success after "
	token=$(claim_of claim_token p2)
	assert_line --regexp "^drwx------ .* $build_tmp/$token\$"
	json=$(grep '^{' <<<"$output")
	assert_equal "$(jq -r .claim_token <<<"$json")" "$token"
	assert_equal "$(jq -r .build_claim_id <<<"$json")" "$(package id p2)"
	assert_equal "$(jq -r .registry_id <<<"$json")" \
	    "$(package registry_id p2)"
	assert_equal "$(jq -r .compiler_instance_id <<<"$json")" \
	    "$(claim_of compiler_instance_id p2)"
	run jq -c '[.version, .attempt, .package_name, .package_version,
	    .storage_type, .schema]' <<<"$json"
	assert_output '[1,1,"p2","1.0","database",null]'
	assert_equal "$(package build_status p2)" success
	assert_equal "$(cat "$BATS_TEST_TMPDIR/built")" "$(package id p2)"
	assert_home_is_empty
}

@test "the second attempt is called so, and a build after a verdict the first" {
	queue_builds 1
	run cc-claim false
	assert_line --partial 'attempt 1: released after'
	sql "UPDATE build_claims SET attempts = 1, not_before = '-infinity'"
	run cc-claim complete-build
	assert_line --partial 'attempt 2: success after'
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	run cc-claim complete-build
	assert_line --partial 'attempt 1: success after'
}

@test "the exit status of the command is nobody's" {
	queue_builds 4
	local n
	for n in 1 100 111 7; do
		run cc-claim sh -c "complete-build \"\$1\"; exit $n" sh
		assert_success
		assert_line --partial ': success after '
	done
}

@test "failed and timed out builds end with 0 and are called so" {
	queue_builds 2
	run cc-claim sh -c 'complete-build "$1" failed' sh
	assert_success
	assert_line --partial "'p1' version '1.0', attempt 1: failed after "
	assert_equal "$(package build_error)" because
	run cc-claim sh -c 'complete-build "$1" timeout_killed' sh
	assert_success
	assert_line --partial "'p2' version '1.0', attempt 1: timeout_killed after "
	assert_equal "$(package build_status p2)" building
}

@test "what the command does not complete is given back, uncounted" {
	queue_builds 1
	run cc-claim true
	assert_success
	assert_line --partial "'p1' version '1.0', attempt 1: released after "
	assert_equal "$(package build_status)" pending
	assert_equal "$(package build_claimed_at)" ''
	assert_equal "$(claim_of ended_as,attempts)" 'released|0'
	assert_equal "$(claim_of "not_before > claimed_at + interval '1 second'")" t
}

@test "a name that would change the terminal is shown escaped" {
	sql "INSERT INTO workflow_packages (registry_id, package_name, version)
	    VALUES (gen_random_uuid(), E'a\\x1b[31m''\\nb', E'1\\t2')"
	run cc-claim complete-build
	assert_success
	assert_line --partial "'a\\x1b[31m\\'\\nb' version '1\\t2', attempt 1"
}

@test "without a command it prints the claim, and leaves both to the caller" {
	queue_builds 1
	run --separate-stderr cc-claim
	assert_success
	assert_equal "$stderr" ''
	assert_equal "${#lines[@]}" 1
	token=$(jq -r .claim_token <<<"$output")
	directory=$(jq -r .directory <<<"$output")
	assert_equal "$directory" "$build_tmp/held-$token"
	assert_equal "$(stat -c %a "$directory")" 700
	assert_equal "$(jq -cS 'del(.directory)' <<<"$output")" \
	    "$(jq -cS . "$directory/claim.json")"
	assert_equal "$(package build_status)" building
	assert_equal "$(claim_of claim_token)" "$token"
	assert_equal "$(ls "$CLOACINA_COMPILER_HOME")" build-tmp
	run cc-claim
	assert_failure 1
	assert [ -e "$directory/claim.json" ]
	complete-build "$directory"
	assert_equal "$(package build_status)" success
}

@test "a name that would change the terminal is printed as ASCII" {
	sql "INSERT INTO workflow_packages (registry_id, package_name, version)
	    VALUES (gen_random_uuid(), E'a\\u202eb', '1')"
	run --separate-stderr cc-claim
	assert_success
	assert_output --partial '"package_name":"a\u202Eb"'
}

@test "a claim that cannot be printed is given back" {
	queue_builds 1
	run bash -c 'cc-claim >/dev/full'
	assert_failure 111
	assert_output 'cc-claim: cannot write to stdout: No space left on device'
	assert_equal "$(package build_status)" pending
	assert_equal "$(claim_of attempts)" 0
	assert_home_is_empty
	run bash -c 'cc-claim | true; echo "${PIPESTATUS[0]}"'
	refute_output --partial 141
}

@test "the command starts from a clean state" {
	queue_builds 1
	trap '' HUP USR1
	run cc-claim sh -c 'readlink /proc/self/fd/0; cat /proc/self/status' sh
	trap - HUP USR1
	assert_success
	assert_line /dev/null
	assert_line --regexp '^SigBlk:	0+$'
	assert_line --regexp '^SigIgn:	0+$'
}

@test "the command inherits no descriptor of the database, nor any other of ours" {
	queue_builds 1
	run cc-claim sh -c 'ls -l /proc/$$/fd' sh 3>&-
	assert_success
	refute_output --partial socket
	refute_output --partial anon_inode
	refute_output --partial "$build_tmp"
}

@test "the command gets what it needs to find the same database, home and log" {
	queue_builds 2
	unset CLOACINA_COMPILER_HOME
	url=$DATABASE_URL
	export DATABASE_URL=wrong
	run cc-claim --database-url "$url" --home "$BATS_TEST_TMPDIR/h" sh -c env
	assert_success
	assert_line "DATABASE_URL=$url"
	assert_line "CLOACINA_COMPILER_HOME=$BATS_TEST_TMPDIR/h"
	assert_line "CLOACINA_COMPILER_AUDIT_LOG=$BATS_TEST_TMPDIR/h/logs/compiler.log"
	assert_line 'RES_OPTIONS=timeout:1 attempts:2'
	refute_line --partial CLOACINA_TENANT_SCHEMA
	printf '%s\nmore\n' "$url" >"$BATS_TEST_TMPDIR/url"
	export CLOACINA_COMPILER_DATABASE_URL_FILE=$BATS_TEST_TMPDIR/url
	RES_OPTIONS=ndots:2 HOME=$BATS_TEST_TMPDIR run cc-claim \
	    --audit-log "$BATS_TEST_TMPDIR/log" sh -c env
	assert_success
	assert_line "DATABASE_URL=$url"
	refute_line --partial DATABASE_URL_FILE
	assert_line "CLOACINA_COMPILER_HOME=$BATS_TEST_TMPDIR/.cloacina"
	assert_line "CLOACINA_COMPILER_AUDIT_LOG=$BATS_TEST_TMPDIR/log"
	assert_line 'RES_OPTIONS=ndots:2'
}

@test "a build of the same user cannot look into cc-claim" {
	queue_builds 1
	run cc-claim sh -c 'cat /proc/$PPID/environ; ls -l /proc/$PPID/fd
	    complete-build "$1"' sh
	assert_success
	refute_output --partial DATABASE_URL
	assert_line --partial "environ: Permission denied"
	assert_line --partial "fd': Permission denied"
	assert_line --partial ': success after '
}

@test "the start is logged and told before anything is claimed" {
	run cc-claim true
	assert_failure 1
	log=$CLOACINA_COMPILER_HOME/logs/compiler.log
	run jq -r '[.level, .event_type, .message, .version] | join(" ")' "$log"
	assert_output --regexp '^info compiler.starting cloacina-compiler starting [0-9.]+$'
	id=$(jq -r .compiler_instance_id "$log")
	run cc-claim true
	assert_output "$starting $(tail -n 1 "$log" | jq -r .compiler_instance_id)"
	refute_output --partial "$id"
	run cc-claim --audit-log - true
	assert_line --partial '"event_type":"compiler.starting"'
}

@test "without an audit log nothing is claimed" {
	queue_builds 1
	mkdir "$BATS_TEST_TMPDIR/log"
	run cc-claim --audit-log "$BATS_TEST_TMPDIR/log" complete-build
	assert_failure 111
	assert_output --regexp "^cc-claim: cannot write the audit log '.*/log': "
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 0
	rmdir "$BATS_TEST_TMPDIR/log"
	run cc-claim --audit-log "$BATS_TEST_TMPDIR/log" complete-build
	assert_success
}

@test "a home that cannot be written takes nothing" {
	queue_builds 1
	mkdir -p "$build_tmp"
	chmod 0500 "$build_tmp"
	run cc-claim complete-build
	assert_failure 111
	assert_line "cc-claim: cannot make a build directory in '$build_tmp': Permission denied"
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 0
	run cc-claim --home /proc/nowhere complete-build
	assert_failure 111
	assert_line "cc-claim: cannot use '/proc/nowhere/build-tmp': No such file or directory"
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 0
}

@test "a home that others can write is refused, one they can read is not" {
	queue_builds 1
	mkdir -p "$build_tmp"
	chmod 0770 "$build_tmp"
	run cc-claim complete-build
	assert_failure 111
	assert_output "cc-claim: cannot use '$build_tmp': others can write there"
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 0
	chmod 0755 "$build_tmp"
	chmod 0777 "$CLOACINA_COMPILER_HOME"
	run cc-claim complete-build
	assert_failure 111
	assert_output "cc-claim: cannot use '$build_tmp': others can write there"
	run cc-claim --home /usr complete-build
	assert_failure 111
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 0
	chmod 1777 "$CLOACINA_COMPILER_HOME"
	run cc-claim complete-build
	assert_success
}

@test "a home below a symlink and a relative one become an absolute path" {
	queue_builds 2
	mkdir "$BATS_TEST_TMPDIR/real"
	ln -s real "$BATS_TEST_TMPDIR/link"
	run cc-claim --home "$BATS_TEST_TMPDIR/link/a/b" echo
	assert_line --regexp "^$BATS_TEST_TMPDIR/real/a/b/build-tmp/[0-9a-f-]*\$"
	assert_equal "$(stat -c %a "$BATS_TEST_TMPDIR/real/a")" 700
	cd "$BATS_TEST_TMPDIR"
	run cc-claim --home relative echo
	assert_line --regexp "^$BATS_TEST_TMPDIR/relative/build-tmp/[0-9a-f-]*\$"
}

# on_full_disk COMMAND...: with a home of 1 MiB that `fill` fills.
on_full_disk() {
	bwrap --dev-bind / / true || skip 'no user namespaces'
	mkdir "$CLOACINA_COMPILER_HOME"
	run bwrap --dev-bind / / --size 1048576 \
	    --tmpfs "$CLOACINA_COMPILER_HOME" -- "$@"
}

@test "a full disk takes nothing" {
	queue_builds 1
	on_full_disk bash -c 'head -c 2M /dev/zero >$CLOACINA_COMPILER_HOME/x
	    cc-claim --audit-log - complete-build'
	assert_failure 111
	assert_line "cc-claim: cannot make a build directory in '$build_tmp': No space left on device"
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 0
}

@test "a disk that fills up before the claim gives it back, uncounted" {
	queue_builds 1
	sql 'UPDATE build_control SET paused = true'
	on_full_disk bash -c 'cc-claim --wait --audit-log - complete-build 2>said &
	    until ls $CLOACINA_COMPILER_HOME/build-tmp/*-*; do :; done 2>&-
	    head -c 2M /dev/zero >$CLOACINA_COMPILER_HOME/x
	    psql -qXc "UPDATE build_control SET paused = false"
	    wait $!'
	assert_failure 111
	assert_equal "$(claim_of ended_as,attempts)" 'released|0'
	assert_equal "$(package build_status)" pending
}

@test "directories of dead claims are removed at the start, and nothing else" {
	queue_builds 2
	start cc-claim hold
	reached
	mkdir "$dir.scratch"
	live=${dir##*/}
	dead=3f0e0b1a-1111-4111-8111-000000000001
	orphan=3f0e0b1a-1111-4111-8111-000000000002
	mkdir -p "$build_tmp/$dead/x" "$build_tmp/$dead.scratch/y" \
	    "$build_tmp/$orphan.scratch" "$build_tmp/held-$dead" \
	    "$build_tmp/$dead.other" "$build_tmp/other"
	chmod 000 "$build_tmp/$dead/x" "$build_tmp/$dead.scratch" "$build_tmp/$dead"
	run cc-claim complete-build
	assert_success
	run ls "$build_tmp"
	assert_output "$(printf '%s\n' "$dead.other" "$live" "$live.scratch" \
	    "held-$dead" other | sort)"
	order complete
	order end
	finish
	assert_equal "$status" 0
	assert [ ! -e "$dir" ]
	assert [ ! -e "$dir.scratch" ]
}

@test "no worker that starts takes the directory of one that makes it" {
	build_helper "$BATS_TEST_TMPDIR/race" \
	    "$BATS_TEST_DIRNAME/claim/directory-race.c" cc-claim
	run "$BATS_TEST_TMPDIR/race" "$CLOACINA_COMPILER_HOME"
	assert_success
	assert_output '0 lost'
}

@test "SIGKILL of cc-claim ends the command, and the next start tidies up" {
	queue_builds 2
	start cc-claim hold
	reached
	mkdir "$dir.scratch"
	kill -KILL "$claim"
	finish
	until_true 10 gone "$child"
	assert [ -e "$dir/claim.json" ]
	assert_equal "$(package build_status)" building
	run cc-claim complete-build
	assert_success
	assert_home_is_empty
	assert_equal "$(package build_status p2)" success
}

@test "a paused farm claims nothing until it goes on" {
	queue_builds 1
	sql 'UPDATE build_control SET paused = true'
	run cc-claim complete-build
	assert_failure 1
	sql 'UPDATE build_control SET paused = false'
	run cc-claim complete-build
	assert_success
}

@test "a build whose not_before is ahead waits, one whose is past does not" {
	queue_builds 1
	run cc-claim true
	sql "UPDATE build_claims SET not_before = 'infinity'"
	run cc-claim complete-build
	assert_failure 1
	sql "UPDATE build_claims
	    SET not_before = clock_timestamp() AT TIME ZONE 'UTC'"
	run cc-claim complete-build
	assert_success
}

@test "a tenant's builds are claimed from its own schema alone" {
	queue_builds 1
	local schema="odd \"name'; --"
	psql -qX -v ON_ERROR_STOP=1 -v schema="$schema" -f "$sql_dir/queue.sql" \
	    -f "$sql_dir/compiler.sql" >/dev/null
	run cc-claim --tenant-schema "$schema" true
	assert_failure 1
	sql "INSERT INTO \"odd \"\"name'; --\".workflow_packages
	    (registry_id, package_name, version)
	    VALUES (gen_random_uuid(), 'p7', '1.0')"
	run cc-claim --tenant-schema "$schema" \
	    sh -c 'env; cat "$1/claim.json"' sh
	assert_success
	assert_line "CLOACINA_TENANT_SCHEMA=$schema"
	assert_line --partial '"schema":"odd \"name'\''; --"'
	assert_line --partial "'p7' version '1.0', attempt 1: released after"
	assert_equal "$(package build_status)" pending
	run cc-claim --tenant-schema "$schema" --wait true
	assert_success
	refute_line --partial 'are missing'
	run cc-claim --tenant-schema nowhere true
	assert_failure 111
	assert_line --partial 'cannot claim a build: schema "nowhere" does not exist'
}

@test "a database that cannot be reached is 111 at once" {
	run cc-claim --database-url "host=$BATS_TEST_TMPDIR dbname=x" true
	assert_failure 111
	assert_line --regexp "^cc-claim: cannot use the database: .*No such file or directory"
	DATABASE_URL="host=$PGHOST user=nobody-here dbname=$PGDATABASE" \
	    run cc-claim true
	assert_failure 111
	assert_line --regexp "^cc-claim: cannot use the database: .*role \"nobody-here\" does not exist"
	sql 'REVOKE UPDATE ON build_claims FROM cloacina_compiler'
	queue_builds 1
	run cc-claim true
	assert_failure 111
	assert_line --regexp '^cc-claim: cannot claim a build: role "cloacina_compiler" lacks UPDATE \([a-z_]*\) of build_claims: apply compiler.sql$'
}

@test "missing descriptors do not turn a socket into stderr" {
	queue_builds 1
	run bash -c 'cc-claim complete-build <&- >&- 2>&-'
	assert_success
	assert_output ''
	assert_equal "$(package build_status)" success
}
