# SPDX-License-Identifier: Apache-2.0
# What code can do that has taken cc-unpack over: bin/cc-unpack/confine.c and the
# reader's system calls, from the inside.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "whoever takes cc-unpack over has its own tree, and nobody to tell" {
	build_helper drive "$SUITE_ROOT/tests/unpack_confine.c" cc-unpack
	mkdir -p dir/source
	echo hello >dir/source/hello.rs
	echo secret >dir/claim.json
	SECRET=1 run ./drive dir
	assert_success
	assert_output - <<-'EOS'
	use what was leaked: EBADF
	see the environment: gone
	read the source: ok
	write in the source: ok
	write a report: ok
	publish it: ok
	read the claim: EACCES
	read the host: EACCES
	list the host: EACCES
	write beside: EACCES
	climb out: EACCES
	move out: EACCES
	make setuid: EPERM
	start a program: EPERM
	start a process: EPERM
	reach a network: EPERM
	reach a server: EPERM
	make a pair: EPERM
	allocate: ok
	EOS
	assert_equal "$(ls dir)" $'claim.json\nsource\nx'
}
