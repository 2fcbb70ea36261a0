# SPDX-License-Identifier: Apache-2.0
# The fault points of tests/faults are in no program that is installed.

load helper

@test "no program knows of the fault points" {
	local names program
	# By their whole names: OpenSSL has a DEFAULT_SUITE_B.
	names=$(grep -oE '"FAULT_[A-Z]+"' "$SUITE_ROOT/lib/base/fault.c" |
	    tr -d '"' | sort -u)
	[ "$(wc -l <<<"$names")" = 4 ]
	for program in "$SUITE_ROOT"/build/bin/*; do
		run grep -cF "$names" "$program"
		assert_output 0
	done
}

@test "FAULT_ variables are not passed on, nor looked at" {
	touch "$BATS_TEST_TMPDIR/token"
	printf x >"$BATS_TEST_TMPDIR/token"
	run env FAULT_AT=cc-limit-exec:before-rename:run.json FAULT_SIGNAL=9 \
	    FAULT_TOKEN="$BATS_TEST_TMPDIR/token" \
	    FAULT_TRACE="$BATS_TEST_TMPDIR/trace" \
	    cc-limit-exec --report "$BATS_TEST_TMPDIR/run.json" -- env
	assert_success
	refute_output --partial FAULT_
	assert [ ! -e "$BATS_TEST_TMPDIR/trace" ]
	assert [ -e "$BATS_TEST_TMPDIR/token" ]
}
