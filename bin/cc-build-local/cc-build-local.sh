#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The chain of a build on a directory, without a queue: the same archive,
# unpacked by the same rules, compiled under the same limits in the same
# sandbox, judged by the same verdict. Leaves nothing but the library.
set -uf
usage='usage: cc-build-local [options] dir'
wrong() { echo "$*" >&2 && exit 100; }

nl='
'
output='' paths='' variables=''
while [ $# -gt 0 ]; do
	case $1 in
	--help) cat <<EOF || exit 111
$usage

compiles the package in a directory as the service would

  -o, --output FILE            where to put the library
  --help                       print this and exit
  --version                    print the version and exit

and, as cloacina-compiler(1) has them, with their variables:
--allow-local-sockets, --artifact-max, --build-rlimit-cpu,
--build-rlimit-files, --build-rlimit-mem, --build-rlimit-procs,
--build-timeout-s, --ro, --sandbox, --setenv, --target-size, --toolchain,
--vendor-dir, --writable-source
EOF
		exit ;;
	--) shift && break ;;
	--version) echo 'cc-build-local @VERSION@' || exit 111; exit ;;
	--*=*) name=${1%%=*} value=${1#*=} && shift &&
	    set -- "$name" "$value" "$@" && continue ;;
	-o | --output) ;;
	--ro | --setenv) ;;
	--allow-local-sockets | --artifact-max | --build-rlimit-cpu | \
	    --build-rlimit-files | --build-rlimit-mem | \
	    --build-rlimit-procs | --build-timeout-s | --sandbox | \
	    --target-size | --toolchain | --vendor-dir | --writable-source) ;;
	-?*) wrong "cc-build-local: bad option '$1'" ;;
	*) break ;;
	esac
	[ $# -gt 1 ] || wrong "cc-build-local: option '$1' needs a value"
	case $1,$2 in
	-o,- | --output,-) wrong "cc-build-local: bad value '-' for --output: want a file, which appears whole or not at all" ;;
	-o,* | --output,*) output=$2 ;;
	*"$nl"*) wrong "cc-build-local: bad value for $1: it has more than one line" ;;
	--ro,*) paths=$paths$2$nl ;;
	--setenv,*) variables=$variables$2$nl ;;
	*) name=CLOACINA_COMPILER_$(echo "${1#--}" | tr a-z- A-Z_)
		export "$name=$2" ;;
	esac
	shift 2
done
[ $# = 1 ] || wrong "$usage"
[ ! -e "$output" ] || [ -f "$output" ] ||
    wrong "cc-build-local: cannot write '$output': not a regular file"

# Lists are kept one a line; one that is given replaces the variable's.
[ -z "$paths" ] || export CLOACINA_COMPILER_RO="$paths"
[ -z "$variables" ] || export CLOACINA_COMPILER_SETENV="$variables"

work=$(mktemp -d) && build=$work/build && mkdir -m 700 "$build" || exit 111
# Killed, cc-compile takes all that it started with it; the last of these to
# end lets go of the lock.
compile='' new=
trap 'kill $compile 2>/dev/null; [ -z "$new" ] || rm -f -- "$new"
	flock "$work" rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cc-pack "$1" >"$build/package" || exit
cc-unpack "$build"
[ $? != 100 ] || [ -e "$build/unpack.json" ] || exit 100
if [ "$(cat "$build/language" 2>/dev/null)" = rust ]; then
	(flock 8 && exec cc-compile "$build") 8<"$work" &
	compile=$!
	wait "$compile"
	status=$?
	compile=
	# Hostile code picks a status, too, but only of what was run.
	[ "$status" != 100 ] || [ -e "$build/run.json" ] || exit 100
fi
cc-verdict "$build" >&2 || exit
[ -n "$output" ] || exit 0
# What has nothing to compile has an empty artifact, as in the queue.
[ -e "$build/artifact" ] || : >"$build/artifact"
# Beside its place, under a name of its own: a name that can be guessed may
# already be there, as somebody's link to what is not to be overwritten.
new=$(mktemp -- "$output.XXXXXX") && cat "$build/artifact" >"$new" &&
    chmod "$(printf %o "$((0666 & ~0$(umask)))")" -- "$new" &&
    mv -T -- "$new" "$output" && new= && exit
exit 111
