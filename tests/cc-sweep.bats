# SPDX-License-Identifier: Apache-2.0
# cc-sweep: what it shows, logs and records, and how it goes on for ever. What
# its statements do to a claim is in fence.bats.

load helper
load fence/statements
load fence/sessions

with_database

setup() {
	cd "$BATS_TEST_TMPDIR"
	new_queue
	instance=$(uuid)
	export HOME=$PWD
	log=.cloacina/logs/compiler.log
}

# new_build NAME [AGE]: claimed, without a sign of life since AGE; $id, $token.
new_build() {
	token=$(uuid)
	id=$(sql "WITH p AS (
		INSERT INTO workflow_packages (registry_id, package_name,
		    version, build_status, build_claimed_at)
		VALUES (gen_random_uuid(), \$name\$$1\$name\$, '1.0', 'building',
		    now() AT TIME ZONE 'UTC' - '${2:-2 minutes}'::interval)
		RETURNING *
	)
	INSERT INTO build_claims (package_id, claim_token,
	    compiler_instance_id, attempts, claimed_at, first_claimed_at)
	SELECT id, '$token', '$instance', 1, build_claimed_at,
	    build_claimed_at FROM p RETURNING package_id")
}

# record TYPE [EVENT]: as cc-audit does for the build.
record() {
	local event="{\"event_type\":\"compiler.build.$1\",\"prev\":\"x\",\"package_name\":\"p\"}"
	execute audit_insert "'$token', '$id', 'compiler.build.$1', '$instance',
	    '${2:-$event}', NULL"
}

status() {
	sql "SELECT build_status FROM workflow_packages WHERE id = '$id'"
}

# The finished event of the build, some of its members.
finished() {
	sql "SELECT event ->> 'outcome', event ->> 'failure_reason',
	    event ->> 'exit_status', event ->> 'exit_signal',
	    event ->> 'event_type', event ->> 'package_name',
	    (event -> 'wall_clock_ms')::int >= 0, event ? 'prev',
	    compiler_instance_id = '$instance', build_claim_id = '$id',
	    line_hash
	FROM build_audit WHERE claim_token = '$token'
	    AND event_type = 'compiler.build.finished'"
}

# What finished says of a build whose worker is known to be lost.
lost='worker lost|<none>|<none>|compiler.build.finished|p|t|f|t|t|'

# Lets a grace that has begun go by.
pass_grace() {
	sql "UPDATE build_audit SET finish_due = '2001-01-01'
	    WHERE finish_due < 'infinity'"
}

@test "nothing stale is nothing to do" {
	new_build p '50 seconds'
	run cc-sweep
	assert_success
	refute_output
	assert_equal "$(status)" building
	assert [ ! -e "$log" ]
}

@test "a stale build is shown and put back" {
	new_build p
	since=$(sql "SELECT to_char(build_claimed_at,
	    'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM workflow_packages")
	run cc-sweep
	assert_success
	assert_output "{\"id\":\"$id\",\"package_name\":\"p\",\"version\":\"1.0\",\"action\":\"pending\",\"attempts\":1,\"claim_token\":\"$token\",\"compiler_instance_id\":\"$instance\",\"stale_since\":\"$since\"}"
	assert_equal "$(status)" pending
}

@test "a build of a service without tokens is shown with nulls" {
	new_build p
	sql 'DELETE FROM build_claims'
	run cc-sweep
	assert_success
	assert_equal "$(jq -c '[.action, .attempts, .claim_token,
	    .compiler_instance_id]' <<<"$output")" '["pending",null,null,null]'
	run jq -c '[.compiler_instance_id, .claim_token, .attempts]' "$log"
	assert_output '["<none>","<none>","<none>"]'
	run sql 'SELECT claim_token, compiler_instance_id, event_type
	    FROM build_audit'
	assert_output '||compiler.build.swept'
}

@test "a build whose attempts are used up fails" {
	new_build p
	sql 'UPDATE build_claims SET attempts = 3'
	run cc-sweep --max-attempts 4
	assert_equal "$(jq -r .action <<<"$output")" pending
	new_build q
	sql 'UPDATE build_claims SET attempts = 3'
	run cc-sweep
	assert_equal "$(jq -r .action <<<"$output")" failed
	assert_equal "$(status)" failed
}

