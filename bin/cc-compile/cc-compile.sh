#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The untrusted step of a build: cargo, under the guide's ceilings and in the
# sandbox, on the source that cc-unpack left in dir. What became of it is in
# dir/run.json and dir/sandbox.json.
# shellcheck disable=SC2086 # the unquoted lists are meant to split
set -uf
wrong() { IFS=' ' && echo "$*" >&2 && exit 100; }
[ $# = 1 ] || wrong 'usage: cc-compile [--check | dir]'

# Lists of words are kept one a line; nothing else splits.
IFS='
'
# option NAME [VALUE]: the word for it, nothing where no value was given.
option() { [ -z "${2:-}" ] || echo "--$1=$2"; }
# The build starts in /, so directories are named from there.
absolute() { case ${1:-} in '' | /*) echo "${1:-}" ;; *) echo "$PWD/$1" ;; esac; }

usual=${HOME:-/nonexistent}/.cargo
vendor=${CLOACINA_COMPILER_VENDOR_DIR:-$([ ! -d "$usual" ] || echo "$usual")}
flags=${CLOACINA_COMPILER_CARGO_FLAGS:-build${IFS}--release${IFS}--lib${IFS}--frozen${IFS}--offline}
limits=$(
	option timeout-s "${CLOACINA_COMPILER_BUILD_TIMEOUT_S:-}"
	option rlimit-cpu "${CLOACINA_COMPILER_BUILD_RLIMIT_CPU:-}"
	option rlimit-mem "${CLOACINA_COMPILER_BUILD_RLIMIT_MEM:-}"
	option rlimit-files "${CLOACINA_COMPILER_BUILD_RLIMIT_FILES:-}"
)
sandbox=$(
	option sandbox "${CLOACINA_COMPILER_SANDBOX:-}"
	option cargo-home "$(absolute "$vendor")"
	option toolchain "$(absolute "${CLOACINA_COMPILER_TOOLCHAIN:-}")"
	option rlimit-procs "${CLOACINA_COMPILER_BUILD_RLIMIT_PROCS:-256}"
	option target-size "${CLOACINA_COMPILER_TARGET_SIZE:-}"
	option artifact-max "${CLOACINA_COMPILER_ARTIFACT_MAX:-}"
	option allow-local-sockets "${CLOACINA_COMPILER_ALLOW_LOCAL_SOCKETS:-}"
	[ "${CLOACINA_COMPILER_WRITABLE_SOURCE:-no}" = no ] || echo --writable-source
)
# For all processes of the build together, where it can have a cgroup: output
# (4G), /tmp (1G) and /dev/shm (64M) of the sandbox are memory, too.
cgroup=$(
	option cgroup "${CLOACINA_COMPILER_CGROUP:-auto}"
	option cgroup-mem "${CLOACINA_COMPILER_BUILD_MEMORY_MAX:-6G}"
	option cgroup-procs "${CLOACINA_COMPILER_BUILD_RLIMIT_PROCS:-256}"
)
# The number of processes counts per user, so it is left to cc-sandbox, which
# limits it inside a user namespace, for each build alone.
limited() { cc-limit-exec --chdir / --die-with-parent --rlimit-procs 1G $limits $cgroup "$@"; }

# The list's first word, and the rest, of which cargo reads what is before --.
split() {
	case ${1:-} in
	'' | [-+]* | *' '*) wrong "cc-compile: cannot use the cargo flags: they" \
	    "begin with '${1:-}' and not with cargo's subcommand, as build;" \
	    "one a line; --cargo-extra-flag adds to the usual list" ;;
	esac
	subcommand=$1
	shift
	rest=$*
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		--manifest-path | --manifest-path=* | --target-dir | --target-dir=*)
			wrong "cc-compile: bad cargo flag '$1': every build" \
			    "has its own; --cargo-target-dir keeps them" ;;
		esac
		shift
	done
}

# Below target/, the directory that cargo makes of its flags.
place() {
	profile=debug triple=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		--release | -r) profile=release ;;
		--profile=*) profile=${1#*=} ;;
		--profile) profile=${2:-} ;;
		--target=*) triple=${1#*=} ;;
		--target) triple=${2:-} ;;
		esac
		shift
	done
	case $profile in
	dev | test) profile=debug ;;
	bench) profile=release ;;
	esac
	# A description of one's own is a file; cargo drops its end.
	triple=${triple##*/}
	echo "${triple:+${triple%.json}/}$profile"
}

compile() {
	library=$(cat "$dir/library") || return
	limited --stdin /dev/null --stdout "$dir/stdout" \
	    --stderr "$dir/stderr" --report "$dir/run.json" -- \
	    cc-sandbox $sandbox "$@" --dir "$dir" --source "$dir/source" \
	    --out "target/$(place $rest)/lib$library.so=$dir/artifact" \
	    -- cargo "$subcommand" --manifest-path '{source}/Cargo.toml' $rest
}

# A target directory that builds share is one for each package name, locked
# until the artifact is out: cargo would take a namesake's library for ours.
# A build that was not claimed has no package but its library; "local-" keeps
# its name from being another's key.
compile_shared() (
	key=$(cat "$dir/package_key" 2>/dev/null) ||
	    key=local-$(cat "$dir/library") || return
	shared=$(absolute "$CLOACINA_COMPILER_CARGO_TARGET_DIR")/$key
	mkdir -p "$shared" && exec 9>"$shared.lock" && flock 9 &&
	    compile --target-dir "$shared" 9>&-
)

case $1 in
--check)
	split $flags
	limited -- cc-sandbox $sandbox -- cargo --version
	exit ;;
--help) echo 'usage: cc-compile [--check | dir]' || exit 111; exit ;;
--version) echo 'cc-compile @VERSION@' || exit 111; exit ;;
-*) wrong "cc-compile: bad option '$1'" ;;
esac
split $flags
dir=$(absolute "$1")
if [ -n "${CLOACINA_COMPILER_CARGO_TARGET_DIR:-}" ]; then
	compile_shared
else
	compile
fi
