# SPDX-License-Identifier: Apache-2.0
# cc-claim: what a service manager hears of it.

load helper
load claim/claim

with_database

prepare_file() {
	make_commands
	build_helper "$BATS_FILE_TMPDIR/bin/drive-notify" \
	    "$SUITE_ROOT/tests/notify.c"
}

setup() {
	new_queue
	make_point
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/manager
	heard=$BATS_TEST_TMPDIR/heard
	drive-notify listen >"$heard" 3>&- 8>&- 9>&- &
	started+=("$!")
	until_true 20 test -S "$NOTIFY_SOCKET"
}

teardown() {
	kill_started
}

heard() {
	grep -qxF -- "$1" "$heard"
}

@test "a worker is ready before there is a build" {
	start cc-claim --forever hold
	until_true 20 heard READY=1
	until_true 20 heard 'STATUS=waiting for a build'
}

@test "a worker is ready although the database is away" {
	DATABASE_URL="host=$BATS_TEST_TMPDIR dbname=x" \
	    start cc-claim --forever hold
	until_true 20 heard READY=1
}

@test "a worker that cannot work is never ready" {
	touch "$BATS_TEST_TMPDIR/file"
	start cc-claim --forever --home "$BATS_TEST_TMPDIR/file" hold
	finish
	assert_equal "$status" 111
	run cat "$heard"
	refute_output
}

@test "the build that a worker holds is shown, whatever its name says" {
	queue_builds 1
	sql "UPDATE workflow_packages SET package_name = E'p\nSTOPPING=1'"
	start cc-claim --forever hold
	reached
	until_true 20 grep -q "^STATUS=building 'p.*STOPPING=1' version '1.0'$" \
	    "$heard"
	run heard STOPPING=1
	assert_failure
	order complete
	echo end >&9
	until_true 20 said 'success after'
	until_true 20 sh -c '[ "$(tail -n 1 "$0")" = "STATUS=waiting for a build" ]' \
	    "$heard"
}

# heard_watchdog COUNT: at least so often.
heard_watchdog() {
	[ "$(grep -cx WATCHDOG=1 "$heard")" -ge "$1" ]
}

# Nothing else would wake the worker, and nothing could be late.
@test "an idle worker that is watched is heard again and again" {
	WATCHDOG_USEC=400000 start cc-claim --forever \
	    --poll-interval-ms 86400000 hold
	until_true 60 heard_watchdog 5
}

@test "a worker that builds and is watched is heard again and again" {
	queue_builds 1
	WATCHDOG_USEC=400000 start cc-claim --forever \
	    --heartbeat-interval-s 1000 --stale-threshold-s 2000 hold
	reached
	until_true 60 heard_watchdog $(($(grep -cx WATCHDOG=1 "$heard") + 5))
}

@test "a worker that nobody watches does not call" {
	WATCHDOG_USEC=400000 WATCHDOG_PID=1 start cc-claim --forever hold
	until_true 20 heard 'STATUS=waiting for a build'
	queue_builds 1
	reached
	run grep -c WATCHDOG "$heard"
	assert_output 0
}

@test "a manager that is gone is named, and the worker goes on" {
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/absent
	queue_builds 1
	start cc-claim --forever hold
	reached
	run cat "$BATS_TEST_TMPDIR/said"
	assert_output --partial 'cc-claim: cannot tell the service manager, going on: No such file or directory'
}
