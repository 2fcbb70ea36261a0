# SPDX-License-Identifier: Apache-2.0
# cloacina-operate(7)'s recipes and statements, as they stand there: each is looked up
# by its title, the comment before it, and run.

load helper
load outcome/build

with_database

setup() {
	new_queue
	as_compiler=$DATABASE_URL
	export DATABASE_URL="host=$PGHOST dbname=$PGDATABASE"
	logs=$BATS_TEST_TMPDIR/cloacina
	mkdir "$logs"
	export CLOACINA_COMPILER_AUDIT_LOG=$logs/compiler.log
}

page=$SUITE_ROOT/bin/cloacina-compiler/cloacina-operate.7

# The literal blocks of the page, as a reader sees them, a blank line behind each.
blocks() {
	sed -n '/^\.Bd -literal/,/^\.Ed/p' "$page" |
	    sed '/^\.Bd/d; s/^\.Ed$//; s/^\\&//; s/\\e/\\/g'
}

# text TITLE: what the page has below it, up to a blank line or the next title.
text() {
	blocks | awk -v title="$1" '
	/^(#|--) / { is_found = substr($0, index($0, " ") + 1) == title
	    found += is_found; next }
	$0 == "" { is_found = 0 }
	is_found
	END { exit found != 1 }'
}

# recipe TITLE: runs it, on the logs and the build of this test.
recipe() {
	local commands
	commands=$(text "$1") || fail "the page has no '$1', or two"
	run bash -c "$(sed "s,/var/log/cloacina,$logs,g; s/<uuid>/${2:-$id}/g" \
	    <<<"$commands")"
}

# statement TITLE: the same, as the owner of the tables.
statement() {
	local commands
	commands=$(text "$1") || fail "the page has no '$1', or two"
	run psql -qXAt -v ON_ERROR_STOP=1 -c "${commands//<uuid>/$id}"
	assert_success
}

# built NAME VERSION OUTCOME [STATUS [SIGNAL [REASON]]]: a build with its events.
built() {
	sql "DELETE FROM workflow_packages WHERE package_name = '$1'"
	new_build "$1" "$2"
	unpacked rust
	jq -n --arg outcome "$3" --argjson status "${4:-0}" \
	    --arg signal "${5:-}" --arg reason "${6:-}" '{version: 1,
	    answer: $outcome, outcome: $outcome, exit_status: $status,
	    exit_signal: (if $signal == "" then null else $signal end),
	    reason: (if $reason == "" then null else $reason end),
	    artifact_sha256: null, artifact_bytes: null}' >"$dir/record.json"
	DATABASE_URL=$as_compiler cc-audit started "$dir"
	DATABASE_URL=$as_compiler cc-audit finished "$dir"
}

# package NAME [COLUMN=VALUE...]: a row; its id becomes $id.
package() {
	local columns='' values='' each
	for each in "${@:2}"; do
		columns+=", ${each%%=*}" values+=", ${each#*=}"
	done
	id=$(sql "INSERT INTO workflow_packages (registry_id, package_name,
	    version $columns) VALUES (gen_random_uuid(), '$1', '1.2.3' $values)
	    RETURNING id")
}

rotate() {
	mv "$logs/compiler.log" "$logs/compiler.log.1"
}

@test "the guide's searches find what they are for" {
	built other 1.0.0 success
	built my-workflow 1.2.3 failed null SIGKILL 'killed by SIGKILL'
	kill=$id
	built my-workflow 1.2.4 failed 101 '' 'error: no'
	built my-workflow 1.2.3 success
	recipe 'Reconstruct a build by claim id'
	assert_equal "$(jq -r .event_type <<<"$output" | xargs)" \
	    'compiler.build.started compiler.build.finished'
	recipe 'All rlimit-like kills'
	assert_equal "$(jq -r .build_claim_id <<<"$output")" "$kill"
	recipe 'Every build of a package version'
	assert_equal "$(jq -r .outcome <<<"$output" | xargs)" 'failed success'
	recipe 'What one compiler instance did' "$instance"
	assert_equal "${#lines[@]}" 2
	recipe 'What fails most'
	assert_line --regexp '^ +1 error: no$'
	assert_equal "${#lines[@]}" 2
}

@test "kills of the last day are those of the last day" {
	built old 1.0.0 failed null SIGKILL old
	sed -i 's/"timestamp":"20../"timestamp":"2001/' "$logs/compiler.log"
	built new 1.0.0 failed null SIGSEGV new
	built other 1.0.0 failed 101 '' other
	recipe 'Those of the last day alone'
	assert_equal "$(cut -f 2- <<<"$output")" $'new\tSIGSEGV'
}

