# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What a database does to those who use it.

. "$SUITE_ROOT/tests/faults/points.bash"

# own_cluster: the farm's alone, for faults that would hit the others.
own_cluster() {
	private_cluster "$farm/pg"
	trap 'farm_stop; stop_cluster' EXIT
	export DATABASE_URL="host=$PGHOST user=cloacina_compiler dbname=postgres"
	farm_tables
}

restart_database() {
	pg_ctl -m immediate -w -l "$PGHOST/log" restart >/dev/null
}

# lock_tables: from now on every statement waits; until unlock_tables. A
# deadlock with a statement under way may end ours: then once more.
lock_tables() {
	rm -f "$farm/locked" "$farm/unlock"
	until lock_once || [ -e "$farm/locked" ] || [ -e "$farm/unlock" ]; do
		:
	done >>"$farm/lock" 2>&1 &
	locker=$!
	until_true 20 test -e "$farm/locked" || note 'unexplained: no lock'
}

lock_once() {
	psql -qX -v ON_ERROR_STOP=1 <<-END
	BEGIN;
	LOCK TABLE $schema.workflow_registry, $schema.workflow_packages,
	    $schema.build_claims, $schema.build_audit IN ACCESS EXCLUSIVE MODE;
	\! touch $farm/locked; until [ -e $farm/unlock ]; do sleep 0.05; done
	COMMIT;
	END
}

unlock_tables() {
	touch "$farm/unlock"
	wait "$locker"
}

is_waiting() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity
	    WHERE query ~ '^-- ($1)\n'
	      AND wait_event_type = 'Lock' AND query LIKE '%$schema%'")" -gt 0 ]
}

on_waiting() {
	sql "SELECT $1(pid) FROM pg_stat_activity
	    WHERE query ~ '^-- ($2)\n'
	      AND wait_event_type = 'Lock' AND query LIKE '%$schema%'" >/dev/null
}

# interrupt ACTION LIFE PLACE: in the middle of that place's statement. Who
# sends it stands still before, so that it finds the tables locked.
interrupt() {
	local action=$1 life=$2 place=$3 statement=${3##*:}
	# A claim without an answer in time is asked for again.
	[ "$statement" != claim ] || statement='claim|reclaim'
	[ "$action" != restart ] || own_cluster
	token=$farm/token
	printf x >"$token"
	variables=(FAULT_AT="$place" FAULT_SIGNAL=19 FAULT_TOKEN="$token")
	sweep_variables=("${variables[@]}")
	begin_life "$life"
	live "$life"
	until_true 20 is_struck || note "unexplained: $place was not passed"
	farm_worker b
	lock_tables
	kill -CONT "$(cat "$token.pid")"
	until_true 20 is_waiting "$statement" ||
	    note "unexplained: $statement does not wait"
	case $action in
	terminate) on_waiting pg_terminate_backend "$statement" ;;
	cancel) on_waiting pg_cancel_backend "$statement" ;;
	restart) restart_database ;;
	esac
	injected=1
	unlock_tables
	end_life "$life"
}

# lose MODE LIFE STATEMENT: its answer, when it has been carried out.
lose() {
	local mode=$1 life=$2 statement=$3 direct=$DATABASE_URL proxy
	mkdir "$farm/p"
	"$farms/bin/cut-proxy" "$farm/p/.s.PGSQL.5432" "$PGHOST/.s.PGSQL.5432" \
	    "$mode" "-- $statement
" >"$farm/proxy" 2>&1 &
	proxy=$!
	until_true 20 test -S "$farm/p/.s.PGSQL.5432"
	export DATABASE_URL="host=$farm/p user=cloacina_compiler dbname=postgres"
	variables=()
	sweep_variables=()
	begin_life "$life"
	live "$life"
	export DATABASE_URL=$direct
	until_true 30 test -e "$farm/p/.s.PGSQL.5432.done" ||
	    note "unexplained: the answer to $statement was not lost"
	injected=1
	farm_worker b
	end_life "$life"
	farm_stop
	kill "$proxy"
}

# Everything is locked for longer than a statement may take.
time_out() {
	DATABASE_URL="$DATABASE_URL options='-c statement_timeout=10s'"
	farm_build package nap="4.000${schema//[^0-9]/}"
	farm_worker a
	farm_worker b
	farm_sweep
	until_true 20 is_building
	for _ in 1 2 3; do
		lock_tables
		until_true 10 is_waiting heartbeat
		sleep 0.5
		injected=$((injected + 1))
		unlock_tables
	done
	farm_settle
	farm_expect success package
}

# outage MODE SECONDS: stopped in the middle of a build, and started again.
outage() {
	own_cluster
	variables=()
	sweep_variables=()
	begin_life success
	farm_worker b
	until_true 20 is_building
	pg_ctl -m "$1" -w stop >/dev/null
	injected=1
	sleep "$2"
	pg_ctl -w -l "$PGHOST/log" start >/dev/null
	patience=$((stale + 15 + $2))
	end_life success
}

