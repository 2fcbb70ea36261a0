# SPDX-License-Identifier: Apache-2.0
# What every suite loads. `tests/run` exports SUITE_ROOT (the tree under test)
# and runs the files as an ordinary user.

load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
bats_require_minimum_version 1.5.0

: "${SUITE_ROOT:=$(cd "$BATS_TEST_DIRNAME/.." && pwd)}"
# The cluster's own programs: /usr/bin has wrappers in Perl that are ten
# times slower.
postgres_bin=$(pg_config --bindir)
export PATH="$SUITE_ROOT/build/bin:$postgres_bin:$PATH" LC_ALL=C.UTF-8
sql_dir=$SUITE_ROOT/lib/sql
. "$SUITE_ROOT/tests/stage.sh"

# with_database: one PostgreSQL for the file, which may say in prepare_file
# what else its tests share.
with_database() {
	setup_file() {
		private_cluster "$BATS_FILE_TMPDIR/pg"
		if declare -F prepare_file >/dev/null; then prepare_file; fi
	}
	teardown_file() {
		stop_cluster
	}
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

# build_helper OUT SOURCE [PROGRAM]: a program of the tests that asks the code
# itself; PROGRAM's own files, too, but for the one that has its main.
build_helper() {
	local out=$1 source=$2 own=()
	if [ $# -gt 2 ]; then
		own=("$out.a")
		find "$SUITE_ROOT/build/obj/bin/$3" -name '*.o' ! -name "$3.o" \
		    -exec ar rcs "$out.a" {} +
	fi
	cc -D_GNU_SOURCE -O1 -pthread -Wall -Wextra -I"$SUITE_ROOT/lib" \
	    -I"$SUITE_ROOT/bin" -o "$out" "$source" "${own[@]}" \
	    "$SUITE_ROOT/build/obj/libcc.a" -ljansson -lcrypto
}

# hold_exit PID...: killed, they do not die, until let_go. The program of that
# name, which build_helper makes of limit/hold_exit.c, is on PATH.
hold_exit() {
	coproc HOLDER { command hold_exit "$@" 3>&- 9>&-; }
	local word
	read -r -u "${HOLDER[0]}" word
	[ "$word" = held ]
}

let_go() {
	local end=${HOLDER[1]}
	exec {end}>&-
}
