# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What all suites stand on, with bats or without: a tree that is staged for
# root's sake, a database, and a way to wait.

# The user of the tests: process limits do not bind root, PostgreSQL refuses
# it, and nobody else could read a checkout below /root. Not nobody: limits of
# processes count all of a user's, and what is open at a weak level of the
# sandbox would hit the host's own.
export tester=cc-tests

# stage_tree: copies the built tree to a new directory of the tester, $stage,
# that is removed when the caller ends. run_staged COMMAND ARG... runs a
# command of it there as the tester, with a clean environment.
stage_tree() {
	id -u "$tester" >/dev/null 2>&1 || useradd --system --user-group \
	    --no-create-home --shell /usr/sbin/nologin "$tester" || exit 111
	stage=$(mktemp -d /tmp/cc-stage.XXXXXX) || exit 111
	trap 'rm -rf "$stage"' EXIT
	mkdir -p "$stage/build/obj" "$stage/tmp" "$stage/home" "$stage/results"
	cp -a "${BUILD:-build}/bin" "$stage/build/bin"
	cp -a "${BUILD:-build}"/obj/{bin,libcc.a} "$stage/build/obj/"
	cp -a bin lib units tests Makefile README.md "$stage/"
	chown -R "$tester:$tester" "$stage"
	chmod 755 "$stage"
}

run_staged() {
	local command=$1
	shift
	setpriv --reuid="$tester" --regid="$tester" --clear-groups env -i \
	    PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
	    HOME="$stage/home" TMPDIR="$stage/tmp" USER="$tester" \
	    CC_RESULTS="$stage/results" CI="${CI:-}" JOBS="${JOBS:-}" \
	    TERM="${TERM:-dumb}" "$stage/$command" "$@"
}

# private_cluster DIRECTORY: starts a PostgreSQL on a Unix socket in it, as
# fast as one gets whose data nobody needs tomorrow, and points libpq to it.
private_cluster() {
	export PGHOST=$1 PGUSER=postgres PGDATABASE=postgres PGDATA=$1/data
	mkdir -p "$PGHOST"
	"$(pg_config --bindir)/initdb" -U postgres -A trust -N -E UTF8 \
	    --locale=C.UTF-8 >"$PGHOST/initdb.log" 2>&1
	cat >>"$PGDATA/postgresql.conf" <<-EOF
	listen_addresses = ''
	unix_socket_directories = '$PGHOST'
	fsync = off
	max_connections = 60
	shared_buffers = 32MB
	EOF
	"$(pg_config --bindir)/pg_ctl" -w -l "$PGHOST/log" start >/dev/null
}

stop_cluster() {
	"$(pg_config --bindir)/pg_ctl" -m immediate stop >/dev/null
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
