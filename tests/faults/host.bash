# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# What happens to a host.

. "$SUITE_ROOT/tests/faults/points.bash"

begin_builds() {
	local n
	farm_package package nap="0.5000${schema//[^0-9]/}"
	for n in $(seq "$1"); do
		farm_queue "$farm/package.archive" "package$n"
	done
}

# Its scratch is gone and so is what it knew; each time at another moment.
power_cuts() {
	begin_builds 8
	farm_worker a
	farm_sweep
	for _ in 1 2 3 4; do
		sleep "0.$((RANDOM % 9))"
		cut_power a
		injected=$((injected + 1))
	done 2>>"$farm/a.out"
	farm_worker b
	farm_settle 90
	farm_expect success package{1..8}
}

# sick MESSAGE BWRAP-ARGUMENT...: a host on which something cannot be used
# says so, takes no attempts and leaves the builds to another one.
sick() {
	local message=$1 attempts
	shift
	begin_builds 3
	export CLOACINA_COMPILER_MAX_ATTEMPTS=2
	injected=1
	audit_log=$farm/a/logs/audit.log farm_start a bwrap --dev-bind / / \
	    "$@" --die-with-parent \
	    cc-claim --forever --check cc-compile --finally cc-build-end \
	    -- cc-build
	farm_sweep
	until_true 30 grep -qE "$message" "$farm/a.out" ||
	    note 'unexplained: nothing was broken'
	farm_worker b
	until_true 60 is_final
	attempts=$(sql "SELECT max(attempts) FROM $schema.build_claims")
	[ "$attempts" = 1 ] || note "unexplained: $attempts attempts"
	farm_settle
	farm_expect success package{1..3}
}

# full DIRECTORY BYTES: a file system that is full. What is on it is gone with
# the host.
full() {
	mkdir -p "$farm/a/build-tmp" "$farm/a/logs"
	sick 'nothing completed|No space left' \
	    --size "$2" --tmpfs "$farm/a/$1"
}

log_read_only() {
	mkdir -p "$farm/a/logs"
	sick 'cannot write the audit log' --ro-bind "$farm/a/logs" "$farm/a/logs"
}

no_cargo() {
	mkdir -p "$farm/a/logs"
	sick 'nothing completed' --ro-bind /dev/null "$farms/bin/cargo" \
	    --ro-bind /dev/null "$(realpath /usr/bin/cargo)"
	farm_stop
	mv "$farm"/a/logs/* "$farm/a/"
}

# Two hosts, each behind a wall of its own that lets nothing through for
# longer than the threshold, and then all that was held up.
cut_off() {
	local direct=$DATABASE_URL host walls=()
	begin_builds 6
	for host in a b; do
		mkdir "$farm/$host.wall"
		socat "UNIX-LISTEN:$farm/$host.wall/.s.PGSQL.5432,fork" \
		    "UNIX-CONNECT:$PGHOST/.s.PGSQL.5432" 3>&- &
		walls+=($!)
		until_true 10 test -S "$farm/$host.wall/.s.PGSQL.5432"
		DATABASE_URL="host=$farm/$host.wall user=cloacina_compiler dbname=postgres"
		farm_worker "$host"
	done
	DATABASE_URL=$direct
	farm_sweep
	until_true 20 is_building
	mapfile -t parts < <(printf '%s\n' "${walls[@]}"
	    for host in "${walls[@]}"; do descendants "$host"; done)
	kill -STOP "${parts[@]}"
	injected=2
	sleep $((stale + 2))
	farm_worker c
	sleep 1
	kill -CONT "${parts[@]}"
	farm_settle 90
	farm_expect success package{1..6}
	farm_stop
	kill "${walls[@]}" 2>/dev/null
}

# A host that believes it has been up for a year longer. Its calendar is
# asked for nothing but the log's timestamps (lib/audit/audit_log.c).
wrong_clock() {
	begin_builds 4
	injected=1
	# shellcheck disable=SC2016
	farm_start a unshare --user --map-current-user --time \
	    --boottime 31536000 --monotonic 31536000 sh -c \
	    '"$@" & child=$!; trap "kill $child" TERM; wait $child; wait $child' \
	    sh cc-claim --forever --finally cc-build-end -- cc-build
	farm_worker b
	farm_sweep
	sleep 1
	kill -KILL "$(pgrep -P "$(cat "$farm/a.pid")")" &&
	    injected=$((injected + 1))
	farm_settle
	farm_expect success package{1..4}
	[ "$(grep -lE 'CLOCK_REALTIME|gettimeofday|[^a-z_]time\(' \
	    "$SUITE_ROOT"/{lib,bin}/*/*.c | xargs -n1 basename |
	    tr '\n' ' ')" = 'audit_log.c ' ] ||
	    note 'unexplained: somebody else asks for the calendar'
}
