# SPDX-License-Identifier: Apache-2.0
# cc-claim: waiting for builds, lost answers, and a database that goes away.

load helper
load claim/claim

with_database

prepare_file() {
	make_commands
	cc -D_GNU_SOURCE -o "$BATS_FILE_TMPDIR/bin/cut-proxy" \
	    "$BATS_TEST_DIRNAME/claim/cut-proxy.c"
}

setup() {
	new_queue
	make_point
	export CLOACINA_COMPILER_HEARTBEAT_INTERVAL_S=0.3
}

teardown() {
	kill_started
	pg_ctl status >/dev/null || pg_ctl start
}

pg_ctl() {
	"$(pg_config --bindir)/pg_ctl" -w -l "$PGHOST/log" "$@" >/dev/null \
	    3>&- 8>&- 9>&-
}

# Words that only this statement has.
claim_words='INSERT INTO build_claims'
heartbeat_words='WHEN p.superseded THEN'
release_words="THEN 'released' ELSE"

# lose HOW WORDS: from now on DATABASE_URL leads through a proxy that loses
# the first answer to the statement with these words.
lose() {
	local upstream=$PGHOST/.s.PGSQL.5432
	mkdir -p "$BATS_TEST_TMPDIR/p"
	cut-proxy "$BATS_TEST_TMPDIR/p/.s.PGSQL.5432" "$upstream" "$1" "$2" \
	    3>&- 8>&- 9>&- &
	proxy=$!
	started+=("$proxy")
	until_true 10 [ -S "$BATS_TEST_TMPDIR/p/.s.PGSQL.5432" ]
	proxied="host=$BATS_TEST_TMPDIR/p user=cloacina_compiler dbname=$PGDATABASE"
}

# What a late or slow proxy held back arrives.
deliver() {
	touch "$BATS_TEST_TMPDIR/p/.s.PGSQL.5432.go"
	until_true 20 [ -e "$BATS_TEST_TMPDIR/p/.s.PGSQL.5432.done" ]
}

# Whether cc-claim waits for a notification, or the poll.
idle() {
	is 1 "SELECT count(*) FROM pg_stat_activity
	    WHERE datname = current_database() AND state = 'idle'
	    AND application_name = 'cc-claim'
	    AND query LIKE '%pg_listening_channels%'"
}

@test "a notification wakes an idle worker long before the poll" {
	start cc-claim --forever --poll-interval-ms 3600000 complete-build
	until_true 20 idle
	queue_builds 1
	until_true 10 is success 'SELECT build_status FROM workflow_packages'
	# A build that is put back announces itself, too.
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	until_true 10 is success 'SELECT build_status FROM workflow_packages'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	refute_output --partial polling
}

@test "without the triggers it says so once, and polls" {
	sql 'DROP TRIGGER cloacina_pending_updated ON workflow_packages;
	    ALTER TABLE workflow_packages DISABLE TRIGGER USER'
	start cc-claim --forever --poll-interval-ms 100 complete-build
	until_true 20 said polling
	queue_builds 1
	until_true 10 is success 'SELECT build_status FROM workflow_packages'
	queue_builds 1 2
	until_true 10 is 2 "SELECT count(*) FROM workflow_packages
	    WHERE build_status = 'success'"
	kill -TERM "$claim"
	finish
	run grep polling "$BATS_TEST_TMPDIR/said"
	assert_output 'cc-claim: the triggers that announce pending builds are missing or disabled, polling'
}

