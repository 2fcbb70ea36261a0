# SPDX-License-Identifier: Apache-2.0
# cc-sandbox against what only root can set up.

setup_file() {
	load ../helper
	[ "$(id -u)" = 0 ] || return 0
	cc -D_GNU_SOURCE -O1 -o "$BATS_FILE_TMPDIR/become_root" \
	    "$SUITE_ROOT/tests/limit/become_root.c"
	cc -shared -fPIC -o "$BATS_FILE_TMPDIR/lib.so" -x c - \
	    <<<'int answer(void) { return 42; }'
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_FILE_TMPDIR"/*
}

setup() {
	load ../helper
	[ "$(id -u)" = 0 ] || skip 'only root can make setuid programs of root'
	cd "$BATS_TEST_TMPDIR" || return
	chmod 755 .
	mkdir dir
	chown "$tester" . dir
}

without_sandbox() {
	setpriv --reuid="$tester" --regid="$tester" --clear-groups \
	    "$(command -v cc-sandbox)" --sandbox off --dir dir \
	    --out target/x.so="$PWD/dir/artifact" sh -c "$1" _ '{target}/x.so' \
	    "$BATS_FILE_TMPDIR/lib.so"
}

@test "nothing is taken from a command while a process of it lives" {
	cp "$BATS_FILE_TMPDIR/become_root" rooted
	chmod 4755 rooted
	run setpriv --reuid="$tester" --regid="$tester" --clear-groups ./rooted 0
	[ "$status" = 0 ] || skip 'no setuid programs here'
	run without_sandbox "cp \"\$2\" \"\$1\"
	    '$PWD/rooted' 90 >'$PWD/out' 2>&1 3>&- &
	    echo \$! >'$PWD/pid'
	    until grep -q '^Uid:.0' /proc/\$!/status; do :; done"
	kill "$(<pid)"
	assert_failure 111
	assert_output --partial 'cannot end all processes of the command: Operation not permitted'
	assert [ ! -e dir/artifact ]
	assert_equal "$(jq -r .started dir/sandbox.json)" true
	run without_sandbox 'cp "$2" "$1"'
	assert_success
	assert [ -s dir/artifact ]
}
