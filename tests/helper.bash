# SPDX-License-Identifier: Apache-2.0
# What every suite loads. `tests/run` exports SUITE_ROOT (the tree under test)
# and runs the files as an ordinary user.

load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
bats_require_minimum_version 1.5.0

: "${SUITE_ROOT:=$(cd "$BATS_TEST_DIRNAME/.." && pwd)}"
export PATH="$SUITE_ROOT/build/bin:$PATH" LC_ALL=C.UTF-8
sql_dir=$SUITE_ROOT/lib/sql

# One PostgreSQL per file: a private cluster on a Unix socket, as fast as a
# cluster gets that nobody needs tomorrow. Call it in setup_file.
start_database() {
	local bin
	bin=$(pg_config --bindir)
	export PGHOST=$BATS_FILE_TMPDIR/pg PGUSER=postgres PGDATABASE=postgres
	export PGDATA=$PGHOST/data
	mkdir -p "$PGHOST"
	"$bin/initdb" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 \
	    >"$PGHOST/initdb.log" 2>&1
	cat >>"$PGDATA/postgresql.conf" <<-EOF
	listen_addresses = ''
	unix_socket_directories = '$PGHOST'
	fsync = off
	max_connections = 60
	shared_buffers = 32MB
	EOF
	"$bin/pg_ctl" -w -l "$PGHOST/log" start >/dev/null
}

# Call it in teardown_file.
stop_database() {
	"$(pg_config --bindir)/pg_ctl" -m immediate stop >/dev/null
}

# A fresh database with the queue and the suite's objects, for one test:
# PGDATABASE and DATABASE_URL (as the role cloacina_compiler) name it.
new_queue() {
	local name="t$BATS_TEST_NUMBER"
	PGDATABASE=postgres psql -qX -c "CREATE DATABASE $name"
	export PGDATABASE=$name
	psql -qX -v ON_ERROR_STOP=1 -f "$sql_dir/queue.sql" \
	    -f "$sql_dir/compiler.sql" >/dev/null
	export DATABASE_URL="host=$PGHOST user=cloacina_compiler dbname=$name"
}

# The first column of the first row, as the superuser.
sql() {
	psql -qXAt -v ON_ERROR_STOP=1 -c "$1"
}

# until_true SECONDS COMMAND...: polls a condition; fails when time is up.
# For conditions that another process makes true, never as a pause.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}
