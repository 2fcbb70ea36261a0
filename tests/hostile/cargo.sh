#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/hostile/cargo.sh BIN TOOLS: hostile build scripts under cc-compile, by
# real cargo, at levels bwrap and landlock. An attack is contained when it
# says of nothing that it leaked and the library still comes out.
set -u
cd "$(dirname "$0")" || exit 111
bin=$1 tools=$2
passed=0 failed=0
work=$(mktemp -d) || exit 111
host=$work/host vendor=$work/vendor dir=$work/home/build-tmp/claim
trap 'rm -rf "$work"' EXIT

mkdir -p "$host" "$vendor/crates/inner-1.0.0/src" "$work/home/build-tmp" \
    "$work/no-bwrap"
ln -s /usr/bin/* "$work/no-bwrap" && rm -f "$work/no-bwrap/bwrap"
secret=hidden-$RANDOM$RANDOM
echo "$secret" >"$host/secret"
cp "$tools/library.so" "$host/library.so"
printf '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "%s"\n[registry]\ntoken = "%s"\n' \
    "$vendor/crates" "$secret" >"$vendor/config.toml"
echo "[registry]
token = \"$secret\"" >"$vendor/credentials.toml"
echo 'pub fn inner() {}' >"$vendor/crates/inner-1.0.0/src/lib.rs"
export CLOACINA_COMPILER_VENDOR_DIR=$vendor CLOACINA_COMPILER_BUILD_TIMEOUT_S=60
export DATABASE_URL=postgres://secret@localhost/queue PGPASSWORD=secret

# new_build ATTACK: the build directory as cc-unpack leaves it.
new_build() {
	rm -rf "$dir" "$dir.scratch" && mkdir -m 700 "$dir" || exit 111
	cp -r crate "$dir/source"
	echo "$1" >"$dir/source/attack"
	printf '%s\n' "SECRET=$secret" "HOST_DIR=$host" "VENDOR=$vendor" \
	    "CRATE=$vendor/crates/inner-1.0.0/src" >"$dir/source/facts"
	echo hostile >"$dir/library"
	echo "${2:-key}" >"$dir/package_key"
	[ "$1" != include ] ||
	    echo "pub const S: &str = include_str!(\"$host/secret\");" \
	        >>"$dir/source/src/lib.rs"
}

# compile LEVEL: its status.
compile() {
	local path=$bin:/usr/bin:/bin mode=required
	[ "$1" = bwrap ] || path=$bin:$work/no-bwrap mode=preferred
	PATH=$path CLOACINA_COMPILER_SANDBOX=$mode cc-compile "$dir"
}

state() {
	find "$host" "$vendor" "$dir/source" -printf '%p %m %s %T@ %C@\n' | sort
}

# The library of a build that nobody disturbs.
honest() {
	local level=$1
	new_build none
	compile "$level" && cp "$dir/artifact" "$work/honest.$level"
}

# try LEVEL ATTACK: sets $verdict and $word.
try() {
	local before status told
	verdict=contained word='the library came out'
	new_build "$2"
	before=$(state)
	compile "$1"
	status=$?
	told=$(grep -ao 'LEAKED: .*' "$dir/stderr" | head -n 1)
	if [ -n "$told" ]; then
		verdict=leaked word=${told#LEAKED: }
	elif [ "$before" != "$(state)" ]; then
		verdict=leaked word='the host was changed'
	elif pgrep -u "$(id -u)" -f '^sleep 4719' >/dev/null; then
		verdict=leaked word='a process lives on'
		pkill -KILL -u "$(id -u)" -f '^sleep 4719'
	elif [ "$2" = include ]; then
		grep -q "couldn't read" "$dir/stderr" && [ "$status" = 101 ] &&
		    word='not read, the build failed' || verdict=leaked
	elif [ "$status" != 0 ] || [ ! -s "$dir/artifact" ]; then
		verdict=broken word="status $status"
		tail -n 3 "$dir/stderr"
	elif cmp -s "$dir/artifact" "$host/library.so"; then
		verdict=leaked word='another library came out'
	fi
}

report() {
	local note=
	if [ "$verdict" = contained ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1)) note=' <-- NOT AS EXPECTED'
	fi
	printf '%-8s %-52s %s (%s)%s\n' "$1" "$2" "$verdict" "$word" "$note"
}

# After all of them, on the same host, an honest build gets what it got.
next_build() {
	verdict=contained word='the same library as before'
	new_build none
	compile "$1"
	cmp -s "$dir/artifact" "$work/honest.$1" ||
	    verdict=leaked word='another library'
}

for level in bwrap landlock; do
	honest "$level" ||
	    { echo "no honest build at level $level"; cat "$dir/stderr"; }
	while IFS='|' read -r attack what; do
		try "$level" "$attack"
		report "$level" "build.rs: $what"
	done <<-'EOS'
	environment|DATABASE_URL in its environment
	every-path|DATABASE_URL and a secret by every path
	credentials|tokens of the cargo home
	include|include_str! of a file of the worker
	links|a symlink where cargo puts the library
	daemon|daemons left behind
	poison|source, crates, toolchain, cargo home
	EOS
	next_build "$level"
	report "$level" 'the build after them gets an honest library'
	export CLOACINA_COMPILER_CARGO_TARGET_DIR=$work/shared
	new_build poison one
	compile "$level"
	new_build none other
	next_build "$level"
	report "$level" 'the same with --cargo-target-dir, another package'
	unset CLOACINA_COMPILER_CARGO_TARGET_DIR
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
