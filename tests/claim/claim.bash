# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For the tests of cc-claim: commands that stand for the chain, and points at
# which they can be held.

# Call it in setup_file.
make_commands() {
	local bin=$BATS_FILE_TMPDIR/bin
	mkdir "$bin"
	export PATH=$bin:$PATH
	local name
	for name in finish leave; do
		"$sql_dir/flat" "$sql_dir/$name.sql" |
		    sed "s/--.*//; s/:schema\.//g; s/\$1/:'id'/g; s/\$2/:'token'/g
		    s/\$3/:'answer'/g; s/\$4/'\\\\x00'/g; s/\$5/'because'/g" \
		    >"$bin/$name"
	done
	# complete-build DIR [ANSWER]: ends the claim as cc-complete does.
	cat >"$bin/complete-build" <<-'EOF2'
	#!/bin/sh
	read -r json <"$1/claim.json"
	id=${json#*\"build_claim_id\":\"} token=${json#*\"claim_token\":\"}
	id=${id%%\"*} answer=${2:-success}
	[ -z "$BUILT" ] || echo "$id" >>"$BUILT"
	statement=finish
	[ "$answer" != timeout_killed ] || statement=leave
	exec psql -qXAt -v ON_ERROR_STOP=1 -v id="$id" \
	    -v token="${token%%\"*}" -v answer="$answer" \
	    -f "${0%/*}/$statement"
	EOF2
	# hold DIR: says that it runs, then does what it is told.
	cat >"$bin/hold" <<-'EOF2'
	#!/bin/sh
	echo "$$ $1" >"$POINT/reached"
	while read -r word <"$POINT/go"; do
		case $word in
		end) exit ;;
		complete) complete-build "$1" >/dev/null ;;
		*) $word ;;
		esac
		echo done >"$POINT/reached"
	done
	EOF2
	# daemonize DIR: as hold, with a daemon that has left by all exits.
	cat >"$bin/daemonize" <<-'EOF2'
	#!/bin/sh
	setsid sh -c 'sh -c "trap \"\" TERM HUP INT; echo \$\$ >\"$POINT/daemon\"
	    while :; do sleep 600; done" & exit' </dev/null >/dev/null 2>&1
	until [ -s "$POINT/daemon" ]; do sleep 0.05; done
	exec hold "$1"
	EOF2
	# last DIR: what --finally runs in these tests.
	cat >"$bin/last" <<-'EOF2'
	#!/bin/sh
	{ echo "last $1"; cat "$1/ended.json"; } >>"$POINT/last"
	EOF2
	chmod +x "$bin"/*
}

# Call it in setup, after new_queue.
make_point() {
	export POINT=$BATS_TEST_TMPDIR/point
	export CLOACINA_COMPILER_HOME=$BATS_TEST_TMPDIR/home
	build_tmp=$CLOACINA_COMPILER_HOME/build-tmp
	mkdir "$POINT"
	mkfifo "$POINT/reached" "$POINT/go"
	# Open at both ends, so that nobody waits to open them.
	exec 8<>"$POINT/reached" 9<>"$POINT/go"
	started=()
}

# Call it in teardown.
kill_started() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	for pid in $(cat "$POINT"/daemon "$POINT"/child 2>/dev/null); do
		kill -KILL "$pid" 2>/dev/null
	done
	true
}

# start COMMAND...: in the background; $claim is its pid. A shell ignores
# SIGINT for it, and cc-claim would go on ignoring it.
start() {
	env --default-signal=INT "$@" >"$BATS_TEST_TMPDIR/out" \
	    2>>"$BATS_TEST_TMPDIR/said" </dev/null 3>&- 8>&- 9>&- &
	claim=$!
	started+=("$claim")
}

# Waits for the end of $claim; its words become $output.
finish() {
	status=0
	wait "${1:-$claim}" || status=$?
	output=$(cat "$BATS_TEST_TMPDIR/said")
}

# Waits until `hold` runs: $child and $dir are its pid and directory.
reached() {
	read -r -t 30 -u 8 child dir || fail 'the command was not reached'
	echo "$child" >>"$POINT/child"
}

# order WORD: lets `hold` do it, and waits until it has.
order() {
	local answer
	echo "$1" >&9
	[ "$1" = end ] || read -r -t 30 -u 8 answer
}

said() {
	grep -qF -- "$1" "$BATS_TEST_TMPDIR/said"
}

# Whether no process has this number.
gone() {
	! kill -0 "$1" 2>/dev/null
}

# is VALUE QUERY: whether the database answers so.
is() {
	[ "$(sql "$2")" = "$1" ]
}

# queue_builds COUNT [FIRST]: p1, p2, ... in this order.
queue_builds() {
	sql "INSERT INTO workflow_packages (registry_id, package_name, version,
	        created_at)
	    SELECT gen_random_uuid(), 'p' || i, '1.0',
	        now() AT TIME ZONE 'UTC' + make_interval(secs => i * 0.001)
	    FROM generate_series(${2:-1}, ${2:-1} + $1 - 1) i"
}

# The column of p1, or of another package.
package() {
	sql "SELECT $1 FROM workflow_packages
	    WHERE package_name = '${2:-p1}'"
}

# The column of p1's claim, or of another package's.
claim_of() {
	sql "SELECT $1 FROM build_claims c JOIN workflow_packages p
	    ON p.id = c.package_id WHERE package_name = '${2:-p1}'"
}

# As if another worker's sweep had taken p1, and a third one claimed it.
sweep_and_succeed() {
	sql "UPDATE workflow_packages SET build_status = 'building',
	        build_claimed_at = now() AT TIME ZONE 'UTC';
	    UPDATE build_claims SET claim_token = gen_random_uuid(),
	        claimed_at = (SELECT build_claimed_at FROM workflow_packages
	            WHERE id = package_id), attempts = attempts + 1"
}

assert_home_is_empty() {
	run find "$build_tmp" -mindepth 1
	assert_output ''
}
