# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# cc-sandbox at each of its levels. Load it instead of helper.

load helper

# Call it in setup_file.
prepare_levels() {
	cc -D_GNU_SOURCE -O1 -o "$BATS_FILE_TMPDIR/attempt" \
	    "$SUITE_ROOT/tests/confine/attempt.c" -lseccomp
	echo 'int answer(void) { return 42; }' >"$BATS_FILE_TMPDIR/lib.c"
	cc -shared -fPIC -o "$BATS_FILE_TMPDIR/lib.so" "$BATS_FILE_TMPDIR/lib.c"
	export attempt=$BATS_FILE_TMPDIR/attempt library=$BATS_FILE_TMPDIR/lib.so
	# A PATH on which there is no bubblewrap: level bwrap cannot be had.
	mkdir "$BATS_FILE_TMPDIR/no-bwrap"
	ln -s /usr/bin/* "$BATS_FILE_TMPDIR/no-bwrap"
	rm "$BATS_FILE_TMPDIR/no-bwrap/bwrap"
	export no_bwrap=$SUITE_ROOT/build/bin:$BATS_FILE_TMPDIR/no-bwrap
}

export levels='bwrap landlock none'

bwrap_level() {
	cc-sandbox --ro "$BATS_FILE_TMPDIR" "$@"
}

# The warning about the weaker level has a test of its own.
landlock_level() {
	local status=0
	PATH=$no_bwrap cc-sandbox --sandbox preferred \
	    --ro "$BATS_FILE_TMPDIR" "$@" 2>"$BATS_TEST_TMPDIR/warnings" ||
	    status=$?
	grep -v 'no sandbox of level bwrap' "$BATS_TEST_TMPDIR/warnings" >&2 ||
	    true
	return $status
}

none_level() {
	cc-sandbox --sandbox off "$@"
}

report() {
	jq -r "$1" dir/sandbox.json
}
