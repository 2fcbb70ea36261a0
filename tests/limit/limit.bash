# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the files about cc-limit-exec share.

# In setup_file: the hostile programs of this directory, by name on PATH.
build_hostile() {
	local source
	for source in "$SUITE_ROOT"/tests/limit/*.c; do
		build_helper "$BATS_FILE_TMPDIR/$(basename "$source" .c)" \
		    "$source"
	done
}

# In setup: a directory of its own, and a program "sleeper" that no other
# test runs, so that who is left can be found.
start_in_own_directory() {
	PATH=$BATS_FILE_TMPDIR:$PATH
	cd "$BATS_TEST_TMPDIR"
	program=$(type -P cc-limit-exec)
	sleeper=$PWD/sleeper
	cp "$(command -v sleep)" "$sleeper"
}

# Processes that run the program, dead ones aside; of this user.
count_running() {
	find /proc/[0-9]*/exe -lname "$1" 2>/dev/null | wc -l
}

is_running() {
	[ "$(count_running "$1")" -gt 0 ]
}

is_gone() {
	! is_running "$1"
}

# Limits of the number of processes count this user's, also other tests': a
# test that wants one sets it, the others must not feel the default.
processes_and() {
	echo $(($(ps -L -u "$(id -u)" --no-headers | wc -l) + $1))
}

cc-limit-exec() {
	"$program" --rlimit-procs 20000 "$@"
}

# limited OPTION ... -- COMMAND: with a report in run.json.
limited() {
	cc-limit-exec --report run.json "$@"
}

# report FILTER: what jq makes of the report; fails for null and false.
report() {
	jq -er "$1" run.json
}

# Whether the report has every member that the manual promises, and no other.
assert_whole_report() {
	run -0 jq -c '[keys_unsorted[]]' run.json
	assert_output '["version","outcome","exit_status","exit_signal","error","timeout_ms","wall_clock_ms","cpu_user_ms","cpu_sys_ms","max_rss_bytes","memory_peak_bytes","oom_kills","killed","stragglers","stdout_bytes","stdout_dropped","stderr_bytes","stderr_dropped","cgroup","cgroup_missing","limits"]'
	report '.version == 1 and (.wall_clock_ms | type) == "number"
	    and (.max_rss_bytes | type) == "number" and .killed >= 0
	    and (.limits | length) >= 5' >/dev/null
	assert [ "$(wc -l <run.json)" = 1 ]
	assert [ ! -e .run.json.new ]
}

# assert_report OUTCOME EXIT_STATUS EXIT_SIGNAL
assert_report() {
	assert_whole_report
	run -0 jq -r '"\(.outcome) \(.exit_status) \(.exit_signal)"' run.json
	assert_output "$1 $2 $3"
}

# In the background, its pid in $runner; a job of bash ignores SIGINT and
# SIGQUIT, which must not matter.
start_limited() {
	"$program" --rlimit-procs 20000 --report run.json "$@" 3>&- &
	runner=$!
}

# The pid of the one process that runs $sleeper.
sleeper_pid() {
	local link
	link=$(find /proc/[0-9]*/exe -lname "$sleeper" 2>/dev/null)
	link=${link#/proc/}
	echo "${link%/exe}"
}
