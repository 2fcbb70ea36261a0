# SPDX-License-Identifier: Apache-2.0
# What make does with a program that cannot work, and with a newer libseccomp.

setup() {
	load helper
	build=$BATS_TEST_TMPDIR/build
	mkdir "$build"
	cp -a "$SUITE_ROOT/build/obj" "$build/"
	cd "$SUITE_ROOT" || return
}

# link PROGRAM [VARIABLE=VALUE ...]: links what is compiled already.
link() {
	local program=$1
	shift
	make -s -o "$build/obj/libcc.a" BUILD="$build" "$@" \
	    "$build/bin/$program"
}

@test "a program whose library is missing is not linked" {
	run link cc-wait libcrypto=
	assert_failure
	assert_output --partial 'undefined reference to `ERR_'
	assert [ ! -e "$build/bin/cc-wait" ]
}

@test "a program that crashes where it connects fails the build" {
	for program in cc-wait cc-sweep; do
		run link $program libpq='-lpq -lssl' \
		    LDFLAGS=-Wl,--unresolved-symbols=ignore-all
		assert_failure
		assert_line --partial \
		    "link: $program ends with 139 and not with a refused"
		assert [ ! -e "$build/bin/$program" ]
	done
}

@test "a program that crashes at once fails the build" {
	run link cc-limit-exec LDFLAGS=-Wl,--entry=0
	assert_failure
	assert_line --partial 'link: cc-limit-exec --version ends with 139'
	assert [ ! -e "$build/bin/cc-limit-exec" ]
}

@test "every program of the database is tried, and makes a build no noise" {
	programs=$(grep -l '^#include "database/' bin/*/*.c | cut -d/ -f2 |
	    sort -u | grep -vxE 'cc-sandbox|cc-unpack')
	[[ $programs == *cc-claim*cc-wait* ]]
	for program in $programs; do
		run link "$program"
		assert_success
		refute_output
		assert [ -x "$build/bin/$program" ]
	done
}

@test "what the linker warns of is shown, but for glibc's modules" {
	run link cc-wait LDFLAGS=-Wl,-z,nonsense
	assert_success
	assert_output --partial 'warning: -z nonsense ignored'
	refute_output --partial 'statically linked'
}

# generate CALL...: the policy of a source whose lists lack these calls.
generate() {
	local call
	cp lib/confine/gen/* "$BATS_TEST_TMPDIR/"
	for call; do
		sed -i "s/\"$call\",//" "$BATS_TEST_TMPDIR/seccomp_calls.h"
	done
	cc -D_GNU_SOURCE -o "$BATS_TEST_TMPDIR/generate" \
	    "$BATS_TEST_TMPDIR/seccomp_policy.c" -lseccomp
	"$BATS_TEST_TMPDIR/generate" >"$BATS_TEST_TMPDIR/policy"
}

@test "a system call that no list has is named once and not allowed" {
	run --separate-stderr generate
	assert_success
	assert_equal "$stderr" ''
	grep -q '"uname"' "$BATS_TEST_TMPDIR/policy"
	grep -q '"acct"' "$BATS_TEST_TMPDIR/policy"
	run --separate-stderr generate uname acct
	assert_success
	said='seccomp_policy: in no list, so answered with ENOSYS:'
	[[ $stderr =~ ^"$said "(uname, acct|acct, uname)$ ]]
	run grep -E '"(uname|acct)"' "$BATS_TEST_TMPDIR/policy"
	assert_failure
}
