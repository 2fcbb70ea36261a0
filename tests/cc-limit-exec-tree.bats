# SPDX-License-Identifier: Apache-2.0
# cc-limit-exec: everything that the command started ends, whatever it does;
# and what signals to the runner do.

load helper
load limit/limit

setup_file() {
	build_hostile
}

setup() {
	start_in_own_directory
}

# Whatever a failed test left; by its own program, never by a name.
teardown() {
	local link
	for link in $(find /proc/[0-9]*/exe -lname "$BATS_TEST_TMPDIR/*" \
	    2>/dev/null); do
		link=${link#/proc/}
		kill -KILL "${link%/exe}" || true
	done
}

# The runner's exit status, in $status.
await_runner() {
	status=0
	wait "$runner" || status=$?
}

# start_waiting TRAP [OPTION ...]: a command that has set the trap and waits.
start_waiting() {
	local trap=$1
	shift
	rm -f ready
	start_limited "$@" -- sh -c "trap $trap
	    : >ready; while :; do sleep 0.01; done"
	until_true 20 test -e ready
}

# wait_for COUNT: so many run the sleeper.
wait_for() {
	until_true 20 eval '[ "$(count_running "$sleeper")" = '"$1"' ]'
}

# The second signal kills at once whoever ignores the first.
kill_at_once() {
	kill -TERM "$runner"
	until_true 20 eval '! kill -TERM "$runner" 2>/dev/null'
	await_runner
	assert_equal "$status" 143
	is_gone "$sleeper"
}

@test "a command that sleeps is killed when its time is up" {
	run -124 limited --timeout-s 0.2 "$sleeper" 60
	assert_output ''
	assert_report timeout null SIGKILL
	report '.wall_clock_ms >= 200 and .killed == 0 and .timeout_ms == 200'
	run -124 cc-limit-exec --timeout-s 0.2 "$sleeper" 60
	assert_output 'cc-limit-exec: timed out after 0.2 s, killed the command'
	is_gone "$sleeper"
}

@test "children and grandchildren are killed and counted with it" {
	start_limited --grace-s 1000 env --ignore-signal=TERM sh -c \
	    "$sleeper 60 & (sh -c '$sleeper 60; :'; :) & $sleeper 60; :"
	wait_for 3
	kill_at_once
	assert_report interrupted null SIGKILL
	run -0 report .killed
	assert_output 5
	# By the clock, too.
	run -124 limited --timeout-s 0.5 sh -c "$sleeper 60 & $sleeper 60; :"
	is_gone "$sleeper"
}

@test "a terminal is told how many were killed with the command" {
	"$program" --rlimit-procs 20000 --grace-s 1000 env --ignore-signal=TERM \
	    sh -c "$sleeper 60; :" 2>said 3>&- &
	runner=$!
	wait_for 1
	kill_at_once
	assert_equal "$(<said)" \
	    'cc-limit-exec: interrupted by SIGTERM, killed the command and 1 more process'
}

@test "what a command leaves behind is killed when it ends" {
	run -3 limited sh -c "$sleeper 60 & $sleeper 60 & exit 3"
	is_gone "$sleeper"
	assert_report exited 3 null
	run -0 report .killed
	assert_output 2
	run -3 cc-limit-exec sh -c "$sleeper 60 & exit 3"
	assert_output 'cc-limit-exec: the command has ended, killed 1 process that it left behind'
	is_gone "$sleeper"
}

@test "a command that leaves nothing behind is not said to" {
	run -0 cc-limit-exec sh -c "$sleeper 0 & wait"
	assert_output ''
	# Dead before, also by SIGKILL, is not of our killing.
	run -0 limited perl -e 'if (($p = fork) == 0) { sleep 60 }
	    kill 9, $p;
	    do { open F, "/proc/$p/stat"; $_ = <F> } until / Z /'
	report '.killed == 0'
}

@test "a daemon that left the session by setsid is killed" {
	run -0 limited sh -c "setsid $sleeper 60 & until [ -e /proc/\$!/exe ] &&
	    [ /proc/\$!/exe -ef $sleeper ]; do :; done"
	is_gone "$sleeper"
	run -0 report .killed
	assert_output 1
}

@test "a daemon that forked twice is killed" {
	run -0 limited sh -c "(setsid sh -c '$sleeper 60 & echo \$! >pid' &)
	    until [ -s pid ] && [ /proc/\$(cat pid)/exe -ef $sleeper ]; do :; done"
	is_gone "$sleeper"
	run -0 report .killed
	assert_output 1
}

@test "processes that ignore every signal are killed" {
	run -124 limited --timeout-s 0.5 env --ignore-signal sh -c \
	    "$sleeper 60 & $sleeper 60; :"
	is_gone "$sleeper"
	assert_report timeout null SIGKILL
}

@test "stopped processes are killed" {
	start_limited --timeout-s 2 sh -c "echo \$\$ >pid
	    $sleeper 60 & kill -STOP \$! \$\$"
	until_true 20 test -s pid
	await_runner
	assert_equal "$status" 124
	is_gone "$sleeper"
	assert_report timeout null SIGKILL
}

@test "a process whose first thread has ended is killed" {
	cp "$BATS_FILE_TMPDIR/leave_leaderless" leaderless
	run -7 limited ./leaderless "$PWD/is-so"
	assert [ -e is-so ]
	is_gone "$PWD/leaderless"
	run -0 report .killed
	assert_output 1
}

@test "a descendant that is a subreaper keeps nobody" {
	start_limited --grace-s 1000 cc-limit-exec --grace-s 1000 \
	    --rlimit-procs 20000 env --ignore-signal=TERM sh -c "setsid $sleeper 60 & $sleeper 60; :"
	wait_for 2
	kill_at_once
	assert_report interrupted null SIGKILL
	report '.killed >= 2'
}

@test "a fork bomb ends" {
	cp "$BATS_FILE_TMPDIR/fork_without_end" bomb
	start_limited --rlimit-procs "$(processes_and 100)" ./bomb bomb
	until_true 20 eval '[ "$(count_running "$PWD/bomb")" -gt 20 ]'
	kill -TERM "$runner"
	await_runner
	assert_equal "$status" 143
	is_gone "$PWD/bomb"
	report '.killed > 20'
	run -124 limited --timeout-s 0.5 --rlimit-procs "$(processes_and 100)" \
	    ./bomb bomb
	is_gone "$PWD/bomb"
	assert_report timeout null SIGKILL
}

@test "processes that fork and exit without end are caught" {
	cp "$BATS_FILE_TMPDIR/fork_without_end" flight
	run -0 limited --timeout-s 60 --rlimit-procs "$(processes_and 100)" \
	    ./flight flight
	is_gone "$PWD/flight"
	assert_report exited 0 null
	# Where they are killed by the clock, too.
	run -124 limited --timeout-s 0.3 --rlimit-procs "$(processes_and 100)" \
	    sh -c './flight flight; while :; do sleep 60; done'
	is_gone "$PWD/flight"
	assert_report timeout null SIGKILL
}

@test "a chain of processes ends" {
	cp "$BATS_FILE_TMPDIR/fork_without_end" chain
	run -124 limited --timeout-s 0.3 --rlimit-procs "$(processes_and 100)" \
	    ./chain chain
	is_gone "$PWD/chain"
	assert_report timeout null SIGKILL
}

@test "children that the caller left to the runner end, too" {
	run -0 bash -c "$sleeper 60 & exec cc-limit-exec true"
	is_gone "$sleeper"
	# Also one that wait(2) does not tell of when it is asked plainly.
	cp "$BATS_FILE_TMPDIR/clone_silently" silent
	run -0 ./silent cc-limit-exec --report run.json true
	is_gone "$PWD/silent"
	run -0 report .killed
	assert_output 1
}

@test "one look through /proc kills a whole tree and nobody else" {
	run -0 look_once
	assert_output 'below: dead, sibling: lives'
}

# Processes that do not die

# One of the processes that run the sleeper does not die before let_go.
hold_one() {
	hold_exit "$(find /proc/[0-9]*/exe -lname "$sleeper" 2>/dev/null |
	    cut -d/ -f3 | head -n 1)"
}

