#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The driver: turns its flags into the environment that the programs read,
# tries a build once, then sweeps beside
# `cc-claim --forever -- cc-build` until it is told to stop.
set -uf
nl='
'
usage() {
	cat <<'EOF'
usage: cloacina-compiler [options]

claims pending builds, compiles them confined, writes them back

  --database-url URL           the queue's database ($DATABASE_URL)
  --database-url-file FILE     a file whose first line is the URL
  --tenant-schema NAME         the schema of the queue's tables ($CLOACINA_TENANT_SCHEMA)
  --home DIR                   logs and build directories (default $HOME/.cloacina)
  --audit-log FILE             the audit log (default <home>/logs/compiler.log)
  --storage-dir DIR            archives of storage type filesystem

  --build-timeout-s SECONDS    wall clock of a build (default 600)
  --build-rlimit-cpu SECONDS   CPU time (default: the timeout)
  --build-rlimit-mem SIZE      virtual memory (default 4G)
  --build-rlimit-files COUNT   open files (default 1024)
  --build-rlimit-procs COUNT   processes (default 256)
  --build-memory-max SIZE      all memory of a build, in a cgroup (default 6G)
  --cgroup MODE                auto, required or off (default auto)
  --vendor-dir DIR             CARGO_HOME: the crates that builds may use (default ~/.cargo)
  --cargo-flag FLAG            repeatable; replaces build --release --lib --frozen --offline
  --cargo-extra-flag FLAG      repeatable; added to the list
  --cargo-target-dir DIR       keep target directories, one for each package name
  --toolchain DIR              a rustup home instead of the system's cargo
  --sandbox LEVEL              required, preferred or off (default required)
  --allow-local-sockets yes|no sockets among a build's own processes (default no)
  --ro PATH                    a path that builds may read; repeatable
  --setenv NAME=VALUE          a variable of builds; repeatable
  --writable-source yes|no     let a build write into a copy of its source (default no)
  --target-size SIZE           room for a build's output (default 4G)
  --artifact-max SIZE          largest library (default 256M)
  --unpack-entries-max COUNT   entries of an archive (default 10000)
  --unpack-bytes-max SIZE      bytes of an unpacked archive (default 500M)
  --unpack-ratio-max RATIO     unpacked to packed bytes (cc-unpack(1))

  --poll-interval-ms MS        look for work without a notification (default 2000)
  --heartbeat-interval-s S     default 10
  --stale-threshold-s S        a claim without a heartbeat is lost (default 60)
  --sweep-interval-s S         default 30
  --max-attempts COUNT         before a build is given up (default 3)
  --max-give-backs COUNT       the same for coming back at all (default 20)
  --help                       print this and exit
  --version                    print the version and exit

Every flag but --cargo-flag and --cargo-extra-flag has a variable:
--build-timeout-s is $CLOACINA_COMPILER_BUILD_TIMEOUT_S, and so on. Those of
--ro and --setenv have one a line, and the flags replace them.
EOF
}
wrong() {
	echo "cloacina-compiler: $*" >&2
	exit 100
}

flags="build${nl}--release${nl}--lib${nl}--frozen${nl}--offline"
replaced='' extra='' paths='' variables=''
while [ $# -gt 0 ]; do
	name=$1
	shift
	case $name in
	--help) usage || exit 111; exit ;;
	--version) echo 'cloacina-compiler @VERSION@' || exit 111; exit ;;
	--*=*) set -- "${name#*=}" "$@" && name=${name%%=*} ;;
	esac
	case $name in
	--database-url) variable=DATABASE_URL ;;
	--tenant-schema) variable=CLOACINA_TENANT_SCHEMA ;;
	--cargo-flag | --cargo-extra-flag | --ro | --setenv) variable= ;;
	--allow-local-sockets | --artifact-max | --audit-log | \
	    --build-memory-max | \
	    --build-rlimit-cpu | --build-rlimit-files | --build-rlimit-mem | \
	    --build-rlimit-procs | --build-timeout-s | --cargo-target-dir | \
	    --cgroup | --database-url-file | \
	    --heartbeat-interval-s | --home | --max-attempts | \
	    --max-give-backs | --poll-interval-ms | --sandbox | --stale-threshold-s | \
	    --storage-dir | --sweep-interval-s | --target-size | --toolchain | \
	    --unpack-bytes-max | --unpack-entries-max | --unpack-ratio-max | \
	    --vendor-dir | --writable-source)
		variable=CLOACINA_COMPILER_$(echo "${name#--}" | tr a-z- A-Z_) ;;
	-*) wrong "bad option '$name'" ;;
	*) wrong "bad operand '$name'" ;;
	esac
	[ $# -gt 0 ] || wrong "option '$name' needs a value"
	case $name,$1 in
	--ro,*"$nl"* | --setenv,*"$nl"*)
		wrong "bad value for $name: it has more than one line" ;;
	esac
	case $name in
	--ro) paths=$paths$1$nl ;;
	--setenv) variables=$variables$1$nl ;;
	--cargo-flag) replaced=$replaced$nl$1 ;;
	--cargo-extra-flag) extra=$extra$nl$1 ;;
	*) [ -n "$1" ] || wrong "empty value for $name"
		export "$variable=$1" ;;
	esac
	shift
done
CLOACINA_COMPILER_CARGO_FLAGS=${replaced:-$nl${CLOACINA_COMPILER_CARGO_FLAGS:-$flags}}$extra
export CLOACINA_COMPILER_CARGO_FLAGS
[ -z "$paths" ] || export CLOACINA_COMPILER_RO="$paths"
[ -z "$variables" ] || export CLOACINA_COMPILER_SETENV="$variables"
# What follows -- is rustc's.
for flag in --frozen --offline; do
	case ${CLOACINA_COMPILER_CARGO_FLAGS%%"$nl--$nl"*}$nl in
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