@test "a superseded build whose worker is lost fails" {
	new_build p
	sql 'UPDATE workflow_packages SET superseded = true'
	run cc-sweep
	assert_success
	assert_equal "$(jq -r .action <<<"$output")" failed
	run sql 'SELECT build_status, build_error FROM workflow_packages'
	assert_output 'failed|superseded by a newer version'
}

@test "all batches are swept" {
	for n in 1 2 3 4 5; do new_build "p$n"; done
	new_build s1
	new_build s2
	new_build s3
	sql "UPDATE workflow_packages SET superseded = true
	    WHERE package_name LIKE 's%'"
	run cc-sweep --batch 2
	assert_success
	assert_equal "${#lines[@]}" 8
	run sql "SELECT count(*) FROM workflow_packages
	    WHERE build_status = 'building'"
	assert_output 0
}

@test "a hostile name is shown escaped" {
	new_build $'\n\u202e\e[31m"'
	run cc-sweep
	assert_success
	assert_equal "${#lines[@]}" 1
	assert_output --partial '"package_name":"\n\u202E\u001B[31m\""'
	assert_equal "$(jq -r .package_name "$log")" $'\n\u202e\e[31m"'
}

@test "--dry-run shows the same and changes nothing" {
	new_build p
	new_build given_up
	sql "UPDATE build_claims SET attempts = 3 WHERE package_id = '$id'"
	new_build superseded
	sql "UPDATE workflow_packages SET superseded = true WHERE id = '$id'"
	new_build fresh '1 second'
	new_build theirs_superseded
	sql "UPDATE workflow_packages SET superseded = true WHERE id = '$id';
	    UPDATE build_claims SET ended_as = 'released'
	    WHERE package_id = '$id'"
	new_build theirs
	sql "DELETE FROM build_claims WHERE package_id = '$id'"
	pg_dump --data-only | grep -v restrict >before
	run cc-sweep --dry-run
	assert_success
	pg_dump --data-only | grep -v restrict >after
	diff before after
	assert [ ! -e "$log" ]
	shown=$(sort <<<"$output")
	run cc-sweep
	assert_equal "$(sort <<<"$output")" "$shown"
	assert_equal "${#lines[@]}" 4
	run cc-sweep --dry-run
	assert_success
	refute_output
}

@test "--dry-run needs no more than to read" {
	new_build p
	run cc-sweep --dry-run --database-url "$DATABASE_URL user=cloacina_status"
	assert_success
	assert_output --partial "$id"
	run cc-sweep --database-url "$DATABASE_URL user=cloacina_status"
	assert_failure 111
	assert_output --partial 'cc-sweep: cannot sweep: permission denied for table'
}

@test "the event goes to the log and, with its line's hash, to the table" {
	new_build p
	cc-sweep
	run jq -r '.event_type, .level, .build_claim_id, .package_name,
	    .package_version, .compiler_instance_id, .claim_token, .attempts,
	    .action' "$log"
	assert_output - <<-EOF
	compiler.build.swept
	WARN
	$id
	p
	1.0
	$instance
	$token
	1
	pending
	EOF
	hash=$(head -n 1 "$log" | tr -d '\n' | sha256sum)
	run sql 'SELECT event_type, claim_token, build_claim_id,
	    compiler_instance_id, line_hash FROM build_audit'
	assert_output "compiler.build.swept|$token|$id|$instance|${hash%% *}"
	assert_equal "$(sql 'SELECT event FROM build_audit' | jq -cS .)" \
	    "$(jq -cS . "$log")"
}

@test "--audit-tee: the event to stderr, too" {
	new_build tee
	run --separate-stderr cc-sweep --audit-tee yes
	assert_success
	assert_equal "$stderr" "$(cat "$log")"
	assert_output --partial '"package_name":"tee"'
}

@test "the log is named by an option, the environment or the home" {
	new_build a
	cc-sweep --home home
	new_build b
	CLOACINA_COMPILER_HOME=home cc-sweep
	assert_equal "$(jq -r .package_name home/logs/compiler.log)" $'a\nb'
	new_build c
	cc-sweep --home home --audit-log log
	new_build d
	CLOACINA_COMPILER_AUDIT_LOG=log cc-sweep
	assert_equal "$(jq -r .package_name log)" $'c\nd'
	new_build e
	run cc-sweep --audit-log -
	assert_equal "$(jq -r .event_type <<<"$output")" compiler.build.swept
	run env -u HOME cc-sweep
	assert_failure 100
	assert_output 'cc-sweep: cannot name the audit log: want --audit-log, --home or $HOME'
}

