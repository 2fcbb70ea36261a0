# SPDX-License-Identifier: Apache-2.0
# Scale-out is more hosts on the same PostgreSQL. The hosts are network
# namespaces that reach it by TCP, and nothing else; each has workers, a home
# and an audit log of its own.

load ../helper
load ../packages

hosts='left right'
packages=120

as_tester() {
	setpriv --reuid="$tester" --regid="$tester" --clear-groups "$@"
}

# on HOST COMMAND...: as its user, in its network.
on() {
	${becomes:-} ip netns exec "$net-$1" setpriv --reuid="$tester" \
	    --regid="$tester" --clear-groups "${@:2}"
}

# One switch, in the database's namespace: the machine itself gets no address.
make_network() {
	local host n=1
	ip netns add "$net-db"
	ip -n "$net-db" link set lo up
	ip -n "$net-db" link add switch type bridge
	ip -n "$net-db" address add 10.77.0.1/24 dev switch
	ip -n "$net-db" link set switch up
	for host in $hosts; do
		n=$((n + 1))
		ip netns add "$net-$host"
		ip -n "$net-db" link add "$host" type veth peer name eth0 \
		    netns "$net-$host"
		ip -n "$net-db" link set "$host" master switch up
		ip -n "$net-$host" address add "10.77.0.$n/24" dev eth0
		ip -n "$net-$host" link set eth0 up
	done
}

remove_network() {
	local host
	for host in db $hosts; do
		ip netns del "$net-$host" 2>/dev/null || true
	done
}

# server DIRECTORY VERB [OPTION...]: pg_ctl in the database's namespace.
server() {
	on db "$postgres_bin/pg_ctl" -w -D "$1/data" -l "$1/log" "${@:2}" \
	    >>"$1/log.ctl"
}

# The first serves; the second stands by and confirms every commit.
start_servers() {
	first=$BATS_FILE_TMPDIR/first second=$BATS_FILE_TMPDIR/second
	as_tester mkdir "$first" "$second"
	as_tester "$postgres_bin/initdb" -D "$first/data" -U postgres -A trust \
	    -N -E UTF8 --locale=C.UTF-8 >"$first/initdb.log"
	echo 'host all,replication all 10.77.0.0/24 trust' \
	    >>"$first/data/pg_hba.conf"
	cat >>"$first/data/postgresql.conf" <<-END
	listen_addresses = '10.77.0.1'
	unix_socket_directories = '$first'
	fsync = off
	shared_buffers = 32MB
	END
	server "$first" start
	on left "$postgres_bin/pg_basebackup" -R -c fast -D "$second/data" \
	    -d 'host=10.77.0.1 user=postgres application_name=second'
	cat >>"$second/data/postgresql.conf" <<-END
	port = 5433
	unix_socket_directories = '$second'
	END
	server "$second" start
	export PGHOST=$first,$second PGPORT=5432,5433 PGUSER=postgres \
	    PGDATABASE=postgres PGTARGETSESSIONATTRS=read-write
	sql "ALTER SYSTEM SET synchronous_standby_names = 'second'"
	sql 'SELECT pg_reload_conf()'
	until_true 30 confirms
}

confirms() {
	[ "$(sql "SELECT sync_state FROM pg_stat_replication")" = sync ]
}

setup_file() {
	[ "$(id -u)" = 0 ] || return 0
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	chown "$tester" "$BATS_FILE_TMPDIR"
	net=cc-$$
	make_network
	start_servers
	psql -qX -v ON_ERROR_STOP=1 -f "$sql_dir/queue.sql" \
	    -f "$sql_dir/compiler.sql" >/dev/null
	make_vendor_directory
	export first second net
}

teardown_file() {
	[ "$(id -u)" = 0 ] || return 0
	[ ! -e "$BATS_FILE_TMPDIR/workers" ] ||
	    xargs -r kill <"$BATS_FILE_TMPDIR/workers" 2>/dev/null || true
	server "$first" -m immediate stop || true
	server "$second" -m immediate stop || true
	remove_network
}

# A worker that has its first build waits until every host has one: none of
# them can be done before the others have begun.
write_chain() {
	mkdir -p "$run/began"
	chmod 755 "$BATS_TEST_TMPDIR"
	cat >"$run/chain" <<-'END'
	#!/bin/sh
	: >"$RUN/began/$HOST"
	until [ -e "$RUN/began/left" ] && [ -e "$RUN/began/right" ]; do
		sleep 0.05
	done
	exec cc-build "$1"
	END
	chmod 755 "$run/chain"
	chown -R "$tester" "$run"
}

