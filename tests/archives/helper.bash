# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For the suites that unpack: archives from tests/archives/tar, unpacked in d.

load helper

tar_of() {
	"$SUITE_ROOT/tests/archives/tar" "$@"
}

# unpack [OPTION...] -- ENTRY...: a package of these entries.
unpack() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rm -rf d
	mkdir d
	tar_of package "$@" >archive
	run cc-unpack "${options[@]}" d archive
}

# takes [OPTION...] -- ENTRY...: it is unpacked without a word.
takes() {
	unpack "$@"
	assert_success
	refute_output
	assert [ -d d/source ]
}

# is_refused LINE: the last run was, and left nothing but its reason.
is_refused() {
	assert_equal "$status" 100
	assert_output "cc-unpack: refused: $1"
	assert_equal "$(jq -r .refusal d/unpack.json)" "$1"
	assert_equal "$(ls -A d)" unpack.json
}

# refuses LINE [OPTION...] -- ENTRY...
refuses() {
	local line=$1
	shift
	unpack "$@"
	is_refused "$line"
}
