#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/hostile/level.sh BIN TOOLS LEVEL...: every attack of the table at
# each level, through the programs of BIN as cc-compile calls them. TOOLS has
# the attacks, built. Runs as an ordinary user, who has to have no other
# process for level none. Level cgroup is bwrap in a delegated cgroup, level
# sockets is bwrap with --allow-local-sockets: rows called local-* are its own,
# and of the others it has those that sockets could change.
set -u
cd "$(dirname "$0")" || exit 111
bin=$1 tools=$2
shift 2
passed=0 failed=0
work=$(mktemp -d) || exit 111
host=$work/host dir=$work/home/build-tmp/0f8d6a52-claim
victim=
trap 'kill $victim 2>/dev/null; wait; rm -rf "$work"' EXIT

# ---- the side of the host

# The same before every attack.
make_files() {
	rm -f "$host"/{new,other,secret,victim,library.so}
	mkdir -p "$work/source"
	echo source >"$work/source/file"
	echo "$secret" >"$host/secret"
	echo victim >"$host/victim"
	cp "$tools/library.so" "$host/library.so"
}

# A directory of the worker beside its builds, and a process of its.
make_host() {
	mkdir -p "$host" "$work/home/build-tmp" || exit 111
	secret=hidden-$RANDOM$RANDOM
	make_files
	: >"$work/pause"
	"$tools/victim" "$host" "$secret" >"$work/facts" &
	victim=$!
	until grep -qxs '\.' "$work/facts"; do
		kill -0 "$victim" || exit 111
		sleep 0.05
	done
	mapfile -t facts < <(grep '=' "$work/facts")
	facts+=("SECRET=$secret" "SECRET_FILE=$host/secret" "HOST_DIR=$host"
	    "SECRET_LIBRARY=$host/library.so" "LIBRARY=$tools/library.so"
	    "CLAIM_DIR=$dir" "RUNNER_PID=$$" "RUNNER_BIN=$bin" "BUILD_DIR=$work/source")
	# What a worker has in its environment, and a build must not get.
	export DATABASE_URL=postgres://secret@localhost/queue PGPASSWORD=secret
}

# The victim has noted all that reached it before this. Programs are few here
# and below: on an emulated machine each costs more than an attack.
settle() {
	local lines before
	for _ in 1 2; do
		mapfile -t lines <"$host/events"
		before=${#lines[@]}
		kill -URG "$victim" || return
		until [ "${#lines[@]}" -gt "$before" ]; do
			read -rt 0.01 <>"$work/pause"
			mapfile -t lines <"$host/events"
		done
	done
}

# All that an attack could have changed, as text in $state.
look() {
	local text fields file
	state=$(find "$host" "$tools" "$bin" "$work/source" ! -name events \
	    -printf '%p %m %u %g %s %T@ %C@ %n\n' 2>&1)
	for file in "$host/victim" "$host/secret" "$work/source/file" \
	    "/proc/$victim/oom_score_adj" "/proc/$victim/limits"; do
		text=gone
		[ ! -e "$file" ] || read -rd '' text <"$file"
		state+=$'\n'$text
	done
	read -rd '' text <"/proc/$victim/stat"
	read -ra fields <<<"${text##*) }"
	state+=$'\n'"nice ${fields[16]} ${fields[37]} ${fields[38]}"
	read -rd '' text <"/proc/$victim/status"
	text=${text##*Cpus_allowed:}
	state+=$'\n'"processors ${text%%Mems*}"
	state+=$'\n'$(ionice -p "$victim")
	mapfile -t fields <"$host/events"
	for text in "${fields[@]}"; do
		[ "$text" = 'signal 23 ' ] || [ "$text" = 'signal 23' ] ||
		    state+=$'\n'$text
	done
}

# ---- one attack

# What is asked of the sandbox beyond what every attack gets.
set_options() {
	seconds=20 memory=48M
	limits=(--rlimit-cpu 10 --rlimit-files 256)
	case $1 in
	stopped-children | ignored-term | running-away) seconds=2 ;;
	cpu | cpu-children) limits=(--rlimit-cpu 1) ;;
	memory-inodes) limits+=(--rlimit-mem 32M) memory=16M ;;
	memory*) limits+=(--rlimit-mem 32M) ;;
	artifact-*) # what is no library, too, comes out by no other way
		out=(--out "target/release/libhostile.so=$dir/artifact"
		    --out-any "target/release/libhostile.so=$dir/any") ;;
	esac
}