@test "a log that cannot be written is said, the sweep goes on" {
	new_build a
	new_build b
	mkdir log
	run cc-sweep --audit-log log
	assert_failure 111
	assert_line "cc-sweep: cannot write the audit log 'log': Is a directory, going on"
	run sql "SELECT build_status, count(*) FROM workflow_packages GROUP BY 1"
	assert_output 'pending|2'
	run sql 'SELECT count(*), count(line_hash) FROM build_audit'
	assert_output '2|0'
}

@test "a table that cannot be written is said, the sweep goes on" {
	new_build a
	sql 'REVOKE INSERT ON build_audit FROM cloacina_compiler;
	    REVOKE INSERT (event) ON build_audit FROM cloacina_compiler'
	run cc-sweep
	assert_failure 111
	assert_line "cc-sweep: cannot record that '$id' was swept: permission denied for table build_audit (role 'cloacina_compiler' lacks what compiler.sql grants in the schema of its search_path), going on"
	assert_equal "$(status)" pending
}

@test "an event is recorded once" {
	new_build p
	assert_equal "$(record started)" recorded
	assert_equal "$(record started)" already
	assert_equal "$(record finished)" recorded
	assert_equal "$(record finished)" already
	run sql 'SELECT event_type, finish_due FROM build_audit ORDER BY id'
	assert_output $'compiler.build.started|\ncompiler.build.finished|'
}

@test "events of builds without a token are all recorded" {
	new_build p
	for n in 1 2; do
		run execute audit_insert "NULL, '$id', 'compiler.build.swept',
		    NULL, '{}', NULL"
		assert_output recorded
	done
}

@test "a swept build whose host died is finished at once" {
	new_build p
	record started
	cc-sweep
	assert_equal "$(finished)" "internal_error|$lost"
	assert_equal "$(sql 'SELECT count(finish_due) FROM build_audit')" 0
	assert_equal "$(record finished)" already
	run sql "SELECT event_type FROM build_audit ORDER BY id"
	assert_output - <<-'EOF'
	compiler.build.started
	compiler.build.swept
	compiler.build.finished
	EOF
}

@test "a build whose finished event is there gets no other one" {
	new_build p
	record started
	execute leave "'$id', '$token'"
	record finished '{"outcome":"timeout_killed"}'
	cc-sweep
	assert_equal "$(status)" pending
	run sql "SELECT event ->> 'outcome' FROM build_audit
	    WHERE event_type = 'compiler.build.finished'"
	assert_output timeout_killed
}

@test "a build that is held, or was never started, is not finished" {
	new_build p '1 second'
	record started
	cc-sweep
	cc-sweep
	assert_equal "$(finished)" ''
	new_build q
	cc-sweep
	assert_equal "$(finished)" ''
}

@test "a host has a grace to say what became of its build" {
	new_build p '1 second'
	record started
	execute release "'$id', '$token', 'was killed', 1000, 3, 20, NULL"
	cc-sweep
	cc-sweep
	assert_equal "$(finished)" ''
	assert_equal "$(record finished '{"outcome":"mine"}')" recorded
	pass_grace
	cc-sweep
	run sql "SELECT event ->> 'outcome' FROM build_audit
	    WHERE event_type = 'compiler.build.finished'"
	assert_output mine
}

@test "after the grace the event says what the row got" {
	for outcome in success failed; do
		new_build "$outcome" '1 second'
		record started
		execute finish "'$id', '$token', '$outcome', 'x', 'why'"
		cc-sweep
		assert_equal "$(finished)" ''
		pass_grace
		cc-sweep
		[ $outcome = failed ] || said='<none>'
		assert_equal "$(finished)" "$outcome|${said:-worker lost}${lost#worker lost}"
		said=
	done
	new_build left '1 second'
	record started
	execute leave "'$id', '$token'"
	cc-sweep
	pass_grace
	cc-sweep
	assert_equal "$(finished)" "timeout_killed|$lost"
}

@test "a build that another service took away is finished after the grace" {
	for change in 'build_claimed_at = now()' "build_status = 'success'"; do
		new_build "$change" '1 second'
		record started
		sql "UPDATE workflow_packages SET $change WHERE id = '$id'"
		cc-sweep
		assert_equal "$(finished)" ''
		pass_grace
		cc-sweep
		assert_equal "$(finished)" "internal_error|$lost"
	done
}