@test "rotated logs are searched and verified, the oldest first" {
	built first 1.0.0 success
	kept=$id
	cc-audit finished "$dir"
	rotate
	gzip <"$logs/compiler.log.1" >"$logs/compiler.log.2.gz"
	rm "$logs/compiler.log.1"
	built second 1.0.0 success
	rotate
	built third 1.0.0 success
	recipe 'All of that in the rotated logs, too, the oldest first' "$kept"
	assert_equal "${#lines[@]}" 2
	recipe 'Nobody touched the logs'
	assert_success
	assert_output --partial '6 lines'
	recipe "Nor wrote them anew: the newest hash in the table is of a line in the log" \
	    "$instance"
	assert_success
	sed -i 's/second/SECOND/' "$logs/compiler.log.1"
	recipe 'Nobody touched the logs'
	assert_failure 1
}

@test "a log that was written anew is not the table's" {
	built flow 1.0.0 success
	sql "UPDATE build_audit SET line_hash = repeat('0', 64)"
	recipe "Nor wrote them anew: the newest hash in the table is of a line in the log" \
	    "$instance"
	assert_failure 1
}

@test "swept builds are listed" {
	new_build lost 1.0.0
	sql "UPDATE workflow_packages SET build_claimed_at = '2001-01-01';
	    UPDATE build_claims SET claimed_at = '2001-01-01'"
	DATABASE_URL=$as_compiler cc-sweep
	recipe 'Builds that lost their worker'
	assert_output $'2001-01-01T00:00:00.000000Z\tlost\tpending'
}

@test "the table tells the same of all hosts" {
	built flow 1.0.0 success
	built flow 1.0.1 failed 101 '' 'no'
	statement 'Outcomes of the last day, all hosts together'
	assert_line 'success|1'
	assert_line 'failed|1'
	statement 'The slowest builds'
	assert_line --regexp '^flow\|[0-9]+$'
	statement 'All attempts at a package'
	assert_line --index 1 --regexp '\|compiler.build.finished\|1\|failed\|no$'
	assert_equal "${#lines[@]}" 2
}

claimed() {
	run env DATABASE_URL="$as_compiler" cc-claim --home "$BATS_TEST_TMPDIR" true
	[ "$status" = 0 ]
}

@test "a paused farm claims nothing until it goes on" {
	package flow
	statement 'Pause the farm: builds that run are finished, no other is begun'
	refute claimed
	run cc-status
	assert_output --partial 'PAUSED: vendor directory is replaced'
	statement 'Let it go on'
	claimed
}

@test "a failed package is built again when asked for" {
	package my-workflow "build_status='failed'"
	refute claimed
	statement 'Retry a failed package; its attempts and give-backs are counted anew'
	claimed
}

@test "a retry comes at once when asked for" {
	package flow
	sql "INSERT INTO build_claims (package_id, claim_token,
	    compiler_instance_id, attempts, claimed_at, first_claimed_at,
	    not_before, ended_as)
	    SELECT '$id', gen_random_uuid(), gen_random_uuid(), 1, now(), now(),
	    now() AT TIME ZONE 'UTC' + interval '1 day', 'released'"
	refute claimed
	statement 'Do not wait for the time of a retry'
	claimed
}

# why: the last column of what the statement says.
why() {
	statement 'Why is a package not claimed?'
	output=${output##*|}
}

@test "why a package is not claimed: each reason has its words" {
	package before
	package my-workflow
	why
	assert_output '1 are before it'
	sql "UPDATE build_control SET paused = true, reason = 'moving'"
	why
	assert_output 'the farm is paused: moving'
	sql "UPDATE build_control SET paused = false;
	    INSERT INTO build_claims (package_id, claim_token,
	    compiler_instance_id, attempts, claimed_at, first_claimed_at,
	    not_before, ended_as)
	    SELECT '$id', gen_random_uuid(), gen_random_uuid(), 1, now(), now(),
	    '2099-01-01', 'released'"
	why
	assert_output 'its retry is due at 2099-01-01 00:00:00'
	for state in building failed success; do
		sql "UPDATE workflow_packages SET build_status = '$state'
		    WHERE id = '$id'"
		why
		case $state in
		building) assert_output 'it is: by another service' ;;
		*) assert_output "it has ended: $state" ;;
		esac
	done
	sql "UPDATE workflow_packages SET superseded = true WHERE id = '$id'"
	why
	assert_output 'a newer version supersedes it'
}

