# SPDX-License-Identifier: Apache-2.0

load helper
load outcome/build

with_database

prepare_file() {
	build_helper "$BATS_FILE_TMPDIR/kill_at" \
	    "$SUITE_ROOT/tests/outcome/kill_at.c"
}

setup() {
	new_queue
	new_build
}

# Everything that a write would change.
state() {
	sql "SELECT p, c FROM workflow_packages p JOIN build_claims c
	    ON c.package_id = p.id WHERE p.id = '$id'"
}

@test "a wrong call ends with 100 and one line" {
	run cc-complete
	assert_failure 100
	assert_output 'usage: cc-complete [options] dir'
	run cc-complete "$dir" more
	assert_failure 100
	run cc-complete --retry-delay-s soon "$dir"
	assert_failure 100
	assert_output --partial "bad value 'soon' for --retry-delay-s"
	run cc-complete --database-wait-s 0 "$dir"
	assert_failure 100
	assert_output --partial "bad value '0' for --database-wait-s"
}

@test "without a database nothing is written" {
	failed
	DATABASE_URL='' run cc-complete "$dir"
	assert_failure 100
	assert_output 'cc-complete: cannot use the database URL: want --database-url, --database-url-file or $DATABASE_URL'
	DATABASE_URL='nonsense' run cc-complete "$dir"
	assert_failure 100
	assert_output --partial 'cannot use the database URL: want postgres://'
	DATABASE_URL='' run cc-complete \
	    --database-url-file "$BATS_TEST_TMPDIR/absent" "$dir"
	assert_failure 111
	assert_output 'cc-complete: cannot use the database URL: No such file or directory'
	assert [ ! -e "$dir/record.json" ]
}

@test "a directory that is none ends with 111" {
	run cc-complete "$BATS_TEST_TMPDIR/absent"
	assert_failure 111
	assert_output "cc-complete: cannot open '$BATS_TEST_TMPDIR/absent': No such file or directory"
	rm "$dir/claim.json"
	run cc-complete "$dir"
	assert_failure 111
	assert_output "cc-complete: cannot read '$dir/claim.json': No such file or directory"
	echo '{}' >"$dir/claim.json"
	run cc-complete "$dir"
	assert_failure 111
	assert_output "cc-complete: cannot read '$dir/claim.json': Bad message"
}

@test "a success writes the artifact, and says so" {
	succeeded $'\177ELF and \\x more'
	sql "UPDATE workflow_packages SET build_error = 'old' WHERE id = '$id'"
	run cc-complete "$dir"
	assert_success
	refute_output
	assert_equal "$(row 'build_status, build_error, compiled_at > build_claimed_at')" 'success||t'
	assert_equal "$(row "encode(compiled_data, 'hex')")" \
	    "$(od -An -v -tx1 "$dir/artifact" | tr -d ' \n')"
	assert_equal "$(claim ended_as)" success
	assert_equal "$(jq -c 'del(.version)' "$dir/record.json")" \
	    "{\"answer\":\"success\",\"outcome\":\"success\",\"exit_status\":0,\"exit_signal\":null,\"reason\":null,\"of_row\":false,\"artifact_sha256\":\"$(sha256sum <"$dir/artifact" | cut -d' ' -f1)\",\"artifact_bytes\":$(stat -c %s "$dir/artifact")}"
}

@test "a package with nothing to compile gets an empty artifact, not none" {
	unpacked python
	run cc-complete "$dir"
	assert_success
	assert_equal "$(row 'build_status, compiled_data')" 'success|\x'
	assert_equal "$(recorded '[.artifact_bytes, .artifact_sha256] | @csv')" \
	    "0,\"$(sha256sum </dev/null | cut -d' ' -f1)\""
}

@test "a failure writes the reason and leaves an older artifact alone" {
	sql "UPDATE workflow_packages SET compiled_data = 'old',
	    compiled_at = '2020-02-02' WHERE id = '$id'"
	failed $'error: it\'s "\\broken\\"\n\t\xe2\x82\xac $1 %s'
	run cc-complete "$dir"
	assert_success
	assert_equal "$(row 'build_status, build_error')" \
	    $'failed|error: it\'s "\\broken\\"\n\t€ $1 %s'
	assert_equal "$(row 'compiled_data, compiled_at')" \
	    '\x6f6c64|2020-02-02 00:00:00'
	assert_equal "$(claim ended_as)" failed
	assert_equal "$(recorded '[.answer, .outcome, .exit_status,
	    .artifact_bytes, .artifact_sha256] | @json')" \
	    '["failed","failed",101,null,null]'
}

