# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# psql sessions that do one thing at a time, in an order that the test
# chooses. Whether one of them waits is seen in pg_stat_activity.

# open_session NAME: statements prepared, in the role cloacina_compiler, but
# able to RESET ROLE to what the queue's owner may do.
open_session() {
	local name=$1 fd
	mkfifo "$name.in"
	PGAPPNAME=$name psql -qXAt <"$name.in" >>"$name.out" 2>&1 3>&- &
	exec {fd}>"$name.in"
	declare -g "${name}_fd=$fd" "${name}_sent=0"
	for statement in audit_insert audit_lost claim finish heartbeat leave \
	    release sweep sweep_superseded; do
		prepared "$statement" >&"$fd"
	done
	send "$name" 'SET ROLE cloacina_compiler'
}

# psql ends with its input.
close_session() {
	local fd=${1}_fd
	fd=${!fd}
	exec {fd}>&-
}

# send NAME SQL: without waiting for it.
send() {
	local fd=${1}_fd sent=${1}_sent
	declare -g "$sent=$((${!sent} + 1))"
	: >"$1.out"
	printf '%s;\n\\echo done %d\n' "$2" "${!sent}" >&"${!fd}"
}

is_answered() {
	local sent=${1}_sent
	grep -qx "done ${!sent}" "$1.out"
}

is_blocked() {
	[ "$(sql "SELECT wait_event_type FROM pg_stat_activity
	    WHERE application_name = '$1'")" = Lock ]
}

# answer NAME: what the last statement said.
answer() {
	until_true 20 is_answered "$1"
	sed '/^done /d' "$1.out"
}
