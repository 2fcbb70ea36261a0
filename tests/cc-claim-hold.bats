# SPDX-License-Identifier: Apache-2.0
# cc-claim: a build that is held, how it ends, and that nothing of it is left.

load helper
load claim/claim

with_database

prepare_file() {
	make_commands
}

setup() {
	new_queue
	make_point
	# No test waits for a heartbeat of 10 s.
	export CLOACINA_COMPILER_HEARTBEAT_INTERVAL_S=0.2
}

teardown() {
	kill_started
}

# The pid of the daemon that `daemonize` left.
daemon() {
	cat "$POINT/daemon"
}

@test "a heartbeat moves build_claimed_at and nothing else" {
	queue_builds 1
	start cc-claim hold
	reached
	local before after
	before=$(package build_claimed_at)
	until_true 20 is t "SELECT build_claimed_at > '$before'
	    FROM workflow_packages"
	after=$(package build_claimed_at)
	until_true 20 is t "SELECT build_claimed_at > '$after'
	    FROM workflow_packages"
	assert_equal "$(package build_status)" building
	order complete
	order end
	finish
	assert_equal "$status" 0
	assert_equal "$(package build_status)" success
}

@test "a superseded build is killed with its daemons, and --finally told why" {
	queue_builds 1
	start cc-claim --finally last daemonize
	reached
	daemon=$(daemon)
	sql 'UPDATE workflow_packages SET superseded = true'
	finish
	assert_equal "$status" 0
	gone "$child"
	gone "$daemon"
	assert_output --partial "cc-claim: a newer version supersedes 'p1' version '1.0': killed it"
	assert_output --partial "'p1' version '1.0', attempt 1: released after "
	run cat "$POINT/last"
	assert_output "last $dir
{\"version\":1,\"why\":\"superseded\",\"signal\":null}"
	assert_equal "$(claim_of attempts)" 0
	assert_home_is_empty
}

@test "processes that do not die are waited for once, and told of once" {
	build_helper "$BATS_TEST_TMPDIR/hold_exit" \
	    "$SUITE_ROOT/tests/limit/hold_exit.c"
	PATH=$BATS_TEST_TMPDIR:$PATH
	queue_builds 1
	start cc-claim --finally last daemonize
	reached
	hold_exit "$(daemon)"
	sql 'UPDATE workflow_packages SET superseded = true'
	finish
	assert_equal "$status" 0
	assert_equal "$(grep -c "cannot end all processes of 'p1' version '1.0': they take too long to die, going on" <<<"$output")" 1
	assert [ -s "$POINT/last" ]
	let_go
	until_true 20 eval '! kill -0 "$(daemon)" 2>/dev/null'
}

@test "a claim that another worker took is lost: its build is killed, nothing is written" {
	queue_builds 1
	start cc-claim --finally last daemonize
	reached
	daemon=$(daemon)
	sweep_and_succeed
	before=$(sql 'SELECT p, c FROM workflow_packages p, build_claims c')
	finish
	assert_equal "$status" 0
	gone "$child"
	gone "$daemon"
	assert_output --partial "cc-claim: lost the claim on 'p1' version '1.0' (lost): killed it"
	assert_output --partial "'p1' version '1.0', attempt 1: lost after "
	run cat "$POINT/last"
	assert_line '{"version":1,"why":"lost","signal":null}'
	assert_equal "$(sql 'SELECT p, c FROM workflow_packages p, build_claims c')" \
	    "$before"
	assert_home_is_empty
}

@test "a build that was swept is killed, one that was given up as well" {
	queue_builds 2
	local word
	for word in swept given_up released; do
		start cc-claim daemonize
		reached
		daemon=$(daemon)
		sql "UPDATE workflow_packages SET build_status = 'pending',
		        build_claimed_at = NULL;
		    UPDATE build_claims SET ended_as = '$word'"
		finish
		gone "$child"
		gone "$daemon"
		rm "$POINT/daemon"
		assert_output --partial "lost the claim on 'p1' version '1.0' ($word): killed it"
		assert_output --partial ": $word after "
	done
}

@test "a build that its chain has just completed is not killed by the next heartbeat" {
	queue_builds 1
	start cc-claim --finally last hold
	reached
	order complete
	# The completion wrote a new row version; the heartbeat locks that one.
	until_true 20 is t "SELECT xmax <> '0' FROM workflow_packages"
	order true
	assert kill -0 "$child"
	order end
	finish
	assert_equal "$status" 0
	assert_output --partial "'p1' version '1.0', attempt 1: success after "
	refute_output --partial killed
	assert [ ! -e "$POINT/last" ]
}

@test "what a command leaves behind is killed when it has ended" {
	queue_builds 1
	start cc-claim daemonize
	reached
	daemon=$(daemon)
	kill -0 "$daemon"
	order complete
	order end
	finish
	assert_equal "$status" 0
	gone "$daemon"
	assert_output --partial 'success after'
}

# stop_by SIGNAL: a build in the middle, and the signal.
stop_by() {
	queue_builds 1
	start cc-claim --forever --finally last daemonize
	reached
	daemon=$(daemon)
	kill -"$1" "$claim"
	finish
	assert_equal "$status" 0
	gone "$child"
	gone "$daemon"
	assert_output --partial "cc-claim: asked to stop: killed 'p1' version '1.0'"
	assert_output --partial "'p1' version '1.0', attempt 1: released after "
	assert_equal "$(package build_status)" pending
	assert_equal "$(claim_of ended_as,attempts)" 'released|0'
	assert_equal "$(claim_of 'not_before <= clock_timestamp() AT TIME ZONE $$UTC$$')" t
	run cat "$POINT/last"
	assert_output "last $dir
{\"version\":1,\"why\":\"interrupted\",\"signal\":null}"
	assert_home_is_empty
}

@test "SIGTERM kills the build and gives it back at once, uncounted" {
	stop_by TERM
}

@test "SIGINT kills the build and gives it back at once, uncounted" {
	stop_by INT
}

@test "SIGHUP kills the build and gives it back at once, uncounted" {
	stop_by HUP
}

@test "a SIGHUP that the caller ignores is ignored" {
	queue_builds 1
	start nohup cc-claim hold
	reached
	kill -HUP "$claim"
	order true
	order complete
	order end
	finish
	assert_output --partial 'success after'
	refute_output --partial 'asked to stop'
}

@test "SIGTERM after the chain has completed keeps the verdict" {
	queue_builds 1
	start cc-claim --forever hold
	reached
	order complete
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	assert_equal "$(package build_status)" success
	assert_output --partial 'success after'
}

@test "SIGTERM ends an idle worker with 0, a waiting one that held nothing with 1" {
	start cc-claim --forever complete-build
	until_true 20 is 1 "SELECT count(*) FROM pg_stat_activity
	    WHERE datname = current_database() AND usename = 'cloacina_compiler'
	    AND state = 'idle' AND query LIKE '%pg_listening_channels%'"
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	start cc-claim --wait
	until_true 20 is 1 "SELECT count(*) FROM pg_stat_activity
	    WHERE datname = current_database() AND usename = 'cloacina_compiler'
	    AND state = 'idle' AND query LIKE '%pg_listening_channels%'"
	kill -TERM "$claim"
	finish
	assert_equal "$status" 1
	assert_home_is_empty
}

@test "a command that dies of a signal counts, after --finally has seen why" {
	queue_builds 1
	start cc-claim --finally last daemonize
	reached
	daemon=$(daemon)
	kill -SEGV "$child"
	finish
	assert_equal "$status" 0
	gone "$daemon"
	assert_output --partial "cc-claim: the command of 'p1' version '1.0' died of SIGSEGV"
	assert_output --partial "'p1' version '1.0', attempt 1: released after "
	run cat "$POINT/last"
	assert_output "last $dir
{\"version\":1,\"why\":\"killed\",\"signal\":\"SIGSEGV\"}"
	assert_equal "$(claim_of ended_as,attempts)" 'released|1'
	assert_equal "$(package build_status)" pending
}

@test "a command that dies of a signal each time is given up" {
	queue_builds 1
	run cc-claim --max-attempts 2 sh -c 'kill -KILL $$'
	assert_success
	assert_equal "$(claim_of ended_as,attempts)" 'released|1'
	sql "UPDATE build_claims SET not_before = '-infinity'"
	CLOACINA_COMPILER_MAX_ATTEMPTS=2 run cc-claim sh -c 'kill -KILL $$'
	assert_success
	assert_line --partial 'attempt 2: given_up after '
	assert_equal "$(package build_status,build_error)" \
	    'failed|given up after 2 attempts: was killed, was killed'
}

# ends_in REASON: whether p1 is given up after its only give-back.
ends_in() {
	assert_equal "$(package build_status,build_error)" \
	    "failed|given up after 1 give-back: $1"
	assert_equal "$(claim_of ended_as,give_backs)" 'given_up|1'
	sql 'DELETE FROM workflow_packages'
}

@test "whatever makes cc-claim give a build back has an end" {
	local CLOACINA_COMPILER_MAX_GIVE_BACKS=1
	export CLOACINA_COMPILER_MAX_GIVE_BACKS
	queue_builds 1
	run cc-claim true
	assert_line --partial 'attempt 1: given_up after '
	ends_in 'was given back'
	queue_builds 1
	run cc-claim sh -c 'kill -KILL $$'
	ends_in 'was killed'
	queue_builds 1
	start cc-claim hold
	reached
	kill -TERM "$claim"
	finish
	ends_in 'was interrupted'
	queue_builds 1
	run bash -c 'cc-claim >/dev/full'
	ends_in 'was given back'
	queue_builds 1
	printf '#!/no/such\n' >"$BATS_TEST_TMPDIR/nothing"
	chmod +x "$BATS_TEST_TMPDIR/nothing"
	run cc-claim "$BATS_TEST_TMPDIR/nothing"
	assert_line --partial "cannot run '$BATS_TEST_TMPDIR/nothing'"
	ends_in 'was given back'
	queue_builds 1
	start cc-claim --heartbeat-interval-s 0.1 hold
	reached
	sql 'UPDATE workflow_packages SET superseded = true'
	finish
	ends_in 'was given back'
}

@test "--finally may complete the build of a command that died" {
	queue_builds 1
	run cc-claim --finally complete-build sh -c 'kill -KILL $$'
	assert_success
	assert_line --partial ': success after '
	assert_equal "$(package build_status)" success
}

@test "--finally is not run after a command that ended by itself" {
	queue_builds 2
	run cc-claim --finally last sh -c 'exit 137'
	assert_success
	run cc-claim --finally last complete-build
	assert_success
	assert [ ! -e "$POINT/last" ]
}

@test "a --finally that fails or dies is told" {
	queue_builds 3
	printf '#!/bin/sh\nexit 3\n' >"$BATS_TEST_TMPDIR/fails"
	printf '#!/bin/sh\nkill -ABRT $$\n' >"$BATS_TEST_TMPDIR/dies"
	printf '#!/no/such\n' >"$BATS_TEST_TMPDIR/nothing"
	chmod +x "$BATS_TEST_TMPDIR"/{fails,dies,nothing}
	run cc-claim --finally "$BATS_TEST_TMPDIR/fails" sh -c 'kill -9 $$'
	assert_success
	assert_line "cc-claim: '$BATS_TEST_TMPDIR/fails' failed with status 3"
	assert_line --partial 'released after'
	run cc-claim --finally "$BATS_TEST_TMPDIR/dies" sh -c 'kill -9 $$'
	assert_line "cc-claim: '$BATS_TEST_TMPDIR/dies' died of SIGABRT"
	run cc-claim --finally "$BATS_TEST_TMPDIR/nothing" sh -c 'kill -9 $$'
	assert_line "cc-claim: cannot run '$BATS_TEST_TMPDIR/nothing': No such file or directory"
}

@test "the second SIGTERM ends a --finally that does not end" {
	queue_builds 1
	start cc-claim --finally daemonize hold
	reached
	held=$child
	kill -TERM "$claim"
	reached
	gone "$held"
	# The row was given back before.
	assert_equal "$(claim_of ended_as,attempts)" 'released|0'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	gone "$child"
	gone "$(daemon)"
	assert_output --partial "cc-claim: 'daemonize' did not end and was killed"
	assert_home_is_empty
}

@test "the heartbeat goes on while --finally ends the build of a command that died" {
	queue_builds 1
	start cc-claim --finally hold sh -c 'kill -KILL $$'
	reached
	before=$(package build_claimed_at)
	until_true 20 is t "SELECT build_claimed_at > '$before'
	    FROM workflow_packages"
	order complete
	order end
	finish
	assert_output --partial 'success after'
}

@test "a worker that was frozen kills its build when it thaws, and writes nothing" {
	queue_builds 1
	start cc-claim --stale-threshold-s 1 --finally last daemonize
	reached
	daemon=$(daemon)
	kill -STOP "$claim"
	since=$(package build_claimed_at)
	until_true 20 is t "SELECT clock_timestamp() AT TIME ZONE 'UTC'
	    > '$since'::timestamp + interval '2 seconds'"
	sweep_and_succeed
	before=$(sql 'SELECT p, c FROM workflow_packages p, build_claims c')
	kill -0 "$daemon"
	kill -CONT "$claim"
	finish
	assert_equal "$status" 0
	gone "$child"
	gone "$daemon"
	assert_output --partial "lost the claim on 'p1' version '1.0' (no heartbeat for 1 s): killed it"
	assert_output --partial "'p1' version '1.0', attempt 1: lost after "
	assert_equal "$(sql 'SELECT p, c FROM workflow_packages p, build_claims c')" \
	    "$before"
}

@test "a worker that was frozen for less goes on" {
	queue_builds 1
	start cc-claim --stale-threshold-s 600 hold
	reached
	kill -STOP "$claim"
	since=$(package build_claimed_at)
	until_true 20 is t "SELECT clock_timestamp() AT TIME ZONE 'UTC'
	    > '$since'::timestamp + interval '1 second'"
	kill -CONT "$claim"
	until_true 20 is t "SELECT build_claimed_at > '$since'
	    FROM workflow_packages"
	order complete
	order end
	finish
	assert_output --partial 'success after'
}

@test "a chain that took away its own directory's mode is cleaned up after" {
	queue_builds 1
	run cc-claim --finally last sh -c 'mkdir -p "$1/a/b" "$1.scratch/c"
	    chmod 000 "$1/a/b" "$1/a" "$1.scratch/c" "$1.scratch" "$1"
	    kill -KILL $$' sh
	assert_success
	assert [ -s "$POINT/last" ]
	assert_home_is_empty
}

# claim_all WORKERS: 200 builds, each counted by who builds it.
claim_all() {
	export BUILT=$BATS_TEST_TMPDIR/built
	local n workers=()
	queue_builds 200
	for ((n = 0; n < $1; n++)); do
		start cc-claim --forever complete-build
		workers+=("$claim")
	done
	until_true 200 is 200 "SELECT count(*) FROM workflow_packages
	    WHERE build_status = 'success'"
	kill -TERM "${workers[@]}"
	for n in "${workers[@]}"; do
		finish "$n"
		assert_equal "$status" 0
	done
	assert_equal "$(wc -l <"$BUILT")" 200
	assert_equal "$(sort "$BUILT" | uniq -d)" ''
	assert_equal "$(sql 'SELECT count(*), max(attempts) FROM build_claims
	    WHERE ended_as = $$success$$')" '200|1'
	refute_output --partial released
	refute_output --partial lost
	assert_home_is_empty
}

@test "two workers build each of 200 packages once" {
	claim_all 2
}

@test "eight workers build each of 200 packages once" {
	claim_all 8
}

@test "a build that is older than the last one claimed is not forgotten" {
	queue_builds 3
	start cc-claim --forever hold
	reached
	sql "UPDATE workflow_packages SET created_at = created_at - interval '1 day'
	    WHERE package_name = 'p3'"
	order complete
	order end
	reached
	order complete
	order end
	reached
	order complete
	order end
	until_true 20 is 3 "SELECT count(*) FROM workflow_packages
	    WHERE build_status = 'success'"
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
}

# Nothing that came back is due before the test is over.
keep_back() {
	sql "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
	    'BEGIN NEW.not_before = ''infinity''; RETURN NEW; END';
	    CREATE TRIGGER keep BEFORE UPDATE ON build_claims FOR EACH ROW
	    WHEN (NEW.ended_as = 'released') EXECUTE FUNCTION keep()"
}

# pauses: what the worker said of them.
pauses() {
	sed -n 's/.*\(next build.*\)/\1/p' "$BATS_TEST_TMPDIR/said"
}

# give_back N: the next N builds come back.
give_back() {
	local n
	for ((n = 0; n < $1; n++)); do
		reached
		order end
	done
}

@test "what three different rows bring about makes a host pause, longer each time" {
	keep_back
	queue_builds 8
	start cc-claim --forever hold
	give_back 4
	reached
	order complete
	order end
	until_true 20 said 'success after'
	give_back 3
	until_true 20 eval '[ "$(pauses | wc -l)" = 3 ]'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	run pauses
	assert_output 'next build in 1 s
next build in 2 s
next build in 1 s'
	assert_equal "$(sql 'SELECT max(give_backs) FROM build_claims')" 1
}

@test "one row that comes back again and again makes no host pause" {
	sql "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
	    'BEGIN NEW.not_before = ''-infinity''; RETURN NEW; END';
	    CREATE TRIGGER forget BEFORE UPDATE ON build_claims FOR EACH ROW
	    EXECUTE FUNCTION forget()"
	queue_builds 1
	start cc-claim --forever hold
	give_back 6
	reached
	order complete
	order end
	until_true 20 said 'success after'
	kill -TERM "$claim"
	finish
	run pauses
	refute_output
}

# records DIR: what cc-complete would have said, then the end; p9 is built.
make_records() {
	cat >"$BATS_TEST_TMPDIR/records" <<-'EOF'
	#!/bin/sh
	case $(cat "$1/claim.json") in
	*'"p9"'*) exec complete-build "$1" ;;
	*'"p'[1-4]'"'*) reason=$even ;;
	*) reason=$odd ;;
	esac
	echo "{\"version\":1,\"reason\":\"$reason: $1\",\"of_row\":$of_row}" \
	    >"$1/record.json"
	EOF
	chmod +x "$BATS_TEST_TMPDIR/records"
	keep_back
	sql "INSERT INTO workflow_packages (registry_id, package_name, version,
	    created_at) SELECT gen_random_uuid(), 'p' || i, '1.0',
	    '2001-01-01'::timestamp + make_interval(secs => j)
	    FROM unnest(ARRAY[$1]) WITH ORDINALITY n (i, j)"
}