@test "a build whose claim was taken over is finished after the grace" {
	new_build p '1 second'
	record started
	execute release "'$id', '$token', 'was killed', 0, 3, 20, NULL"
	execute claim "'$(uuid)', '$instance', '-infinity'"
	cc-sweep
	pass_grace
	cc-sweep
	assert_equal "$(finished)" "internal_error|$lost"
}

@test "a host and a sweep that finish the same build do not deadlock" {
	new_build p
	record started
	execute sweep '60, 10, 3, 0, 20'
	host="EXECUTE audit_insert('$token', '$id', 'compiler.build.finished',
	    '$instance', '{}', NULL)"
	open_session one
	open_session two
	# A sweep that has come as far as its first lock.
	send one "BEGIN; SELECT 'locked' FROM build_audit FOR NO KEY UPDATE"
	assert_equal "$(answer one)" locked
	send two "$host"
	until_true 20 is_blocked two
	send one 'EXECUTE audit_lost(60, 10)'
	assert_equal "$(answer one)" "$id|$token|internal_error"
	send one COMMIT
	assert_equal "$(answer two)" already
	close_session one
	close_session two
}

@test "a sweep passes by what a host is about to finish" {
	new_build p
	record started
	execute sweep '60, 10, 3, 0, 20'
	open_session one
	send one "BEGIN; EXECUTE audit_insert('$token', '$id',
	    'compiler.build.finished', '$instance', '{}', NULL)"
	assert_equal "$(answer one)" recorded
	run execute audit_lost '60, 10'
	assert_success
	refute_output
	send one COMMIT
	assert_equal "$(answer one)" ''
	run execute audit_lost '60, 10'
	refute_output
	close_session one
}

@test "sweepers beside each other sweep each build once" {
	for n in 1 2 3 4 5 6 7 8 9; do new_build "p$n"; done
	for n in 1 2 3 4; do
		cc-sweep --batch 1 >"out$n" 3>&- &
		sweepers+=($!)
	done
	wait "${sweepers[@]}"
	run bash -c 'cat out? | jq -r .id | sort | uniq -c | grep -c " 1 "'
	assert_output 9
	assert_equal "$(wc -l <"$log")" 9
}

@test "works for a tenant's schema alone" {
	psql -qX -v schema=red -f "$sql_dir/queue.sql" -f "$sql_dir/compiler.sql"
	new_build p
	run cc-sweep --tenant-schema red
	assert_success
	refute_output
	CLOACINA_TENANT_SCHEMA=nowhere run cc-sweep
	assert_failure 111
	assert_output "cc-sweep: cannot sweep: schema \"nowhere\" does not exist (apply compiler.sql to schema 'nowhere', or correct --tenant-schema)"
	assert_equal "$(status)" building
}

# Starts cc-sweep --forever; $sweep is its process.
sweep_forever() {
	cc-sweep --forever --sweep-interval-s 0.05 "$@" >out 2>err 3>&- &
	sweep=$!
}

has_status() {
	[ "$(status)" = "$1" ]
}

@test "--forever sweeps until SIGTERM" {
	new_build a
	sweep_forever
	until_true 20 has_status pending
	new_build b
	until_true 20 has_status pending
	kill "$sweep"
	wait "$sweep"
	assert_equal "$(jq -r .package_name out)" $'a\nb'
	assert_equal "$(<err)" ''
}

@test "--forever ends at once while it rests" {
	new_build a
	sweep_forever --sweep-interval-s 1000
	until_true 20 has_status pending
	kill "$sweep"
	wait "$sweep"
}

has_lines() {
	[ "$(wc -l <"$2")" -ge "$1" ]
}

@test "--forever survives the loss of the database and says so once" {
	new_build a
	mkdir away
	ln -s "$PGHOST"/.s.PGSQL.5432 away/
	sweep_forever --database-url \
	    "host=$PWD/away user=cloacina_compiler dbname=$PGDATABASE"
	until_true 20 has_status pending
	rm away/.s.PGSQL.5432
	until_true 20 has_lines 1 err
	new_build b
	ln -s "$PGHOST"/.s.PGSQL.5432 away/
	until_true 20 has_status pending
	until_true 20 has_lines 2 err
	kill "$sweep"
	wait "$sweep"
	run cat err
	assert_line --index 0 --regexp '^cc-sweep: cannot sweep: .*No such file or directory.*, trying again$'
	assert_line --index 1 'cc-sweep: sweeping again'
	assert_equal "${#lines[@]}" 2
}

