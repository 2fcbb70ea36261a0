#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The driver: turns its flags into the environment that the programs read,
# tries a build once, then sweeps beside
# `cc-claim --forever -- cc-build` until it is told to stop.
set -uf
wrong() {
	echo "cloacina-compiler: $*" >&2
	exit 100
}

. lib/build/flags.sh
# shellcheck disable=SC2016 # text
flags='  --database-url URL           the database of the queue ($DATABASE_URL)
  --database-url-file FILE     a file whose first line is the URL
  --tenant-schema NAME         the schema of its tables ($CLOACINA_TENANT_SCHEMA)
  --home DIR                   logs and build directories (default $HOME/.cloacina)
  --audit-log FILE             the audit log (default <home>/logs/compiler.log)
  --storage-dir DIR            archives of storage type filesystem

'$build_flags'

  --poll-interval-ms MS        look for work without a notification (default 2000)
  --heartbeat-interval-s S     default 10
  --stale-threshold-s S        a claim without a heartbeat is lost (default 60)
  --sweep-interval-s S         default 30
  --max-attempts COUNT         before a build is given up (default 3)
  --max-give-backs COUNT       the same for coming back at all (default 20)'
usage() {
	cat <<EOF
usage: cloacina-compiler [options]

claims pending builds, compiles them confined, writes them back

$flags
  --help                       print this and exit
  --version                    print the version and exit

Every flag has a variable: --build-timeout-s is
\$CLOACINA_COMPILER_BUILD_TIMEOUT_S, and so on. Those of the flags that may be
repeated have one a line, and the flags replace them: _CARGO_FLAGS,
_CARGO_EXTRA_FLAGS, _RO, _SETENV.
EOF
}

while [ $# -gt 0 ]; do
	case $1 in
	--help) usage || exit 111; exit ;;
	--version) echo 'cloacina-compiler @VERSION@' || exit 111; exit ;;
	--*=*) name=${1%%=*} value=${1#*=} && shift &&
	    set -- "$name" "$value" "$@" && continue ;;
	-*) take "$@" ;;
	*) wrong "bad operand '$1'" ;;
	esac
	shift 2
done
# What follows -- is rustc's.
list=$nl${CLOACINA_COMPILER_CARGO_FLAGS:-"--frozen$nl--offline"}
list=$list$nl${CLOACINA_COMPILER_CARGO_EXTRA_FLAGS:-}$nl
for flag in --frozen --offline; do
	case ${list%%"$nl--$nl"*}$nl in
	*"$nl$flag$nl"*) ;;
	*) echo "cloacina-compiler: warning: the cargo flags lack $flag, so a build may ask for crates beyond the vendor directory" >&2 ;;
	esac
done
[ -n "${DATABASE_URL:-}${CLOACINA_COMPILER_DATABASE_URL_FILE:-}" ] ||
	wrong 'no database: give --database-url or set DATABASE_URL'

# A host that cannot confine a build, or whose limits are wrong, takes none.
cc-compile --check >/dev/null || exit

# The status of a child. A signal interrupts the wait for it, and the shell may
# reap it meanwhile: then its status is still to be had, once. Nobody wants the
# word that some shells have for the signal that a child died of.
await() {
	wait "$1" 2>/dev/null
	ended=$?
	while kill -0 "$1" 2>/dev/null; do
		wait "$1" 2>/dev/null
		ended=$?
	done
	wait "$1" 2>/dev/null
	set -- $?
	[ "$1" = 127 ] || ended=$1
	return "$ended"
}
cc-claim --forever --check cc-compile --finally cc-build-end -- cc-build &
claim=$!
trap 'kill "$claim" 2>/dev/null' TERM INT HUP
(
	# First: it must not die and leave the sweep behind.
	sweep=
	trap 'claim= && [ -z "$sweep" ] || kill "$sweep" 2>/dev/null' TERM
	trap '' INT HUP
	cc-sweep --forever >/dev/null &
	sweep=$!
	[ -n "$claim" ] || kill "$sweep" 2>/dev/null
	await "$sweep"
	[ -n "$claim" ] || exit 0
	# A worker beside which nobody sweeps would leave timeouts for ever.
	echo 'cloacina-compiler: cc-sweep has ended, so does the worker' >&2
	kill "$claim" 2>/dev/null
	[ "$ended" != 0 ] && exit "$ended"
	exit 111
) &
sweeper=$!
await "$claim"
status=$ended
kill "$sweeper" 2>/dev/null
await "$sweeper"
[ "$ended" = 0 ] || status=$ended
exit "$status"