@test "what is the rows' own makes no host pause, however many they are" {
	make_records '1, 2, 3, 4, 5, 6, 7, 8, 9'
	of_row=true even=a odd=a start cc-claim --forever \
	    "$BATS_TEST_TMPDIR/records"
	until_true 20 said 'success after'
	kill -TERM "$claim"
	finish
	run pauses
	refute_output
}

@test "different reasons in turns speak against no host, the same one does" {
	make_records '1, 2, 5, 6, 3, 4, 7, 8, 9'
	of_row=false even=a odd=b start cc-claim --forever \
	    "$BATS_TEST_TMPDIR/records"
	until_true 20 said 'success after'
	kill -TERM "$claim"
	finish
	run pauses
	refute_output
	sql "UPDATE workflow_packages SET build_status = 'pending';
	    TRUNCATE build_claims"
	of_row=false even=a odd=a start cc-claim --forever \
	    "$BATS_TEST_TMPDIR/records"
	until_true 20 said 'next build in 1 s'
	kill -TERM "$claim"
	finish
}

# check: passes while there is $POINT/well, and says that it was asked.
make_check() {
	cat >"$BATS_TEST_TMPDIR/check" <<-'EOF'
	#!/bin/sh
	echo 'out of the check'
	echo "$@" >>"$POINT/checked"
	[ -e "$POINT/well" ]
	EOF
	chmod +x "$BATS_TEST_TMPDIR/check"
}