@test "behind a pooler that swallows notifications it says so once, and polls" {
	PATH=$PATH:/usr/sbin
	command -v pgbouncer >/dev/null || skip 'pgbouncer is not installed'
	mkdir "$BATS_TEST_TMPDIR/b"
	cat >"$BATS_TEST_TMPDIR/b/ini" <<-EOF2
	[databases]
	$PGDATABASE = host=$PGHOST
	[pgbouncer]
	listen_port = 6432
	listen_addr =
	unix_socket_dir = $BATS_TEST_TMPDIR/b
	auth_type = any
	pool_mode = transaction
	server_reset_query_always = 1
	EOF2
	sed -i "s/^$PGDATABASE = .*/& user=cloacina_compiler/" \
	    "$BATS_TEST_TMPDIR/b/ini"
	pgbouncer -q "$BATS_TEST_TMPDIR/b/ini" 2>"$BATS_TEST_TMPDIR/b/log" \
	    3>&- 8>&- 9>&- &
	started+=("$!")
	until_true 10 [ -S "$BATS_TEST_TMPDIR/b/.s.PGSQL.6432" ]
	export DATABASE_URL="host=$BATS_TEST_TMPDIR/b port=6432 dbname=$PGDATABASE"
	start cc-claim --forever --poll-interval-ms 100 hold
	until_true 20 said polling
	queue_builds 1
	reached
	before=$(package build_claimed_at)
	until_true 20 is t "SELECT build_claimed_at > '$before'
	    FROM workflow_packages"
	order complete
	order end
	until_true 20 said 'success after'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	run grep polling "$BATS_TEST_TMPDIR/said"
	assert_output 'cc-claim: no notification comes through this connection (a pooler?), polling'
}

@test "--wait waits for one build, and ends with it" {
	start cc-claim --wait complete-build
	until_true 20 idle
	queue_builds 2
	finish
	assert_equal "$status" 0
	assert_output --partial "'p1' version '1.0', attempt 1: success after"
	assert_equal "$(package build_status p2)" pending
}

@test "--wait without a command waits and prints" {
	start cc-claim --wait
	until_true 20 idle
	queue_builds 1
	finish
	assert_equal "$status" 0
	assert_equal "$output" ''
	assert_equal "$(jq -r .package_name "$BATS_TEST_TMPDIR/out")" p1
}

@test "an idle worker holds no transaction open" {
	start cc-claim --forever complete-build
	until_true 20 idle
	assert_equal "$(sql "SELECT count(*) FROM pg_stat_activity
	    WHERE application_name = 'cc-claim' AND xact_start IS NOT NULL")" 0
	kill -TERM "$claim"
	finish
}

@test "a worker that waits sees the database come back, and listens again" {
	start cc-claim --forever --poll-interval-ms 3600000 complete-build
	until_true 20 idle
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	    WHERE application_name = 'cc-claim'"
	until_true 20 said 'the database answers again'
	until_true 20 is 1 "SELECT count(*) FROM pg_stat_activity
	    WHERE application_name = 'cc-claim' AND state = 'idle'
	    AND query NOT LIKE 'LISTEN%'"
	queue_builds 1
	until_true 10 is success 'SELECT build_status FROM workflow_packages'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	assert_equal "$(grep -c 'cannot use the database' <<<"$output")" 1
}

@test "--forever starts before its database does" {
	pg_ctl -m immediate stop
	start cc-claim --forever complete-build
	until_true 20 said 'cannot use the database: '
	pg_ctl start
	queue_builds 1
	until_true 20 is success 'SELECT build_status FROM workflow_packages'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	assert_equal "$(grep -c 'cannot use the database' <<<"$output")" 1
	assert_equal "$(grep -c 'the database answers again' <<<"$output")" 1
}

@test "SIGTERM ends a worker whose database is away at once" {
	pg_ctl -m immediate stop
	start cc-claim --forever complete-build
	until_true 20 said 'cannot use the database: '
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
}

@test "a claim whose answer is lost is asked for again, and built once" {
	queue_builds 2
	lose cut "$claim_words"
	BUILT=$BATS_TEST_TMPDIR/built run cc-claim --database-url "$proxied" \
	    complete-build
	assert_success
	assert_line --partial 'cannot use the database: server closed the connection unexpectedly'
	assert_line --partial 'the database answers again'
	assert_line --partial "'p1' version '1.0', attempt 1: success after"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/built")" "$(package id)"
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 1
}

@test "a claim whose answer does not come is asked for again on a new connection" {
	queue_builds 2
	lose swallow "$claim_words"
	run cc-claim --database-url "$proxied" complete-build
	assert_success
	assert_line 'cc-claim: cannot use the database: no answer within 0.3 s'
	assert_line --partial "'p1' version '1.0', attempt 1: success after"
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 1
}

