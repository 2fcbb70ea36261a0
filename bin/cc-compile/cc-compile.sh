#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The untrusted step of a build: cargo, under the guide's ceilings and in the
# sandbox, on the source that cc-unpack left in dir. What became of it is in
# dir/run.json and dir/sandbox.json. --check builds the smallest crate instead.
# shellcheck disable=SC2086 # the unquoted lists are meant to split
set -euf
# Lists of words are kept one a line; nothing else splits.
IFS='
'
wrong() { IFS=' ' && echo "$*" >&2 && exit 100; }

. bin/cc-compile/jobs.sh
. bin/cc-compile/options.sh
. bin/cc-compile/cargo_flags.sh
. bin/cc-compile/check.sh

[ $# = 1 ] || wrong 'usage: cc-compile [--check | dir]'
case $1 in
--check) ;;
--help) echo 'usage: cc-compile [--check | dir]' || exit 111; exit ;;
--version) echo 'cc-compile @VERSION@' || exit 111; exit ;;
-*) wrong "cc-compile: bad option '$1'" ;;
esac

home=${HOME:-/nonexistent}
vendor=${CLOACINA_COMPILER_VENDOR_DIR:-}
[ -n "$vendor" ] || [ ! -d "$home/.cargo" ] || vendor=$home/.cargo
toolchain=${CLOACINA_COMPILER_TOOLCHAIN:-}
procs=${CLOACINA_COMPILER_BUILD_RLIMIT_PROCS:-256}

compile() {
	library=$(cat "$dir/library") || return
	find_place $rest
	cc-limit-exec --chdir / --die-with-parent $limits --stdin /dev/null \
	    --stdout "$dir/stdout" --stderr "$dir/stderr" \
	    --report "$dir/run.json" -- \
	    cc-sandbox $sandbox $operator "$@" --dir "$dir" --source "$dir/source" \
	    --out "target/$place/lib$library.so=$dir/artifact" \
	    -- cargo "$subcommand" --manifest-path '{source}/Cargo.toml' $rest
}

# A target directory that builds share is one for each package name, locked
# until the artifact is out: cargo would take a namesake's library for ours.
# A build that was not claimed has no package but its library; "local-" keeps
# its name from being another's key.
compile_shared() {
	key=$(cat "$dir/package_key" 2>/dev/null) ||
	    key=local-$(cat "$dir/library") || return
	absolute "$CLOACINA_COMPILER_CARGO_TARGET_DIR"
	shared=$absolute/$key
	# Not by ":", whose redirection that fails ends the shell.
	if ! { mkdir -p "$shared" && true >>"$shared.lock"; } 2>/dev/null; then
		echo "cc-compile: cannot write to --cargo-target-dir" \
		    "'$CLOACINA_COMPILER_CARGO_TARGET_DIR'" >&2
		return 111
	fi
	# What waits for the lock holds nothing of a caller that is gone.
	exec 9>>"$shared.lock"
	flock 9 8>&- >/dev/null 2>&1
	compile --target-dir "$shared" 9>&-
}

build() {
	if [ -n "${CLOACINA_COMPILER_CARGO_TARGET_DIR:-}" ]; then
		compile_shared
	else
		compile
	fi
}

split ${CLOACINA_COMPILER_CARGO_FLAGS:-$usual_flags} \
    ${CLOACINA_COMPILER_CARGO_EXTRA_FLAGS:-}
limit_options
sandbox_options
if [ "$1" = --check ]; then
	operator_options
	check
fi
absolute "$1"
dir=$absolute
operator_options "$dir"
build
