# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# plan_PART: the farms of a part, as tests/faults/run wants them.

lives='success swept timeout refused stopped killed superseded'

# places: "LIFE PLACE TIMES", which places there are: an undisturbed life of
# each kind says. What an earlier life passes is left to that one.
places() {
	local life n=0
	[ -e "$farms/places" ] || {
		for life in $lives; do
			n=$((n + 1))
			printf '%s%d undisturbed points.bash trace_life %s\n' \
			    "$life" "$n" "$life"
		done >"$farms/traces"
		run_farms <"$farms/traces"
		for life in $lives; do
			sort "$farms/$life"?.trace | uniq -c |
			    while read -r times place; do
				echo "$life $place $times"
			done
		done | awk '!seen[$2]++' >"$farms/places"
	}
	cat "$farms/places"
}

# A file that appears twice, or a heartbeat, is struck at its second time, too.
plan_points() {
	local n=0
	places | while read -r life place times; do
		for nth in $(seq "$((times > 1 ? 2 : 1))"); do
			for signal in KILL STOP TERM; do
				n=$((n + 1))
				printf 'p%04d SIG%s points.bash strike %s %s %d %s\n' \
				    "$n" "$signal" "$life" "$place" "$nth" "$signal"
			done
		done
	done
}

# Each statement, once in each way; wake_ups and check wait for nobody.
plan_database() {
	local n=0 action
	places | grep ' [^ ]*:before-statement:' | grep -vE 'wake_ups|:check ' |
	    while read -r life place _; do
		for action in terminate cancel restart; do
			n=$((n + 1))
			printf 'd%04d backend-%s database.bash interrupt %s %s %s\n' \
			    "$n" "$action" "$action" "$life" "$place"
		done
	done
	places | grep ' [^ ]*:before-statement:' | grep -v wake_ups |
	    sed "s/ [^ ]*:/ /" | sort -u | while read -r life statement _; do
		for action in cut swallow; do
			# The others wait for a minute before they believe it.
			case $action,$statement in
			swallow,claim | swallow,heartbeat | cut,*) ;;
			*) continue ;;
			esac
			n=$((n + 1))
			printf 'l%04d reply-lost database.bash lose %s %s %s\n' \
			    "$n" "$action" "$life" "$statement"
		done
	done
	cat <<-'END'
	o0001 database-stopped database.bash outage immediate 1
	o0002 database-stopped database.bash outage immediate 6
	o0003 database-stopped database.bash outage fast 1
	o0004 database-stopped database.bash restarts
	o0005 statement-timeout database.bash time_out
	o0006 pooler-killed database.bash pooler
	o0007 failover database.bash failover building
	o0008 failover database.bash failover success
	o0009 database-disk-full database.bash disk_full
	END
}

plan_host() {
	cat <<-'END'
	h0001 power-cut host.bash power_cuts
	h0002 power-cut host.bash power_cuts
	h0003 power-cut host.bash power_cuts
	h0004 log-read-only host.bash log_read_only
	h0005 no-cargo host.bash no_cargo
	h0006 scratch-full host.bash full build-tmp 65536
	h0007 scratch-full host.bash full build-tmp 20480
	h0008 log-full host.bash full logs 4096
	h0009 cut-off host.bash cut_off
	h0010 wrong-clock host.bash wrong_clock
	END
}

plan_content() {
	cat <<-'END'
	c0001 hostile-names content.bash hostile_names
	c0002 hostile-archives content.bash hostile_archives
	c0003 sizes content.bash sizes
	c0004 paused content.bash paused
	END
}