@test "a lost claim without a command is printed all the same" {
	queue_builds 1
	lose cut "$claim_words"
	run --separate-stderr cc-claim --database-url "$proxied"
	assert_success
	assert_equal "$(jq -r .claim_token <<<"$output")" \
	    "$(claim_of claim_token)"
	assert [ -e "$(jq -r .directory <<<"$output")/claim.json" ]
}

@test "a claim that was lost and swept meanwhile does not stop the worker" {
	queue_builds 2
	lose cut "$claim_words"
	start cc-claim --forever --database-url "$proxied" complete-build
	until_true 20 said 'cannot use the database'
	kill -STOP "$claim"
	kill -KILL "$proxy"
	wait "$proxy" || true
	token=$(claim_of claim_token)
	# The first package cannot be claimed again, and its token stays known.
	sql "UPDATE workflow_packages SET build_status = 'failed'
	    WHERE package_name = 'p1' AND build_status = 'building';
	    UPDATE build_claims SET ended_as = 'given_up'"
	lose cut nothing-of-the-kind
	kill -CONT "$claim"
	until_true 20 is success "SELECT build_status FROM workflow_packages
	    WHERE package_name = 'p2'"
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	assert_output --partial "'p2' version '1.0', attempt 1: success after"
	assert_equal "$(claim_of claim_token)" "$token"
}

@test "SIGTERM while the answer to a claim is missing gives the build back" {
	queue_builds 1
	lose swallow "$claim_words"
	start cc-claim --forever --heartbeat-interval-s 2 \
	    --database-url "$proxied" complete-build
	until_true 20 is building 'SELECT build_status FROM workflow_packages'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	assert_equal "$(package build_status)" pending
	assert_equal "$(claim_of ended_as,attempts)" 'released|0'
}

@test "a heartbeat whose answer is lost costs nothing" {
	queue_builds 1
	lose cut "$heartbeat_words"
	start cc-claim --database-url "$proxied" hold
	reached
	until_true 20 said 'the database answers again'
	order complete
	order end
	finish
	assert_equal "$status" 0
	assert_output --partial 'success after'
}

@test "heartbeats whose answers stay away go out on a new connection" {
	queue_builds 1
	lose swallow "$heartbeat_words"
	start cc-claim --database-url "$proxied" hold
	reached
	until_true 20 said 'the database answers again'
	said 'cannot use the database: no answer within 0.3 s'
	order complete
	order end
	finish
	assert_output --partial 'success after'
}

@test "an acknowledgement counts from when its heartbeat was sent" {
	queue_builds 1
	lose slow "$heartbeat_words"
	start cc-claim --heartbeat-interval-s 2 --stale-threshold-s 3 \
	    --database-url "$proxied" hold
	reached
	until_true 20 [ -e "$BATS_TEST_TMPDIR/p/.s.PGSQL.5432.held" ]
	kill -STOP "$claim"
	since=$(package build_claimed_at)
	until_true 20 is t "SELECT clock_timestamp() AT TIME ZONE 'UTC'
	    > '$since'::timestamp + interval '4 seconds'"
	deliver
	kill -CONT "$claim"
	finish
	gone "$child"
	assert_output --partial "(no heartbeat for 3 s): killed it"
}

@test "a release whose answer is lost is not counted twice" {
	queue_builds 1
	lose cut "$release_words"
	run cc-claim --database-url "$proxied" sh -c 'kill -KILL $$'
	assert_success
	assert_line --partial 'attempt 1: released after'
	assert_equal "$(claim_of ended_as,attempts,give_backs)" 'released|1|1'
	queue_builds 1 2
	sql "UPDATE build_claims SET not_before = 'infinity'"
	kill -KILL "$proxy"
	lose swallow "$release_words"
	run cc-claim --database-url "$proxied" true
	assert_success
	assert_equal "$(claim_of ended_as,attempts,give_backs p2)" 'released|0|1'
}

@test "a terminated backend costs a build nothing" {
	queue_builds 1
	start cc-claim hold
	reached
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	    WHERE application_name = 'cc-claim'"
	until_true 20 said 'the database answers again'
	order complete
	order end
	finish
	assert_equal "$status" 0
	assert_output --partial 'success after'
}

