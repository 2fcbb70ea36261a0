#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The chain of a build on a directory, without a queue: the same archive,
# unpacked by the same rules, compiled under the same limits in the same
# sandbox, judged by the same verdict. Leaves nothing but the library.
set -uf
wrong() {
	echo "cc-build-local: $*" >&2
	exit 100
}

. lib/build/flags.sh
flags=$build_flags
usage='usage: cc-build-local [options] dir'
help() {
	cat <<EOF
$usage

compiles the package in a directory as the service would

  -o, --output FILE            where to put the library
$flags
  --help                       print this and exit
  --version                    print the version and exit

The flags of a build have the variables of cloacina-compiler(1).
EOF
}

output=
while :; do
	case ${1:-} in
	--help) help || exit 111; exit ;;
	--version) echo 'cc-build-local @VERSION@' || exit 111; exit ;;
	--) shift && break ;;
	--*=*) name=${1%%=*} value=${1#*=} && shift &&
	    set -- "$name" "$value" "$@" && continue ;;
	-o | --output)
		[ $# -gt 1 ] || wrong "option '$1' needs a value"
		[ "$2" != - ] || wrong "bad value '-' for --output:" \
		    "want a file, which appears whole or not at all"
		output=$2 ;;
	-?*) take "$@" ;;
	*) break ;;
	esac
	shift 2
done
[ $# = 1 ] || { echo "$usage" >&2; exit 100; }
[ ! -e "$output" ] || [ -f "$output" ] ||
	wrong "cannot write '$output': not a regular file"

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
