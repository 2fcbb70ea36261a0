#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The untrusted step of a build: cargo, under the guide's ceilings and in the
# sandbox, on the source that cc-unpack left in dir. What became of it is in
# dir/run.json and dir/sandbox.json. --check builds the smallest crate instead.
# shellcheck disable=SC2086 # the unquoted lists are meant to split
set -uf
wrong() { IFS=' ' && echo "$*" >&2 && exit 100; }
[ $# = 1 ] || wrong 'usage: cc-compile [--check | dir]'

# Lists of words are kept one a line; nothing else splits.
IFS='
'
# option NAME [VALUE]: the word for it, nothing where no value was given.
option() { [ -z "${2:-}" ] || printf -- '--%s=%s\n' "$1" "$2"; }
# The build starts in /, so directories are named from there.
absolute() { case ${1:-} in '' | /*) ;; *) set -- "$PWD/$1" ;; esac && printf '%s\n' "${1:-}"; }

# The processors of this process, or what its cgroups leave of them.
processors() {
	count=$(nproc)
	group=$(sed -n 's/^0:://p' /proc/self/cgroup)
	while :; do
		file=/sys/fs/cgroup$group/cpu.max
		if [ -r "$file" ] && IFS=' ' read -r quota period <"$file" &&
		    [ "$quota" != max ]; then
			quota=$(((quota + period - 1) / period))
			[ "$quota" -ge "$count" ] || count=$quota
		fi
		[ -n "${group#/}" ] || break
		group=${group%/*}
	done
	echo "$count"
}

# How many jobs cargo runs at once: inside it sees no quota, and it knows no
# limit of processes. A job of rustc's takes 6 of these, threads among them.
jobs() {
	most=$(processors) room=1000
	case $procs in
	0* | *[!0-9]* | ?????*) ;;
	*) room=$(((procs + 7) / 8)) ;;
	esac
	[ "$room" -ge "$most" ] || most=$room
	echo "$most"
}

procs=${CLOACINA_COMPILER_BUILD_RLIMIT_PROCS:-256}
usual=${HOME:-/nonexistent}/.cargo
vendor=${CLOACINA_COMPILER_VENDOR_DIR:-$([ ! -d "$usual" ] || echo "$usual")}
toolchain=${CLOACINA_COMPILER_TOOLCHAIN:-}
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
	option toolchain "$(absolute "$toolchain")"
	option rlimit-procs "$procs"
	option setenv "CARGO_BUILD_JOBS=$(jobs)"
	option target-size "${CLOACINA_COMPILER_TARGET_SIZE:-}"
	option artifact-max "${CLOACINA_COMPILER_ARTIFACT_MAX:-}"
	option allow-local-sockets "${CLOACINA_COMPILER_ALLOW_LOCAL_SOCKETS:-}"
	[ "${CLOACINA_COMPILER_WRITABLE_SOURCE:-no}" = no ] || echo --writable-source
)
# What the operator lets in, one a line.
operator=$(
	for path in ${CLOACINA_COMPILER_RO:-}; do
		option ro "$(absolute "$path")"
	done
	for variable in ${CLOACINA_COMPILER_SETENV:-}; do
		option setenv "$variable"
	done
)
# What no path of it may show, by itself or in what holds it: what is the
# service's, what others submitted, and its user's secrets.
withhold() {
	home=${HOME:-/nonexistent}
	log=${CLOACINA_COMPILER_AUDIT_LOG:-}
	for path in "${CLOACINA_COMPILER_HOME:-$home/.cloacina}" \
	    "${log#-}" "${CLOACINA_COMPILER_DATABASE_URL_FILE:-}" \
	    "${CLOACINA_COMPILER_STORAGE_DIR:-}" \
	    "${CLOACINA_COMPILER_CARGO_TARGET_DIR:-}" \
	    "${PGPASSFILE:-$home/.pgpass}" "$home/.ssh" "$home/.netrc" \
	    "$usual/credentials" "$usual/credentials.toml" \
	    "${vendor:-$usual}/credentials" \
	    "${vendor:-$usual}/credentials.toml" "$@"; do
		option withhold "$(absolute "$path")"
	done
}
# --help comes after all other options were read: a wrong one shows here.
check_operator() {
	[ -n "$operator" ] || return 0
	for variable in ${CLOACINA_COMPILER_SETENV:-}; do
		case $variable in
		DATABASE_URL=* | PGPASSWORD=* | PGPASSFILE=*)
			wrong "cc-compile: bad value '${variable%%=*}' for" \
			    "--setenv: a stranger's code would read it" ;;
		CARGO_BUILD_TARGET=*)
			wrong "cc-compile: bad value '${variable%%=*}' for" \
			    "--setenv: say --target among the cargo flags," \
			    "or the library is not found" ;;
		esac
	done
	operator=$operator$IFS$(withhold "$@")
	cc-sandbox $operator --help >/dev/null || exit
}
# For all processes of the build together, where it can have a cgroup: output
# (4G), /tmp (1G) and /dev/shm (64M) of the sandbox are memory, too.
cgroup=$(
	option cgroup "${CLOACINA_COMPILER_CGROUP:-auto}"
	option cgroup-mem "${CLOACINA_COMPILER_BUILD_MEMORY_MAX:-6G}"
	option cgroup-procs "$procs"
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
	    cc-sandbox $sandbox $operator "$@" --dir "$dir" --source "$dir/source" \
	    --out "target/$(place $rest)/lib$library.so=$dir/artifact" \
	    -- cargo "$subcommand" --manifest-path '{source}/Cargo.toml' $rest
}

# A target directory that builds share is one for each package name, locked
# until the artifact is out: cargo would take a namesake's library for ours.
# A build that was not claimed has no package but its library; "local-" keeps
# its name from being another's key.
compile_shared() {
	key=$(cat "$dir/package_key" 2>/dev/null) ||
	    key=local-$(cat "$dir/library") || return
	shared=$(absolute "$CLOACINA_COMPILER_CARGO_TARGET_DIR")/$key
	if ! { mkdir -p "$shared" && : >>"$shared.lock"; } 2>/dev/null; then
		echo "cc-compile: cannot write to --cargo-target-dir" \
		    "'$CLOACINA_COMPILER_CARGO_TARGET_DIR'" >&2
		return 111
	fi
	# What waits for the lock holds nothing of a caller that is gone.
	exec 9>>"$shared.lock" &&
	    flock 9 8>&- >/dev/null 2>&1 &&
	    compile --target-dir "$shared" 9>&-
}

build() {
	if [ -n "${CLOACINA_COMPILER_CARGO_TARGET_DIR:-}" ]; then
		compile_shared
	else
		compile
	fi
}

# The list without what names parts of a package.
general() {
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		-F | --features | -p | --package | --exclude)
			[ $# -eq 1 ] || shift ;;
		-F* | --features=* | -p* | --package=* | --exclude=*) ;;
		*) printf '%s\n' "$1" ;;
		esac
		shift
	done
	[ $# = 0 ] || printf '%s\n' "$@"
}

# advise WORDS [ELSE]: what to change, by the words that tell of a failure.
advise() {
	case $1 in
	*'error: linker '*) echo 'install a linker: apt-get install gcc' ;;
	*"cannot run 'cargo'"*)
		echo 'install cargo, or name a rustup home by --toolchain' ;;
	*'timed out'*) echo 'this host is stuck, or far too busy' ;;
	*'CPU time'*) echo 'raise --build-rlimit-cpu' ;;
	*'memory limit'*) echo 'raise --build-memory-max' ;;
	*'No space left on device'* | *--target-size*)
		echo 'raise --target-size' ;;
	*'larger than an artifact'*) echo 'raise --artifact-max' ;;
	*'Too many open files'* | *'os error 24'*)
		echo 'raise --build-rlimit-files' ;;
	*'Resource temporarily unavailable'* | *'os error 11'* | *fork*)
		echo 'raise --build-rlimit-procs' ;;
	*'directory source'* | *'config of'* | *'source path'*)
		echo "correct what --vendor-dir names: $vendor" ;;
	*'was not made'* | *argument* | *command* | *option* | *profile* | \
	    *'target may not be installed'*)
		set -- $rest
		IFS=' ' && echo "change the cargo flags: $subcommand $*" ;;
	*) echo "${2:-}" ;;
	esac
}

# Half a package, in the place of one that cc-unpack left.
write_crate() {
	mkdir -p "$dir/source/src" && echo check >"$dir/package_key" &&
	    echo cc_check >"$dir/library" &&
	    echo '{"version":1,"language":"rust","library_name":"cc_check"}' \
	        >"$dir/unpack.json" &&
	    cat >"$dir/source/Cargo.toml" <<-'EOF' &&
	[package]
	name = "cc-check"
	version = "1.0.0"
	[lib]
	crate-type = ["cdylib"]
	EOF
	    cat >"$dir/source/Cargo.lock" <<-'EOF' &&
	# This file is automatically @generated by Cargo.
	# It is not intended for manual editing.
	version = 3

	[[package]]
	name = "cc-check"
	version = "1.0.0"
	EOF
	    echo 'pub fn check() {}' >"$dir/source/src/lib.rs"
}

# What cargo would not even complain of, or in words that do not help.
check_directories() {
	[ -z "$vendor" ] || [ -d "$vendor" ] ||
		wrong "cc-compile: bad value '$vendor' for --vendor-dir: no such directory"
	[ -z "$toolchain" ] || [ -d "$toolchain" ] ||
		wrong "cc-compile: bad value '$toolchain' for --toolchain: no such directory"
	[ -z "$vendor" ] || [ -e "$vendor/config.toml" ] ||
	    [ -e "$vendor/config" ] || [ -e "$vendor/registry" ] || ! find \
	    "$vendor/" -maxdepth 2 -name .cargo-checksum.json | grep -q . ||
		wrong "cc-compile: bad value '$vendor' for --vendor-dir: it holds crates and is no CARGO_HOME, whose config.toml names it as [source.NAME] directory"
}

# A number of the runner's report.
figure() { sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" "$dir/run.json"; }

# How long it took is a matter of the load, so only what it cost must fit.
judge_time() {
	cost=$(($(figure cpu_user_ms) + $(figure cpu_sys_ms)))
	! awk -v limit="${CLOACINA_COMPILER_BUILD_TIMEOUT_S:-600}" \
	    -v cost="$cost" 'BEGIN { exit !(cost > limit * 1000) }' || wrong \
	    "cc-compile: cannot build the smallest crate in time: it takes" \
	    "$cost ms of a processor; raise --build-timeout-s"
	exit 0
}

# judge STATUS: what was built, or why not and what to change.
judge() {
	reason=$(cc-verdict "$dir")
	verdict=$?
	[ "$verdict" != 0 ] || judge_time
	# Not begun: who was called wrongly, or cannot, has said why.
	if [ "$verdict" != 124 ] &&
	    ! grep -qs '"started": *true' "$dir/sandbox.json"; then
		[ -s "$dir/stderr" ] || exit "$1"
		grep '^cc-' "$dir/stderr" >&2 || cat "$dir/stderr" >&2
		advice=$(advise "$(cat "$dir/stderr")")
		[ -z "$advice" ] || echo "cc-compile: $advice" >&2
		exit "$1"
	fi
	[ "$verdict" != 1 ] || set -- 100
	line=$(printf '%s\n' "$reason" | grep -m 1 error: ||
	    printf '%s\n' "$reason" | sed -n 2p)
	echo "cc-compile: cannot build the smallest crate: $line;" \
	    "$(advise "$reason" 'raise --build-rlimit-mem')" >&2
	exit "$1"
}

# Builds a crate of one line as any package would be: what cannot build it can
# build nothing, and is to take no build.
check() {
	check_directories
	work=$(mktemp -d) && dir=$work/check && write_crate || exit 111
	run=
	trap 'kill $run 2>/dev/null; flock "$work" rm -rf "$work"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	rest=$(general $rest)
	limits=$limits$IFS--timeout-s=300
	(flock 8 && build) 8<"$work" &
	run=$!
	wait "$run"
	status=$?
	run=
	judge $((status == 100 ? 100 : 111))
}

case $1 in
--check) split $flags; check_operator; check ;;
--help) echo 'usage: cc-compile [--check | dir]' || exit 111; exit ;;
--version) echo 'cc-compile @VERSION@' || exit 111; exit ;;
-*) wrong "cc-compile: bad option '$1'" ;;
esac
split $flags
dir=$(absolute "$1")
check_operator "$dir"
build