@test "a build outlives a restart of the database that is shorter than the threshold" {
	queue_builds 1
	start cc-claim hold
	reached
	pg_ctl -m immediate restart
	until_true 20 said 'the database answers again'
	kill -0 "$child"
	before=$(package build_claimed_at)
	until_true 20 is t "SELECT build_claimed_at > '$before'
	    FROM workflow_packages"
	order complete
	order end
	finish
	assert_equal "$status" 0
	assert_output --partial 'success after'
}

@test "a build is killed once its database is away for longer than the threshold" {
	queue_builds 1
	start cc-claim --stale-threshold-s 1 --finally last daemonize
	reached
	pg_ctl -m immediate stop
	until_true 20 said "lost the claim on 'p1' version '1.0' (no heartbeat for 1 s): killed it"
	gone "$child"
	gone "$(cat "$POINT/daemon")"
	finish
	assert_equal "$status" 111
	assert_output --partial "cannot give 'p1' version '1.0' back: no answer, the sweep will take it"
	assert_output --partial "'p1' version '1.0', attempt 1: unreachable after"
	run cat "$POINT/last"
	assert_line '{"version":1,"why":"lost","signal":null}'
	assert_home_is_empty
	pg_ctl start
	assert_equal "$(package build_status)" building
}

@test "a worker goes on after a build that it lost with its database" {
	queue_builds 2
	start cc-claim --forever --stale-threshold-s 1 hold
	reached
	pg_ctl -m immediate stop
	until_true 20 said ': unreachable after'
	pg_ctl start
	reached
	order complete
	order end
	until_true 20 is success "SELECT build_status FROM workflow_packages
	    WHERE package_name = 'p2'"
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
}

@test "SIGTERM while the database is away kills the build and says who takes it" {
	queue_builds 1
	start cc-claim --forever --finally last hold
	reached
	pg_ctl -m immediate stop
	until_true 20 said 'cannot use the database'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	gone "$child"
	assert_output --partial "cannot give 'p1' version '1.0' back: no answer, the sweep will take it"
	assert [ -s "$POINT/last" ]
}

@test "a database that hangs delays neither SIGTERM nor the end of a build" {
	queue_builds 1
	start cc-claim --forever --heartbeat-interval-s 0.2 \
	    --stale-threshold-s 600 hold
	reached
	postmaster=$(head -n 1 "$PGDATA/postmaster.pid")
	kill -STOP $(pgrep -P "$postmaster") "$postmaster"
	until_true 20 said 'no answer within 0.2 s'
	kill -TERM "$claim"
	until_true 20 said 'asked to stop: killed'
	gone "$child"
	finish
	kill -CONT "$postmaster" $(pgrep -P "$postmaster")
	assert_equal "$status" 0
}

@test "a build is killed once its database hangs for longer than the threshold" {
	queue_builds 1
	start cc-claim --stale-threshold-s 1 daemonize
	reached
	postmaster=$(head -n 1 "$PGDATA/postmaster.pid")
	kill -STOP $(pgrep -P "$postmaster") "$postmaster"
	until_true 20 said "lost the claim on 'p1' version '1.0' (no heartbeat for 1 s): killed it"
	gone "$child"
	gone "$(cat "$POINT/daemon")"
	finish
	kill -CONT "$postmaster" $(pgrep -P "$postmaster")
	assert_equal "$status" 111
}