@test "a long reason of junk fits the row: text of at most 64 KiB" {
	failed
	openssl enc -aes-128-ctr -pass pass:junk -nosalt -pbkdf2 \
	    </dev/zero 2>/dev/null | head -c 10000000 >"$dir/stderr"
	run cc-complete "$dir"
	assert_success
	assert_equal "$(row "octet_length(build_error) BETWEEN 65530 AND 65536")" t
	assert_equal "$(row build_error)" "$(recorded .reason)"
}

@test "a timeout leaves the row to the sweep" {
	timed_out
	run cc-complete "$dir"
	assert_success
	assert_equal "$(row 'build_status, build_error')" 'building|'
	assert_equal "$(claim ended_as)" timeout_killed
	assert_equal "$(recorded '[.answer, .outcome, .exit_signal, .reason]
	    | @json')" \
	    '["timeout_killed","timeout_killed","SIGKILL","timed out after 600 s"]'
}

@test "a failure of this host gives the row back, uncounted and later" {
	run cc-complete "$dir"
	assert_success
	assert_equal "$(row 'build_status, build_claimed_at')" 'pending|'
	assert_equal "$(claim "ended_as, attempts,
	    not_before - clock_timestamp() AT TIME ZONE 'UTC'
	    BETWEEN interval '1 s' AND interval '10 s'")" \
	    'released|0|t'
	assert_equal "$(recorded '[.answer, .outcome] | @json')" \
	    '["released","internal_error"]'
}

@test "the record says where a failure is the row's own" {
	run cc-complete "$dir"
	assert_equal "$(recorded .of_row)" false
	new_build own
	put fetch '"unavailable":"cannot open it"'
	run cc-complete "$dir"
	assert_success
	assert_equal "$(recorded '[.answer, .outcome, .of_row] | @json')" \
	    '["released","internal_error",true]'
	assert_equal "$(claim 'attempts, give_backs, history')" \
	    '0|1|{"was given back (the archive cannot be had: cannot open it)"}'
}

@test "--retry-delay-s says how much later" {
	run cc-complete --retry-delay-s 3600.5 "$dir"
	assert_success
	assert_equal "$(claim "not_before > now() AT TIME ZONE 'UTC'
	    + interval '3590 s'")" t
}

@test "the retry delay comes from the environment, too" {
	CLOACINA_COMPILER_RETRY_DELAY_S=3600 run cc-complete "$dir"
	assert_success
	assert_equal "$(claim "not_before > now() AT TIME ZONE 'UTC'
	    + interval '3590 s'")" t
}

@test "a build that was killed counts as an attempt" {
	put ended '"why":"killed","signal":"SIGKILL"'
	run cc-complete "$dir"
	assert_success
	assert_equal "$(claim 'ended_as, attempts')" 'released|1'
}

@test "the last attempt that was killed fails the build, run again, too" {
	local n
	put ended '"why":"killed","signal":"SIGKILL"'
	for n in 1 2; do
		run cc-complete --max-attempts 1 "$dir"
		assert_success
		refute_output
		assert_equal "$(jq -c '[.answer,.outcome]' <"$dir/record.json")" \
		    '["given_up","internal_error"]'
		assert_equal "$(claim 'ended_as, attempts')" 'given_up|1'
		assert_equal "$(row 'build_status, build_error')" \
		    "failed|given up after 1 attempt: was killed (the build's chain was killed by SIGKILL)"
		[ "$n" = 2 ] || rm "$dir/record.json"
	done
	run cc-complete "$dir"
	assert_success
	run cc-complete --max-attempts none "$dir"
	assert_failure 100
	assert_output --partial "bad value 'none' for --max-attempts"
}

@test "an interrupted build may be claimed again at once" {
	put ended '"why":"interrupted","signal":null'
	run cc-complete --retry-delay-s 3600 "$dir"
	assert_success
	assert_equal "$(claim "ended_as, attempts,
	    not_before <= clock_timestamp() AT TIME ZONE 'UTC'")" 'released|0|t'
}

# given_up REASON: the verdict so far is the last give-back.
given_up() {
	run cc-complete --max-give-backs 1 "$dir"
	assert_success
	assert_equal "$(row 'build_status, build_error')" \
	    "failed|given up after 1 give-back: was $1"
	assert_equal "$(recorded '[.answer, .outcome] | @json')" \
	    '["given_up","internal_error"]'
	sql 'DELETE FROM workflow_packages'
	new_build
}