# start_workers COUNT: on each host.
start_workers() {
	local host n
	workers=()
	for host in $hosts; do
		for ((n = 0; n < $1; n++)); do
			becomes=exec on "$host" env -i PATH="$PATH" HOME="$run" HOST="$host" \
			    RUN="$run" CLOACINA_COMPILER_HOME="$run/$host" \
			    CLOACINA_COMPILER_VENDOR_DIR="$CLOACINA_COMPILER_VENDOR_DIR" \
			    CLOACINA_COMPILER_HEARTBEAT_INTERVAL_S=1 \
			    CLOACINA_COMPILER_TARGET_SIZE=256M \
			    DATABASE_URL="$url" cc-claim --forever \
			    --finally cc-build-end -- "$run/chain" \
			    >>"$run/output" 2>&1 3>&- &
			workers+=($!)
			echo $! >>"$BATS_FILE_TMPDIR/workers"
		done
	done
}

stop_workers() {
	kill "${workers[@]}"
	wait "${workers[@]}"
	: >"$BATS_FILE_TMPDIR/workers"
}

# Many packages that need no compiler, of one archive; some that do.
queue_packages() {
	sql 'UPDATE build_control SET paused = true'
	package=$BATS_TEST_TMPDIR/plain-1.0.0
	mkdir "$package"
	printf '[package]\nname = "plain"\nversion = "1.0.0"\n[metadata]\nlanguage = "python"\n' \
	    >"$package/package.toml"
	queue_package
	sql "INSERT INTO workflow_packages (registry_id, package_name, version)
	    SELECT registry_id, '$1-' || n, '1.0.0' FROM workflow_packages,
	    generate_series(2, $packages) n WHERE id = '$id'"
	sql "UPDATE workflow_packages SET package_name = '$1-1' WHERE id = '$id'"
	new_crate "$1-left"
	queue_package
	new_crate "$1-right"
	queue_package
	sql 'UPDATE build_control SET paused = false'
}

successes() {
	sql "SELECT count(*) FROM workflow_packages
	    WHERE package_name LIKE '$1-%' AND build_status = 'success'"
}

all_are_built() {
	[ "$(successes "$1")" = $((packages + 2)) ]
}

half_are_built() {
	[ "$(successes "$1")" -ge $((packages / 2)) ]
}

# What both logs say of builds that ended as $1.
finished() {
	cat "$run"/*/logs/compiler.log |
	    grep '"event_type":"compiler.build.finished"' |
	    grep "\"outcome\":\"$1\""
}

setup() {
	[ "$(id -u)" = 0 ] || skip 'only root can make network namespaces'
	run=$BATS_TEST_TMPDIR/run
	# Either may be the one that serves.
	url='host=10.77.0.1,10.77.0.1 port=5433,5432 user=cloacina_compiler dbname=postgres target_session_attrs=read-write connect_timeout=3'
	write_chain
}

@test "two hosts share a queue: each package is built once, by one of them" {
	queue_packages spread
	start_workers 3
	until_true 60 all_are_built spread || { cat "$run/output"; false; }
	stop_workers
	run sql "SELECT count(*), count(DISTINCT build_claim_id),
	    count(DISTINCT claim_token) FROM build_audit
	    WHERE event_type = 'compiler.build.finished'"
	assert_output '122|122|122'
	run sql 'SELECT max(attempts) FROM build_claims'
	assert_output 1
	run sql "SELECT count(DISTINCT compiler_instance_id) FROM build_audit"
	assert [ "$output" -ge 2 ]
	for host in $hosts; do
		run grep -c '"event_type":"compiler.build.finished"' \
		    "$run/$host/logs/compiler.log"
		assert [ "$output" -ge 1 ]
		cc-audit-verify "$run/$host/logs/compiler.log"
	done
	assert_equal "$(finished success | wc -l)" 122
	assert_equal "$(finished success | jq -r .build_claim_id | sort -u |
	    wc -l)" 122
}

@test "a failover while they build loses nothing and builds nothing twice" {
	queue_packages moved
	start_workers 3
	until_true 60 half_are_built moved
	server "$first" -m immediate stop
	server "$second" promote
	sql "ALTER SYSTEM RESET synchronous_standby_names"
	sql 'SELECT pg_reload_conf()'
	until_true 60 all_are_built moved
	stop_workers
	# Built again is only what was taken from a worker, not what it finished.
	run sql "SELECT count(*), count(DISTINCT build_claim_id) FROM build_audit
	    JOIN workflow_packages p ON p.id = build_claim_id
	    WHERE package_name LIKE 'moved-%' AND outcome = 'success'"
	assert_output '122|122'
	for host in $hosts; do
		cc-audit-verify "$run/$host/logs/compiler.log"
	done
}