@test "--forever ends while the database is away" {
	sweep_forever --database-url "host=$PWD dbname=x"
	until_true 20 has_lines 1 err
	kill "$sweep"
	wait "$sweep"
}

@test "--forever ends when the queue is not there" {
	run cc-sweep --forever --tenant-schema nowhere
	assert_failure 111
	assert_output "cc-sweep: cannot sweep: schema \"nowhere\" does not exist (apply compiler.sql to schema 'nowhere', or correct --tenant-schema)"
}

@test "a database that stays away ends a single sweep" {
	run cc-sweep --database-url "host=$PWD dbname=x"
	assert_failure 111
	assert_output --regexp '^cc-sweep: cannot sweep: .*No such file or directory'
}

@test "a closed stdout is told, and the database's socket is not it" {
	new_build a
	run bash -c 'cc-sweep <&- >&-'
	assert_failure 111
	assert_output 'cc-sweep: cannot write to stdout: Bad file descriptor'
	assert_equal "$(status)" pending
	assert_equal "$(jq -r .package_name "$log")" a
	run bash -c 'cc-sweep >&-'
	assert_success
}

@test "what nobody reads is said, and recorded nonetheless" {
	new_build a
	new_build b
	run bash -c 'cc-sweep >/dev/full'
	assert_failure 111
	assert_output 'cc-sweep: cannot write to stdout: No space left on device'
	assert_equal "$(jq -r .package_name "$log")" $'a\nb'
	new_build c
	new_build d
	# A pipe whose reader has gone.
	run bash -c 'exec 3> >(:); wait $!; cc-sweep >&3'
	assert_failure 111
	assert_output 'cc-sweep: cannot write to stdout: Broken pipe'
	assert_equal "$(jq -r .package_name "$log")" $'a\nb\nc\nd'
}

@test "settings come from the environment, too" {
	new_build p '10 seconds'
	CLOACINA_COMPILER_STALE_THRESHOLD_S=11 run cc-sweep
	refute_output
	CLOACINA_COMPILER_STALE_THRESHOLD_S=9 \
	    CLOACINA_COMPILER_MAX_ATTEMPTS=1 run cc-sweep
	assert_equal "$(jq -r .action <<<"$output")" failed
	new_build q '10 seconds'
	run cc-sweep --stale-threshold-s 9.5 --backoff-s 500
	assert_output --partial "$id"
	run sql "SELECT not_before - now() AT TIME ZONE 'UTC'
	    BETWEEN '400 s' AND '500 s' FROM build_claims
	    WHERE package_id = '$id'"
	assert_output t
}

@test "what has come back too often is given up" {
	new_build p
	assert_equal "$(cc-sweep --dry-run --max-give-backs 1 | jq -r .action)" \
	    failed
	assert_equal "$(cc-sweep --dry-run | jq -r .action)" pending
	CLOACINA_COMPILER_MAX_GIVE_BACKS=1 run cc-sweep
	assert_equal "$(jq -r .action <<<"$output")" failed
	assert_equal "$(sql 'SELECT build_error FROM workflow_packages')" \
	    'given up after 1 give-back: lost its worker'
}

@test "wrong calls are told so" {
	run cc-sweep d
	assert_failure 100
	assert_output 'usage: cc-sweep [options]'
	run cc-sweep --forever --dry-run
	assert_failure 100
	assert_output 'cc-sweep: --dry-run and --forever exclude each other'
	for option in stale-threshold-s max-attempts max-give-backs backoff-s batch \
	    sweep-interval-s; do
		run cc-sweep "--$option" 0
		assert_failure 100
		assert_output --partial "bad value '0' for --$option"
	done
	unset DATABASE_URL
	run cc-sweep
	assert_failure 100
	assert_output --partial 'cannot use the database URL: want'
}

@test "--help and --version" {
	run cc-sweep --help
	assert_success
	assert_line --index 0 'usage: cc-sweep [options]'
	run cc-sweep --version
	assert_success
	assert_output --regexp '^cc-sweep [0-9.]+$'
}