@test "whatever makes cc-complete give a build back has an end" {
	given_up 'given back (the archive was not unpacked)'
	put ended '"why":"interrupted","signal":null'
	given_up 'interrupted (the worker was asked to stop)'
	put ended '"why":"lost","signal":null'
	given_up 'given back (claim lost)'
	unpacked rust
	given_up 'given back (the build was not run)'
	unpacked rust
	put run '"outcome":"setup_failed","error":"no cgroup"'
	given_up 'given back (the limits could not be set: no cgroup)'
	unpacked rust
	put run '"outcome":"interrupted"'
	given_up 'given back (the runner was asked to stop)'
	echo '{' >"$dir/run.json"
	unpacked rust
	given_up 'given back (run.json is damaged)'
}

@test "the most give-backs come from the environment, too" {
	CLOACINA_COMPILER_MAX_GIVE_BACKS=1 run cc-complete "$dir"
	assert_success
	assert_equal "$(claim ended_as)" given_up
	run cc-complete --max-give-backs 0 "$dir"
	assert_failure 100
	assert_output --partial "bad value '0' for --max-give-backs"
}

@test "a superseded build fails as such" {
	succeeded
	sql "UPDATE workflow_packages SET superseded = true WHERE id = '$id'"
	put ended '"why":"superseded","signal":null'
	run cc-complete "$dir"
	assert_success
	assert_equal "$(row 'build_status, build_error, compiled_data')" \
	    'failed|superseded by a newer version|'
}

@test "a second run changes nothing and says the same" {
	local record make
	for make in succeeded failed timed_out 'put ended "why":"lost"'; do
		new_build "flow-${make%% *}"
		$make
		cc-complete "$dir"
		record=$(cat "$dir/record.json")
		before=$(state)
		run cc-complete "$dir"
		assert_success
		refute_output
		assert_equal "$(cat "$dir/record.json")" "$record"
		assert_equal "$(state)" "$before"
	done
}

@test "a second run after a success needs no database" {
	succeeded
	cc-complete "$dir"
	run cc-complete --database-url "host=$BATS_TEST_TMPDIR dbname=x" "$dir"
	assert_success
	refute_output
}

@test "killed before it could note the answer, it notes it when run again" {
	local make
	for make in succeeded failed timed_out; do
		new_build "flow-$make"
		$make
		cc-complete "$dir"
		mv "$dir/record.json" "$BATS_TEST_TMPDIR/first"
		before=$(state)
		put ended '"why":"killed","signal":"SIGKILL"'
		run cc-complete "$dir"
		assert_success
		cmp "$dir/record.json" "$BATS_TEST_TMPDIR/first"
		assert_equal "$(state)" "$before"
	done
}

@test "what this claim wrote stands, also where the directory denies it" {
	failed
	sql "UPDATE build_claims SET ended_as = 'timeout_killed'"
	run cc-complete "$dir"
	assert_success
	assert_equal "$(recorded '[.answer, .outcome, .reason] | @json')" \
	    '["timeout_killed","timeout_killed","written by an earlier run"]'
}

# lost SQL ANSWER: after the SQL nothing is written any more.
lost() {
	new_build "flow-$RANDOM$RANDOM"
	"${3:-succeeded}"
	sql "$1"
	before=$(state)
	run cc-complete "$dir"
	assert_failure 1
	assert_output "cc-complete: claim lost ($2): the verdict ${4:-success} was not written"
	assert_equal "$(state)" "$before"
	assert_equal "$(recorded '[.answer, .outcome] | @json')" \
	    "[\"$2\",\"${4:-success}\"]"
}

@test "a claim that somebody else holds is lost, whatever the verdict" {
	local steal="UPDATE build_claims SET claim_token = gen_random_uuid()"
	lost "$steal" lost
	lost "$steal" lost failed failed
	lost "$steal" lost timed_out timeout_killed
	lost "$steal" lost true internal_error
}

@test "a claim that was swept is lost" {
	lost "UPDATE build_claims SET ended_as = 'swept'" swept
	lost "UPDATE build_claims SET ended_as = 'given_up'" given_up
}

@test "a row that another service took over is lost" {
	lost "UPDATE workflow_packages SET build_claimed_at =
	    build_claimed_at + interval '1 ms'" lost
	lost "UPDATE workflow_packages SET build_status = 'pending'" lost
}

@test "a row that is gone is lost" {
	succeeded
	sql "DELETE FROM workflow_packages"
	run cc-complete "$dir"
	assert_failure 1
	assert_equal "$(recorded .answer)" lost
}

@test "a lost claim stays lost when it is run again" {
	succeeded
	sql "UPDATE build_claims SET claim_token = gen_random_uuid()"
	run cc-complete "$dir"
	assert_failure 1
	run cc-complete "$dir"
	assert_failure 1
	assert_equal "$(recorded .answer)" lost
}

