# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# plan_PART: the farms of a part, as tests/faults/run wants them.

lives='success swept timeout refused stopped killed superseded'

# Which places there are, an undisturbed life of each kind says; a place that
# an earlier life passes is struck there alone. A file that appears twice, or
# a heartbeat, is struck at its second time, too.
plan_points() {
	local life n=0
	for life in $lives; do
		n=$((n + 1))
		printf '%s%d undisturbed points.bash trace_life %s\n' \
		    "$life" "$n" "$life"
	done >"$farms/traces"
	run_farms <"$farms/traces"
	for life in $lives; do
		sort "$farms/$life"?.trace | uniq -c |
		    while read -r times place; do
			echo "$life $place $((times > 1 ? 2 : 1))"
		done
	done | awk '!seen[$2]++' | while read -r life place times; do
		for nth in $(seq "$times"); do
			for signal in KILL STOP TERM; do
				n=$((n + 1))
				printf 'p%04d SIG%s points.bash strike %s %s %d %s\n' \
				    "$n" "$signal" "$life" "$place" "$nth" "$signal"
			done
		done
	done
}