# start_undying [OPTION ...]: a command with two children, one of them held.
start_undying() {
	start_limited --timeout-s 3 "$@" -- \
	    sh -c "$sleeper 60 & $sleeper 60 & wait"
	wait_for 2
	hold_one
}

@test "the report does not wait for processes that take long to die" {
	start_undying --kill-patience-s 1000
	until_true 20 test -e run.json
	assert_report timeout null SIGKILL
	report '.killed == 2 and .stragglers == 1'
	# The runner does, for one that it has killed.
	assert kill -0 "$runner"
	assert is_running "$sleeper"
	let_go
	await_runner
	assert_equal "$status" 124
	is_gone "$sleeper"
}

@test "a reader of the report has its end before such processes have theirs" {
	mkfifo pipe
	cat pipe >run.json 3>&- &
	local reader=$!
	"$program" --rlimit-procs 20000 --kill-patience-s 1000 --report-fd 9 \
	    --timeout-s 3 sh -c "$sleeper 60 & wait" 3>&- 9>pipe &
	runner=$!
	wait_for 1
	hold_one
	wait "$reader"
	assert_report timeout null SIGKILL
	report '.stragglers == 1'
	assert kill -0 "$runner"
	let_go
	await_runner
	assert_equal "$status" 124
}

@test "processes that do not die are waited for as long as told, and told of" {
	start_undying --kill-patience-s 0.2 2>said
	await_runner
	assert_equal "$status" 111
	assert_equal "$(<said)" 'cc-limit-exec: cannot end all processes of the command: they take too long to die'
	assert_report timeout null SIGKILL
	report '.stragglers == 1'
	let_go
	until_true 20 is_gone "$sleeper"
}

@test "a command that leaves such processes behind is reported as it ended" {
	start_limited --kill-patience-s 0.2 sh -c "$sleeper 60 &
	    until [ -e go ]; do sleep 0.01; done; exit 3"
	wait_for 1
	hold_one
	: >go
	await_runner
	assert_equal "$status" 111
	assert_report exited 3 null
	report '.killed == 1 and .stragglers == 1'
	let_go
}