@test "a database that stays away is noted, and the next run writes" {
	succeeded
	run cc-complete --database-wait-s 0.1 \
	    --database-url "host=$BATS_TEST_TMPDIR dbname=x" "$dir"
	assert_failure 111
	assert_line --regexp "^cc-complete: cannot write the verdict: .*No such file"
	assert_equal "${#lines[@]}" 1
	assert_equal "$(recorded '[.answer, .outcome] | @json')" \
	    '["unreachable","success"]'
	run cc-complete "$dir"
	assert_success
	assert_equal "$(recorded .answer)" success
	assert_equal "$(row build_status)" success
}

@test "it waits for a database that comes back" {
	succeeded
	PGDATABASE=postgres \
	    sql "ALTER DATABASE $PGDATABASE ALLOW_CONNECTIONS false"
	cc-complete --database-wait-s 60 "$dir" 3>&- &
	waiter=$!
	until_true 30 refused_connection
	PGDATABASE=postgres \
	    sql "ALTER DATABASE $PGDATABASE ALLOW_CONNECTIONS true"
	wait "$waiter"
	assert_equal "$(row build_status)" success
}

refused_connection() {
	grep -q "database \"$PGDATABASE\" is not currently accepting" \
	    "$PGHOST/log"
}

@test "an error that will not pass is told at once" {
	succeeded
	run cc-complete --tenant-schema nowhere "$dir"
	assert_failure 111
	assert_output --regexp 'cannot write the verdict: relation "nowhere\..*" does not exist'
	assert_equal "$(recorded .answer)" unreachable
	assert_equal "$(row build_status)" building
}

@test "the tenant's schema is the claim's, or the option's" {
	local schema='Ten"ant'
	psql -qX -v ON_ERROR_STOP=1 -c 'CREATE SCHEMA "Ten""ant"' \
	    -v schema="$schema" -f "$sql_dir/queue.sql" \
	    -f "$sql_dir/compiler.sql" >/dev/null
	sql 'INSERT INTO "Ten""ant".workflow_packages
	    SELECT * FROM workflow_packages;
	    INSERT INTO "Ten""ant".build_claims SELECT * FROM build_claims'
	succeeded
	jq -c '.schema = "Ten\"ant"' "$dir/claim.json" >"$dir/new"
	mv "$dir/new" "$dir/claim.json"
	run cc-complete "$dir"
	assert_success
	assert_equal "$(sql 'SELECT build_status FROM "Ten""ant".workflow_packages')" success
	assert_equal "$(row build_status)" building
	rm "$dir/record.json"
	run cc-complete --tenant-schema public "$dir"
	assert_success
	assert_equal "$(row build_status)" success
}

@test "a record that cannot be written is told, and made up for" {
	succeeded
	chmod 500 "$dir"
	run cc-complete "$dir"
	assert_failure 111
	assert_output "cc-complete: cannot write 'record.json': Permission denied"
	assert_equal "$(row build_status)" success
	chmod 700 "$dir"
	run cc-complete "$dir"
	assert_success
	assert_equal "$(recorded .answer)" success
}

@test "an artifact of 100 MB arrives whole" {
	succeeded
	openssl enc -aes-128-ctr -pass pass:junk -nosalt -pbkdf2 \
	    </dev/zero 2>/dev/null | head -c 100000000 >"$dir/artifact"
	put sandbox '"started":true,"artifact":"taken","artifact_bytes":100000000'
	run cc-complete "$dir"
	assert_success
	assert_equal "$(row "encode(sha256(compiled_data), 'hex')")" \
	    "$(recorded .artifact_sha256)"
	assert_equal "$(recorded .artifact_sha256)" \
	    "$(sha256sum <"$dir/artifact" | cut -d' ' -f1)"
}

@test "an artifact that changed after it was brought out is not sent" {
	succeeded
	echo more >>"$dir/artifact"
	run cc-complete "$dir"
	assert_success
	assert_equal "$(row build_status)" pending
	assert_equal "$(recorded .outcome)" internal_error
}

@test "killed at any system call, run again: row and record agree" {
	local n=1 answers=
	succeeded
	while "$BATS_FILE_TMPDIR/kill_at" "$n" cc-complete "$dir"; do
		put ended '"why":"killed","signal":"SIGKILL"'
		cc-complete "$dir"
		answers+=$(recorded .answer)\ $(row build_status)$'\n'
		# As it was, for the next kill.
		rm -f "$dir/ended.json" "$dir/record.json"
		sql "UPDATE workflow_packages SET build_status = 'building',
		    compiled_data = NULL, build_claimed_at =
		    (SELECT claimed_at FROM build_claims);
		    UPDATE build_claims SET ended_as = NULL, give_backs = 0"
		n=$((n + 1))
	done
	assert [ "$n" -gt 60 ]
	run sort -u <<<"${answers%$'\n'}"
	assert_output $'released pending\nsuccess success'
}
