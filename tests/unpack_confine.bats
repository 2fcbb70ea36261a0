# SPDX-License-Identifier: Apache-2.0
# What code can do that has taken cc-unpack over: lib/unpack_confine.c and the
# reader's system calls, from the inside.

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR" || return
}

@test "whoever takes cc-unpack over has its own tree, and nobody to tell" {
	local build=$BATS_TEST_TMPDIR/b
	make -s -C "$SUITE_ROOT" BUILD="$build" CFLAGS=-O1 \
	    "$build/obj/lib/seccomp_policy.o"
	cc -D_GNU_SOURCE -O1 -Wall -Wextra -I"$SUITE_ROOT/lib" -o drive \
	    "$SUITE_ROOT"/tests/unpack_confine.c \
	    "$SUITE_ROOT"/lib/{unpack_confine,landlock_rules}.c \
	    "$build/obj/lib/seccomp_policy.o"
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