@test "claims behind a lock do not pile up, and each build is built once" {
	export BUILT=$BATS_TEST_TMPDIR/built
	queue_builds 3
	mkfifo "$BATS_TEST_TMPDIR/unlock"
	psql -qX -o "$BATS_TEST_TMPDIR/locked" <"$BATS_TEST_TMPDIR/unlock" \
	    3>&- 8>&- 9>&- &
	locker=$!
	started+=("$locker")
	exec 7>"$BATS_TEST_TMPDIR/unlock"
	echo 'BEGIN; LOCK TABLE build_claims IN EXCLUSIVE MODE; SELECT 1;' >&7
	until_true 20 [ -s "$BATS_TEST_TMPDIR/locked" ]
	start cc-claim --forever --heartbeat-interval-s 0.1 \
	    complete-build 7>&-
	until_true 20 eval '[ "$(grep -c "cannot use" \
	    "$BATS_TEST_TMPDIR/said")" -ge 5 ]'
	until_true 20 is t "SELECT count(*) <= 1 FROM pg_stat_activity
	    WHERE application_name = 'cc-claim' AND wait_event_type = 'Lock'"
	echo 'COMMIT;' >&7
	exec 7>&-
	until_true 20 is 3 "SELECT count(*) FROM workflow_packages
	    WHERE build_status = 'success'"
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
	assert_equal "$(sort "$BUILT" | uniq | wc -l) $(wc -l <"$BUILT")" '3 3'
	assert_equal "$(sql 'SELECT DISTINCT ended_as, attempts
	    FROM build_claims')" 'success|1'
}

@test "a claim that comes late takes no second build" {
	queue_builds 2
	lose late "$claim_words"
	start cc-claim --database-url "$proxied" hold
	reached
	deliver
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 1
	assert_equal "$(package build_status p2)" pending
	order complete
	order end
	finish
	assert_equal "$status" 0
	assert_output --partial "'p1' version '1.0', attempt 1: success after"
}

@test "a build that a late claim took is found and built" {
	queue_builds 1
	sql 'UPDATE build_control SET paused = true'
	lose late "$claim_words"
	start cc-claim --forever --poll-interval-ms 100 \
	    --database-url "$proxied" hold
	until_true 20 said 'the database answers again'
	kill -STOP "$claim"
	sql 'UPDATE build_control SET paused = false'
	deliver
	assert_equal "$(package build_status)" building
	kill -CONT "$claim"
	reached
	order complete
	order end
	until_true 20 said "'p1' version '1.0', attempt 1: success after"
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
}

@test "a heartbeat that is refused is told, and after the threshold the claim is lost" {
	queue_builds 1
	start cc-claim --stale-threshold-s 1 hold
	reached
	sql 'REVOKE UPDATE ON build_claims FROM cloacina_compiler'
	finish
	gone "$child"
	assert_output --partial 'cc-claim: the database refused: permission denied for table build_claims'
	assert_output --partial "lost the claim on 'p1' version '1.0' (no heartbeat for 1 s): killed it"
	assert_equal "$status" 111
}

@test "of several hosts a silent one is passed over, none left is 111" {
	queue_builds 1
	lose silent -
	silent=$BATS_TEST_TMPDIR/p
	run cc-claim --database-url "host=$silent,$silent,$PGHOST \
	    user=cloacina_compiler dbname=$PGDATABASE" complete-build
	assert_success
	assert_line 'cc-claim: cannot use the database: no answer within 0.3 s'
	assert_line --partial 'success after'
	run cc-claim --database-url "host=$silent,$silent dbname=x" true
	assert_failure 111
}

@test "a host that is not the one to write to is asked again" {
	queue_builds 1
	sql "ALTER DATABASE $PGDATABASE SET default_transaction_read_only = on"
	start cc-claim --forever --database-url "$DATABASE_URL \
	    target_session_attrs=read-write" complete-build
	until_true 20 said 'session is read-only'
	PGOPTIONS='-c default_transaction_read_only=off' \
	    sql "ALTER DATABASE $PGDATABASE RESET default_transaction_read_only"
	until_true 20 is success 'SELECT build_status FROM workflow_packages'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
}

@test "a database that is read-only for a while is no failure" {
	sql "ALTER DATABASE $PGDATABASE SET default_transaction_read_only = on"
	start cc-claim --forever complete-build
	until_true 20 said 'in a read-only transaction'
	PGOPTIONS='-c default_transaction_read_only=off' \
	    sql "ALTER DATABASE $PGDATABASE RESET default_transaction_read_only"
	queue_builds 1
	until_true 20 is success 'SELECT build_status FROM workflow_packages'
	kill -TERM "$claim"
	finish
	assert_equal "$status" 0
}
