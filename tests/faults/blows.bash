# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The faults of a soak, drawn one at a time.

# draw N: a number below it becomes $drawn; of a generator of our own, so
# that a seed draws the same again.
state=$seed
draw() {
	state=$(((state * 1103515245 + 12345) % 2147483648))
	drawn=$((state / 65536 % $1))
}

# pick WORD...: one of them becomes $picked.
pick() {
	picked=
	[ $# -gt 0 ] || return
	draw $#
	shift "$drawn"
	picked=$1
}

# Every process of the programs but the workers and what was submitted: a
# build that kills its own cargo is a failure of the build.
pick_program() {
	local found
	mapfile -t found < <(pgrep -f \
	    "^(/bin/sh [^ ]*/)?cc-(fetch|unpack|audit|limit-exec|complete|build|build-end|compile)( .*)? $farm/|^cc-limit-exec .*$farm/" |
	    sort -n)
	pick "${found[@]}"
}

pick_worker() {
	draw "$count"
	host=w$((drawn + 1))
	picked=$(cat "$farm/$host.pid")
}

# Long enough for a sweep and for somebody else to take the build.
freeze() {
	local pid=$1
	kill -STOP "$pid" && {
		sleep $((stale + 2))
		kill -CONT "$pid"
	} 3>&- &
}

restart_database() {
	pg_ctl -m immediate -w -l "$PGHOST/log" restart >/dev/null
}

on_backend() {
	sql "SELECT $1(pid) FROM pg_stat_activity
	    WHERE usename = 'cloacina_compiler'
	    ORDER BY md5(pid::text || '$2') LIMIT 1" >/dev/null
}

pause() {
	sql "UPDATE $schema.build_control SET paused = $1"
}

supersede() {
	sql "UPDATE $schema.workflow_packages SET superseded = true
	    WHERE id = (SELECT id FROM $schema.workflow_packages
	        WHERE build_status = 'building' ORDER BY id LIMIT 1)"
}

# strike_blow: one fault, of the kinds in these proportions.
strike_blow() {
	local blow
	draw 40
	case $drawn in
	[0-9]) blow=SIGKILL && pick_program ;;
	1[0-3]) blow=SIGTERM && pick_program ;;
	1[4-7]) blow=SIGSTOP && pick_program ;;
	18 | 19) blow='worker SIGKILL' && pick_worker ;;
	2[0-1]) blow='worker SIGTERM' && pick_worker ;;
	2[2-3]) blow='worker SIGSTOP' && pick_worker ;;
	2[4-6]) blow='power cut' && pick_worker ;;
	2[7-9]) blow='backend terminated' picked=$state ;;
	3[0-2]) blow='statement cancelled' picked=$state ;;
	33) blow='database restarted' picked=0 ;;
	34) blow='sweep SIGKILL' picked=$(cat "$farm/sweep.pid") ;;
	35) blow='sweep SIGSTOP' picked=$(cat "$farm/sweep.pid") ;;
	36) blow='superseded' picked=0 ;;
	37) blow='paused' picked=0 ;;
	*) return ;;
	esac
	[ "${drawn:-0}" -ge 0 ] && [ -n "$picked" ] || return 0
	case $blow in
	*SIGSTOP) freeze "$picked" ;;
	*SIG*) kill -"${blow##*SIG}" "$picked" ;;
	'power cut') cut_power "$host" ;;
	'backend terminated') on_backend pg_terminate_backend "$picked" ;;
	'statement cancelled') on_backend pg_cancel_backend "$picked" ;;
	'database restarted') restart_database ;;
	superseded) supersede ;;
	paused) pause true && sleep 1 && pause false ;;
	esac 2>>"$farm/struck" || return 0
	echo "$blow" >>"$farm/blows"
	faults=$((faults + 1))
}

# What was paused or stopped goes on.
heal() {
	sleep $((stale + 3))
	pause false
}