# run_at LEVEL NAME...: the chain of cc-compile; its status, and files in $dir.
run_at() {
	local mode path=$bin
	case $1 in
	bwrap | cgroup | sockets) mode=required path=$bin:/usr/bin:/bin ;;
	landlock) mode=preferred ;; # and no bwrap on the PATH
	none) mode=off ;;
	esac
	local facts_as_options=()
	out=()
	set_options "$2"
	[ "$1" != sockets ] || out+=(--allow-local-sockets yes)
	[ "$1" != cgroup ] || limits+=(--cgroup required --cgroup-mem "$memory"
	    --cgroup-procs 64)
	for line in "${facts[@]}" "SOURCE_FILE=$(source_file "$1")"; do
		facts_as_options+=(--setenv "$line")
	done
	PATH=$path "$bin/cc-limit-exec" --chdir / --die-with-parent \
	    --rlimit-procs 1G --timeout-s "$seconds" "${limits[@]}" \
	    --output-max 64K --stdin /dev/null --stdout "$dir/stdout" \
	    --stderr "$dir/stderr" --report "$dir/run.json" -- \
	    cc-sandbox --sandbox $mode --rlimit-procs 64 --target-size 8M \
	    --tmp-size 8M --shm-size 8M --dir "$dir" --source "$work/source" --ro "$tools" \
	    "${out[@]}" "${facts_as_options[@]}" -- "$tools/attack" "${@:2}" \
	    7<"$host/secret" 9<"$host"
}

source_file() {
	case $1 in
	bwrap | cgroup | sockets) echo /build/source/file ;;
	*) echo "$work/source/file" ;;
	esac
}

# What is there that no attack may leave; empty: nothing.
leftovers() {
	local left
	left=$(pgrep -u "$(id -u)" -x attack -c)
	[ "$left" = 0 ] || {
		echo "$left processes live on"
		pkill -KILL -u "$(id -u)" -x attack
	}
	# After a timeout cc-claim removes it.
	[ ! -e "$dir.scratch" ] || [ "$seconds" = 2 ] ||
	    echo 'a scratch directory'
	[ ! -e "$dir/artifact" ] || [ "$1" = artifact-good ] ||
	    { [ "$1" = artifact-swapped ] &&
	        cmp -s "$dir/artifact" "$tools/library.so"; } ||
	    echo 'an artifact came out'
	case $1 in
	artifact-good | artifact-swapped)
		[ ! -e "$dir/any" ] || cmp -s "$dir/any" "$tools/library.so" ;;
	artifact-program | artifact-text) true ;; # regular files of its own
	*) [ ! -e "$dir/any" ] ;;
	esac || echo 'a file of --out-any came out'
	[ "$1" != artifact-good ] || cmp -s "$dir/artifact" "$tools/library.so" ||
	    echo 'the good artifact did not come out'
	[ ! -e "${HOSTILE_CORE:-/nonexistent}" ] || echo 'the core handler ran'
	[ "$(stat -c %s "$dir/stdout" "$dir/stderr" | sort -n | tail -n 1)" \
	    -lt 200000 ] || echo 'all of the output was kept'
}

# try LEVEL NAME: sets $verdict to contained, leaked or broken, and $word.
try() {
	local status before=$state left level=${1/cgroup/bwrap}
	level=${level/sockets/bwrap}
	rm -rf "$dir" "$dir.scratch"
	mkdir -m 700 "$dir"
	run_at "$1" "$2"
	status=$?
	settle
	look
	word=
	read -r word <"$dir/stdout"
	word=${word:0:60}
	left=$(leftovers "$2" | head -n 1)
	# Killed with all of its cgroup, cc-sandbox says nothing more.
	if [ "$1" = cgroup ] && grep -q '"outcome":"oom"' "$dir/run.json"; then
		status=0 word='all of it killed'
	elif [ "$status" != 124 ]; then
		grep -qs "\"level\":\"$level\",\"started\":true" \
		    "$dir/sandbox.json" || status=not-started
	fi
	case $status in
	0 | 124 | 137) verdict=contained ;;
	1) verdict=leaked ;;
	*) verdict=broken word="$status: $word $(tail -n 1 "$dir/stderr")" ;;
	esac
	if [ "$before" != "$state" ]; then
		verdict=leaked
		word="outside: $(diff <(echo "$before") <(echo "$state") |
		    sed -n 's/^> //p' | head -n 1)"
		make_files
		look
	elif [ -n "$left" ]; then
		verdict=leaked word=$left
	fi
}