# Kills of the server at moments that nobody chose, while many builds run.
restarts() {
	own_cluster
	farm_package package nap="0.3000${schema//[^0-9]/}"
	for n in $(seq 12); do
		farm_queue "$farm/package.archive" "package$n"
	done
	farm_worker a
	farm_worker b
	farm_sweep
	for _ in $(seq 8); do
		sleep "0.$((RANDOM % 9))"
		restart_database
		injected=$((injected + 1))
	done
	patience=40
	farm_settle 90
	farm_expect success package{1..12}
}

# A pooler in transaction mode that dies and comes back.
pooler() {
	local direct=$DATABASE_URL pid
	mkdir "$farm/pool"
	echo '"cloacina_compiler" ""' >"$farm/pool/users"
	cat >"$farm/pool/ini" <<-END
	[databases]
	* = host=$PGHOST
	[pgbouncer]
	listen_port = 5432
	unix_socket_dir = $farm/pool
	auth_type = trust
	auth_file = $farm/pool/users
	pool_mode = transaction
	default_pool_size = 4
	END
	DATABASE_URL="host=$farm/pool user=cloacina_compiler dbname=postgres"
	start_pooler
	farm_package package nap="0.3000${schema//[^0-9]/}"
	for n in $(seq 8); do
		farm_queue "$farm/package.archive" "package$n"
	done
	farm_worker a
	farm_worker b
	farm_sweep
	for _ in 1 2 3; do
		sleep "0.$((RANDOM % 9))"
		kill -KILL "$pid"
		wait "$pid"
		rm -f "$farm/pool/.s.PGSQL.5432"
		start_pooler
		injected=$((injected + 1))
	done 2>>"$farm/pool/log"
	farm_settle 90
	farm_expect success package{1..8}
	farm_stop
	kill "$pid"
	DATABASE_URL=$direct
}

start_pooler() {
	pgbouncer "$farm/pool/ini" >>"$farm/pool/log" 2>&1 3>&- &
	pid=$!
	until_true 20 psql -qX -d "$DATABASE_URL" -c ''
}

# failover MOMENT: the primary dies while a build runs or while verdicts are
# written; a standby that had every commit takes over, at another address.
failover() {
	local primary standby=$farm/standby nap
	own_cluster
	primary=$PGHOST
	mkdir "$standby"
	pg_basebackup -D "$standby/data" -R -c fast -X stream
	cat >>"$standby/data/postgresql.auto.conf" <<-END
	unix_socket_directories = '$standby'
	END
	pg_ctl -w -D "$standby/data" -l "$standby/log" start >/dev/null
	sql "ALTER SYSTEM SET synchronous_standby_names = '*'"
	sql 'SELECT pg_reload_conf()' >/dev/null
	until_true 20 eval '[ "$(sql "SELECT sync_state
	    FROM pg_stat_replication")" = sync ]' ||
	    note 'unexplained: the standby does not follow'
	export DATABASE_URL="host=$primary,$standby user=cloacina_compiler dbname=postgres target_session_attrs=read-write"
	farm_package package nap="0.3000${schema//[^0-9]/}"
	for n in $(seq 10); do
		farm_queue "$farm/package.archive" "package$n"
	done
	farm_worker a
	farm_worker b
	farm_sweep
	until_true 20 eval '[ "$(sql "SELECT count(*) FROM $schema.witness
	    WHERE status = '"'$1'"'")" -gt 2 ]'
	PGDATA=$primary/data stop_cluster
	injected=1
	export PGHOST=$standby PGDATA=$standby/data
	pg_ctl -w promote >/dev/null
	patience=40
	farm_settle 90
	farm_expect success package{1..10}
}

# The database's disk is full while a library is to be written, for a while.
# The disk is a file system of our own; the log of writes lies beside it.
disk_full() {
	local server
	mkdir -p "$farm/pg/disk"
	bwrap --dev-bind / / --size $((80 << 20)) --tmpfs "$farm/pg/disk" \
	    --die-with-parent sh -c 'chmod 700 "$0/disk" &&
	    initdb -D "$0/disk/data" -X "$0/wal" -U postgres -A trust -N \
	        -E UTF8 --locale=C.UTF-8 >"$0/initdb" &&
	    exec postgres -D "$0/disk/data" -k "$0" -c listen_addresses= \
	        -c fsync=off' "$farm/pg" >"$farm/pg/log" 2>&1 &
	server=$!
	trap 'farm_stop; kill -QUIT $(pgrep -P "$server")' EXIT
	export PGHOST=$farm/pg
	export DATABASE_URL="host=$PGHOST user=cloacina_compiler dbname=postgres"
	until_true 60 psql -qX -c '' 2>/dev/null
	farm_tables
	farm_build package noise=20000000
	sql 'CREATE TABLE filler (data text)'
	while sql "INSERT INTO filler SELECT repeat(md5(i::text), 60)
	    FROM generate_series(1, 1000) i"; do
		:
	done 2>>"$farm/pg/filled"
	injected=1
	farm_worker a
	farm_sweep
	until_true 40 eval "grep -A5 'No space left' \"$farm/pg/log\" | grep -q -e '-- '" ||
	    note 'unexplained: the disk was not full'
	sql 'DROP TABLE filler'
	farm_settle 90
	farm_expect success package
}