@test "a host whose check fails claims nothing until it passes" {
	make_check
	keep_back
	queue_builds 4
	start cc-claim --forever --check "$BATS_TEST_TMPDIR/check" hold
	give_back 3
	until_true 20 said 'next build in 2 s'
	said "'$BATS_TEST_TMPDIR/check --check' failed, this host claims nothing"
	assert_equal "$(package build_status p4)" pending
	assert_equal "$(claim_of give_backs p4)" ''
	touch "$POINT/well"
	reached
	order complete
	order end
	until_true 20 said 'success after'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	run cat "$BATS_TEST_TMPDIR/out"
	refute_output
	run sort -u "$POINT/checked"
	assert_output -- --check
}

@test "where the check passes it was the rows: pauses stay short, checks few" {
	make_check
	touch "$POINT/well"
	keep_back
	queue_builds 10
	start cc-claim --forever --check "$BATS_TEST_TMPDIR/check" hold
	give_back 9
	reached
	order complete
	order end
	until_true 30 said 'success after'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	run pauses
	assert_output 'next build in 1 s
next build in 1 s
next build in 1 s'
	run cat "$POINT/checked"
	assert_output -- --check
}

@test "a check that does not end is killed when the worker is asked to stop" {
	printf '#!/bin/sh\necho "$$" >"$POINT/child"\nexec sleep 600\n' \
	    >"$BATS_TEST_TMPDIR/check"
	chmod +x "$BATS_TEST_TMPDIR/check"
	queue_builds 3
	start cc-claim --forever --check "$BATS_TEST_TMPDIR/check" true
	until_true 20 [ -s "$POINT/child" ]
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	gone "$(cat "$POINT/child")"
}

@test "a host that cannot write any more takes nothing until it can again" {
	queue_builds 1
	start cc-claim --forever hold
	reached
	chmod 0500 "$build_tmp"
	order complete
	order end
	until_true 20 said "cannot make a build directory in '$build_tmp': Permission denied"
	said "cannot remove '$dir': Permission denied, going on"
	queue_builds 1 2
	until_true 20 said 'the next build in 2 s'
	assert_equal "$(package build_status p2)" pending
	chmod 0700 "$build_tmp"
	reached
	order complete
	order end
	until_true 20 is success "SELECT build_status FROM workflow_packages
	    WHERE package_name = 'p2'"
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
}

@test "a host that cannot write any more ends when it is asked to" {
	queue_builds 1
	start cc-claim --forever hold
	reached
	chmod 0500 "$build_tmp"
	order complete
	order end
	until_true 20 said 'the next build in 2 s'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
}