@test "old events and orphaned claims are forgotten, nothing else is" {
	built old 1.0.0 success
	built new 1.0.0 success
	sql "UPDATE build_audit SET recorded_at = '2001-01-01', finish_due = NULL
	    WHERE event ->> 'package_name' = 'old'"
	new_build open 1.0.0
	unpacked rust
	DATABASE_URL=$as_compiler cc-audit started "$dir"
	sql "UPDATE build_audit SET recorded_at = '2001-01-01'
	    WHERE build_claim_id = '$id'"
	statement 'Forget the audit trail of last year; keep what has not ended'
	run sql "SELECT DISTINCT event ->> 'package_name' FROM build_audit ORDER BY 1"
	assert_output 'new
open'
	sql "UPDATE build_claims SET ended_as = 'success';
	    DELETE FROM workflow_packages WHERE package_name = 'old'"
	statement 'Forget the claims of packages that are gone'
	run sql 'SELECT count(*) FROM build_claims'
	assert_output 2
}

@test "the settings of a large farm are accepted" {
	statement 'Libraries compress three times as fast'
	statement 'Archives are compressed already'
	text "Heartbeats leave dead rows: vacuum by their number, not by the table's size" |
	    psql -qX -v ON_ERROR_STOP=1
	run sql "SELECT relname FROM pg_class WHERE reloptions @>
	    ARRAY['autovacuum_vacuum_threshold=2000'] ORDER BY 1"
	assert_output 'build_claims
workflow_packages'
}

@test "the index that is made beforehand is the suite's own" {
	before=$(sql "SELECT pg_get_indexdef('cloacina_build_pending'::regclass)")
	sql 'DROP INDEX cloacina_build_pending'
	statement 'On a large live table first, so that nobody waits for the index'
	assert_equal "$(sql "SELECT pg_get_indexdef(
	    'cloacina_build_pending'::regclass)")" "$before"
	psql -qX -v ON_ERROR_STOP=1 -f "$sql_dir/compiler.sql"
}

@test "a library that somebody else wrote is found" {
	for each in ours theirs; do
		built $each 1.0.0 success
		sql "UPDATE workflow_packages SET build_status = 'success',
		    compiled_data = 'it' WHERE id = '$id'"
		sql "UPDATE build_audit SET event = event ||
		    jsonb_build_object('artifact_sha256',
		    encode(sha256('it'), 'hex')) WHERE build_claim_id = '$id'"
	done
	sql "UPDATE workflow_packages SET compiled_data = 'other' WHERE id = '$id'"
	statement 'Where a library is not the one that the suite wrote last'
	assert_output "$id|theirs|1.0.0"
}

@test "going back leaves the queue as it was" {
	objects="SELECT relname FROM pg_class WHERE relnamespace =
	    'public'::regnamespace UNION SELECT tgname FROM pg_trigger
	    UNION SELECT proname FROM pg_proc WHERE pronamespace =
	    'public'::regnamespace ORDER BY 1"
	sql "CREATE DATABASE before$BATS_TEST_NUMBER"
	PGDATABASE=before$BATS_TEST_NUMBER psql -qX -f "$sql_dir/queue.sql"
	before=$(PGDATABASE=before$BATS_TEST_NUMBER sql "$objects")
	refute [ "$(sql "$objects")" = "$before" ]
	text 'Nothing of the suite is left in the database but its roles' |
	    psql -qX -v ON_ERROR_STOP=1
	assert_equal "$(sql "$objects")" "$before"
}

@test "a queue that waits too long is told by the exit status" {
	package flow "created_at='2001-01-01'"
	recipe 'Is everything well? Ends with 1 where a heartbeat is stale or the queue'"'"'s head waits longer than 10 minutes'
	assert_failure 1
	sql "UPDATE workflow_packages SET created_at = now() AT TIME ZONE 'UTC'"
	recipe 'Is everything well? Ends with 1 where a heartbeat is stale or the queue'"'"'s head waits longer than 10 minutes'
	assert_success
}

# Those for systemd are tried under one.
@test "no recipe of the page is left untried" {
	cd "$SUITE_ROOT"
	blocks | awk '/^(#|--) / { print substr($0, index($0, " ") + 1) }' \
	    >"$BATS_TEST_TMPDIR/titles"
	assert [ "$(wc -l <"$BATS_TEST_TMPDIR/titles")" -gt 20 ]
	while IFS= read -r title; do
		sed "s/'\"'\"'/'/g" tests/operate.bats tests/systemd/service.bats |
		    grep -qF "$title" || fail "nothing tries '$title'"
	done <"$BATS_TEST_TMPDIR/titles"
}
