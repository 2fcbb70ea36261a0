# SPDX-License-Identifier: Apache-2.0
# lib/base/notify.c: what the service manager hears, and what it is not told.

load helper

setup_file() {
	build_helper "$BATS_FILE_TMPDIR/drive" "$SUITE_ROOT/tests/notify.c"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID
	drive=$BATS_FILE_TMPDIR/drive
}

@test "a manager at a path hears the state" {
	NOTIFY_SOCKET=$PWD/socket run "$drive" heard 'READY=1
STATUS=waiting'
	assert_success
	assert_output 'READY=1
STATUS=waiting'
}

@test "a manager at an abstract name hears the state" {
	NOTIFY_SOCKET=@cc-notify-$$-$RANDOM run "$drive" heard STOPPING=1
	assert_success
	assert_output STOPPING=1
}

@test "where nobody asked nothing is sent and nothing fails" {
	run "$drive" send READY=1
	assert_output '0 -'
	NOTIFY_SOCKET='' run "$drive" send READY=1
	assert_output '0 -'
}

@test "a manager that is gone is an error that the caller sees" {
	NOTIFY_SOCKET=$PWD/absent run "$drive" send READY=1
	assert_output '-1 No such file or directory'
}

@test "a name that is no socket's address is refused" {
	for name in relative / @ vsock:2:1; do
		NOTIFY_SOCKET=$name run "$drive" send READY=1
		assert_output '-1 Address family not supported by protocol'
	done
}

@test "a name that does not fit an address is refused, not cut" {
	local long
	long=/$(printf 'x%.0s' {1..107})
	NOTIFY_SOCKET=$long run "$drive" send READY=1
	assert_output '-1 File name too long'
	NOTIFY_SOCKET=${long%x} run "$drive" send READY=1
	assert_output '-1 No such file or directory'
}

@test "the watchdog's interval is the one of this process" {
	WATCHDOG_USEC=2500 run "$drive" watchdog
	assert_output 2500000
	# The shell becomes the driver: the number of the process stays.
	WATCHDOG_USEC=2500 run sh -c 'WATCHDOG_PID=$$ exec "$0" watchdog' "$drive"
	assert_output 2500000
}

@test "the watchdog of another process is not ours" {
	WATCHDOG_USEC=2500 WATCHDOG_PID=$$ run "$drive" watchdog
	assert_output 0
}

@test "without a watchdog, or with nonsense for one, nobody watches" {
	run "$drive" watchdog
	assert_output 0
	for value in 0 -1 x '' 99999999999999999999; do
		WATCHDOG_USEC=$value run "$drive" watchdog
		assert_output 0
	done
	WATCHDOG_USEC=2500 WATCHDOG_PID=x run "$drive" watchdog
	assert_output 0
}