# ---- several attacks

# Those that need no limits of their own, and that are contained: for a machine
# on which a sandbox costs more than an attack.
is_for_batch() {
	[ "${BATCH:-no}" = yes ] && [ -z "${ONLY:-}" ] || return
	case $1 in
	artifact-* | core-* | cpu* | endless-* | fork-* | memory*) return 1 ;;
	double-fork | own-* | sibling | hold-* | stopped-* | ignored-* | \
	    running-* | signal-everybody | slow-user) return 1 ;;
	esac
	[ "$2" = - ] || { [[ $2 = abi* ]] && [ "$abi" -ge "${2#abi}" ]; }
}

# try_batch LEVEL NAME...: sets $words by name; fails when not all of them were
# contained and nothing outside changed. Then they are tried one by one.
try_batch() {
	local before=$state status name word
	words=()
	rm -rf "$dir" "$dir.scratch"
	mkdir -m 700 "$dir"
	run_at "$@"
	settle
	look
	while read -r status name word; do
		[ "$status" != 0 ] || words[$name]=$word
	done <"$dir/stdout"
	[ "$before" = "$state" ] && [ -z "$(leftovers "$2")" ] &&
	    [ ${#words[@]} = $(($# - 1)) ] &&
	    grep -qs "\"level\":\"$1\",\"started\":true" "$dir/sandbox.json"
}

# Tries what has been gathered, and forgets it.
declare -A words
finish_batch() {
	local name level=$1
	[ ${#batch[@]} -gt 0 ] || return
	try_batch "$level" "${batch[@]}" || {
		make_files
		look
		words=()
	}
	for name in "${batch[@]}"; do
		verdict=contained word=${words[$name]:-}
		[ -n "$word" ] || try "$level" "$name"
		report "$level" "${wants[$name]}" "${whats[$name]}" ''
	done
	batch=()
}

# ---- the table

is_for_sockets() {
	case $1 in
	local-* | descriptors | proc-descriptor | take-descriptor | own-path) ;;
	tcp | raw-socket | netlink | vsock | kernel-crypto | rare-families) ;;
	unix-* | sysv-* | message-queue | key-* | filter-memory*) ;;
	memory-target | fork-bomb | shared-memory-file | signal) ;;
	*) return 1 ;;
	esac
}

# is_expected WANTED: whether $verdict is what the table says.
is_expected() {
	case $1 in
	any) [ "$verdict" != broken ] ;;
	open) [ "$verdict" = leaked ] ;;
	abi*)
		if [ "$abi" -ge "${1#abi}" ]; then
			is_expected -
		else
			is_expected open
		fi ;;
	-) [ "$verdict" = contained ] ;;
	*) false ;;
	esac
}

report() {
	local level=$1 wanted=$2 what=$3 reason=$4 note=
	[ "$verdict" != leaked ] || note=" [listed: $reason]"
	[ "$level" != none ] || note=
	if is_expected "$wanted"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1)) note=' <-- NOT AS EXPECTED'
		[ "$wanted" != open ] || note=' <-- listed as open, and is not'
	fi
	printf '%-8s %-52s %s (%s)%s\n' "$level" "$what" "$verdict" "$word" \
	    "$note"
}

make_host
look
abi=$("$bin/cc-confine" --print |
    sed -n 's/.*"landlock":{"abi":\([0-9]*\).*/\1/p')
batch=()
declare -A wants whats
echo "kernel $(uname -r), Landlock ABI $abi, user $(id -u)"
for level; do
	# shellcheck disable=SC2034 # read by the name of the level
	while IFS='|' read -r name bwrap landlock none what reason; do
		case $name in '' | '#'*) continue ;; esac
		wanted=${!level:-skip}
		if [ "$level" = sockets ]; then
			! is_for_sockets "$name" || wanted=$bwrap
		elif [[ $name = local-* ]]; then
			wanted=skip
		fi
		[[ $level != cgroup || $name != memory-[cim]* ]] || wanted=-
		[ "$wanted" != skip ] || continue
		[ "${ONLY:-$name}" = "$name" ] || continue
		if is_for_batch "$name" "$wanted"; then
			batch+=("$name")
			wants[$name]=$wanted whats[$name]=$what
			[ ${#batch[@]} -lt 12 ] || finish_batch "$level"
			continue
		fi
		try "$level" "$name"
		report "$level" "$wanted" "$what" "$reason"
	done <table
	finish_batch "$level"
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
