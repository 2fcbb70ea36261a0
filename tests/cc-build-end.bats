# SPDX-License-Identifier: Apache-2.0
# The end of a claim: the row and the audit event agree, whoever is killed.

load helper
load outcome/build

with_database

setup() {
	new_queue
	new_build
	unpacked python
	export CLOACINA_COMPILER_AUDIT_LOG=$BATS_TEST_TMPDIR/compiler.log
}

# Stands in for cc-complete: the real one, of which SIGNAL takes the end.
die_of() {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/cc-complete" <<-EOF
	#!/bin/sh
	echo called >>"$BATS_TEST_TMPDIR/calls"
	"$(command -v cc-complete)" "\$@" || exit
	[ "\$(wc -l <"$BATS_TEST_TMPDIR/calls")" -gt $2 ] && exit
	rm "\$1/record.json"
	kill -$1 \$\$
	EOF
	chmod +x "$BATS_TEST_TMPDIR/bin/cc-complete"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

outcome() {
	sed -n 's/.*"event_type":"compiler.build.finished".*"outcome":"\([a-z_]*\)".*/\1/p' \
	    "$CLOACINA_COMPILER_AUDIT_LOG"
}

@test "the row gets its verdict, then the log its event" {
	run cc-build-end "$dir"
	assert_success
	assert_equal "$(sql 'SELECT build_status FROM workflow_packages')" success
	assert_equal "$(outcome)" success
}

@test "a cc-complete that is killed after it wrote is asked again" {
	die_of KILL 1
	run cc-build-end "$dir"
	assert_success
	assert_equal "$(sql 'SELECT build_status FROM workflow_packages')" success
	assert_equal "$(outcome)" success
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/calls")" 2
}

@test "a cc-complete that is killed again and again is not told as a success" {
	die_of KILL 9
	run cc-build-end "$dir"
	assert_failure 137
	assert_equal "$(outcome)" internal_error
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/calls")" 2
}

@test "a claim that is lost is asked once, and its status passed on" {
	sql 'UPDATE workflow_packages SET build_claimed_at = NULL'
	run cc-build-end "$dir"
	assert_failure 1
	assert_equal "$(grep -c 'claim lost' <<<"$output")" 1
	assert_equal "$(outcome)" internal_error
}