@test "a command that does not die itself has no status" {
	start_limited --timeout-s 2 --kill-patience-s 0.2 "$sleeper" 60
	wait_for 1
	hold_one
	await_runner
	assert_equal "$status" 111
	assert_report timeout null null
	report '.killed == 0 and .stragglers == 1'
	let_go
}

@test "a signal ends the waiting for processes that do not die" {
	start_undying --kill-patience-s 1000
	until_true 20 test -e run.json
	kill -USR1 "$runner"
	kill -TERM "$runner"
	await_runner
	assert_equal "$status" 111
	let_go
}

# Signals to the runner

@test "SIGTERM, SIGINT, SIGHUP and SIGQUIT are forwarded" {
	for name in TERM INT HUP QUIT; do
		start_waiting "'echo $name >got; exit 5' $name"
		kill -$name "$runner"
		await_runner
		assert_equal "$status" "$((128 + $(kill -l $name)))"
		assert_equal "$(<got)" "$name"
		assert_report interrupted 5 null
	done
}

@test "after the grace the command that does not end is killed" {
	start_waiting "'echo x >>got' TERM" --grace-s 0.3
	kill -TERM "$runner"
	await_runner
	assert_equal "$status" 143
	assert_equal "$(<got)" x
	assert_report interrupted null SIGKILL
	report '.wall_clock_ms >= 300'
}

@test "a second signal kills at once" {
	start_waiting "'echo x >>got' TERM" --grace-s 1000
	kill -TERM "$runner"
	until_true 20 test -e got
	kill -INT "$runner"
	await_runner
	assert_equal "$status" 143
	assert_report interrupted null SIGKILL
}

@test "what an interrupted command leaves behind is killed" {
	start_waiting "'$sleeper 60 & exit 5' TERM"
	kill -TERM "$runner"
	await_runner
	assert_equal "$status" 143
	assert_report interrupted 5 null
	is_gone "$sleeper"
}

@test "a terminal is told who interrupted" {
	"$program" --rlimit-procs 20000 sh -c "trap 'exit 5' TERM; : >began
	    while :; do sleep 0.01; done" 2>said 3>&- &
	runner=$!
	until_true 20 test -e began
	kill -TERM "$runner"
	await_runner
	assert_equal "$(<said)" 'cc-limit-exec: interrupted by SIGTERM'
}

@test "the timeout holds during the grace" {
	start_waiting "'echo x >>got' TERM" --grace-s 1000 --timeout-s 2
	kill -TERM "$runner"
	await_runner
	assert_equal "$status" 143
	assert_report interrupted null SIGKILL
}

@test "SIGUSR1, SIGUSR2, SIGWINCH and SIGCONT are only forwarded" {
	for name in USR1 USR2 WINCH CONT; do
		rm -f got
		start_waiting "'echo $name >got; exit 6' $name"
		kill -$name "$runner"
		await_runner
		assert_equal "$status" 6
		assert_equal "$(<got)" "$name"
		assert_report exited 6 null
	done
}

# The death of the runner, and of its parent

@test "a killed runner takes the command along and leaves its temporary report" {
	echo old >run.json
	start_limited "$sleeper" 60
	until_true 20 is_running "$sleeper"
	assert [ -e .run.json.new ]
	# Not even the report of an earlier run is left to be believed.
	assert [ ! -e run.json ]
	kill -KILL "$runner"
	await_runner
	assert_equal "$status" 137
	until_true 20 is_gone "$sleeper"
	assert [ -e .run.json.new ]
	assert [ ! -e run.json ]
	# The next run does not stumble over it.
	run -0 limited true
	assert_report exited 0 null
}

# A shell that starts the runner, tells its pid, and lives until it is killed.
start_parent() {
	sh -c 'cc-limit-exec --rlimit-procs 20000 --report run.json "$@" &
	    echo $! >runner.pid
	    wait' parent "$@" 3>&- &
	parent=$!
	until_true 20 is_running "$sleeper"
	runner=$(<runner.pid)
}

@test "--die-with-parent ends everything when the parent dies" {
	start_parent --die-with-parent sh -c "setsid $sleeper 60 & $sleeper 60; :"
	wait_for 2
	kill -KILL "$parent"
	wait "$parent" || true
	until_true 20 test -e run.json
	is_gone "$sleeper"
	assert_report interrupted null SIGKILL
	run -0 report .killed
	assert_output 2
}

@test "without --die-with-parent the command outlives the parent" {
	start_parent "$sleeper" 60
	kill -KILL "$parent"
	wait "$parent" || true
	# An orphan now; told so only when it is asked to end.
	until_true 20 eval '! grep -q "^PPid:[[:space:]]$parent\$" \
	    "/proc/$runner/status"'
	assert is_running "$sleeper"
	assert [ ! -e run.json ]
	kill -TERM "$runner"
	until_true 20 test -e run.json
	assert_report interrupted null SIGTERM
}
