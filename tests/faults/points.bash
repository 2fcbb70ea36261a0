# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Signals at each place of each program (lib/base/fault.h). The lives of a build
# here pass them all; an undisturbed run of each says which there are.

# The host that is struck is a; b is there to take over.
begin_life() {
	nap=000${schema//[^0-9]/}
	case $1 in
	success) farm_build package nap="0.7$nap" ;;
	swept | stopped | killed) farm_build package nap="2.$nap" ;;
	refused) farm_build package fail=3 ;;
	timeout)
		export CLOACINA_COMPILER_MAX_ATTEMPTS=2
		export CLOACINA_COMPILER_BUILD_TIMEOUT_S=1
		farm_build package nap="60.$nap" ;;
	superseded) farm_build package nap="3.$nap" ;;
	esac
	farm_worker a
	variables=("${sweep_variables[@]}")
	farm_sweep
	variables=()
}

is_building() {
	pgrep -fx "sleep [0-9.]*000${schema//[^0-9]/}" >/dev/null || is_struck
}

# What happens to the build that is not the fault itself.
live() {
	case $1 in
	swept | stopped | killed | superseded) until_true 20 is_building ;;
	esac
	case $1 in
	swept) kill -KILL "$(cat "$farm/a.pid")" ;;
	stopped) kill -TERM "$(cat "$farm/a.pid")" ;;
	killed) pkill -KILL -f "cc-build $farm/" ;;
	superseded) sql "UPDATE $schema.workflow_packages
	    SET superseded = true" ;;
	esac 2>>"$farm/lived"
}

end_life() {
	farm_settle
	case $1 in
	success | swept | stopped | killed) farm_expect success package ;;
	refused | timeout | superseded) farm_expect failed package ;;
	esac
}

is_struck() {
	[ -n "${token:-}" ] && [ ! -e "$token" ]
}

# An undisturbed life; which places it passes, to $farms/NAME.trace.
trace_life() {
	variables=(FAULT_TRACE="$farm/trace")
	sweep_variables=("${variables[@]}")
	begin_life "$1"
	live "$1"
	farm_settle
	until_true 5 grep -q 'after-statement:wake_ups' "$farm/trace"
	cp "$farm/trace" "$farms/$schema.trace"
	end_life "$1"
}

# strike LIFE PLACE NTH SIGNAL
strike() {
	local life=$1 place=$2 nth=$3 signal=$4
	token=$farm/token
	head -c "$nth" /dev/zero >"$token"
	variables=(FAULT_AT="$place" FAULT_SIGNAL="$(kill -l "$signal")"
	    FAULT_TOKEN="$token")
	sweep_variables=("${variables[@]}")
	begin_life "$life"
	live "$life"
	until_true 20 eval 'is_struck || is_final'
	until_true 3 is_struck # what is done after a verdict
	farm_worker b
	if is_struck; then
		injected=1
	else
		note "unexplained: $place was not passed"
	fi
	if [ "$signal" = STOP ]; then
		until_true "$((stale + 1))" is_final
		kill -CONT "$(cat "$token.pid")"
	fi
	end_life "$life"
}
