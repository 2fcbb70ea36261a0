# SPDX-License-Identifier: Apache-2.0
# cc-limit-exec --cgroup in a cgroup that root has delegated to a user. What
# its limits do is seen where there are controllers: tests/systemd/limits.bats.

setup_file() {
	load ../helper
	load ../limit/limit
	[ "$(id -u)" = 0 ] || return 0
	build_hostile
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_FILE_TMPDIR"/*
}

setup() {
	load ../helper
	load ../limit/limit
	[ "$(id -u)" = 0 ] || skip 'only root can delegate a cgroup'
	mount=$(findmnt -nt cgroup2 -o TARGET | head -n 1)
	[ -n "$mount" ] || skip 'no cgroup v2 is mounted'
	start_in_own_directory
	chown "$tester" .
	base=$mount/cc-test.$$.$BATS_TEST_NUMBER
	mkdir "$base" 2>/dev/null || skip 'cgroups cannot be made here'
	chown "$tester" "$base" "$base"/cgroup.{procs,subtree_control}
}

teardown() {
	[ -d "${base:-}" ] || return 0
	echo 1 >"$base/cgroup.kill" || true
	until_true 20 grep -q "populated 0" "$base/cgroup.events"
	find "$base" -depth -mindepth 1 -type d -exec rmdir {} + 2>/dev/null
	rmdir "$base"
}

# delegated COMMAND...: as the tester, in the delegated cgroup.
delegated() (
	echo "$BASHPID" >"$base/cgroup.procs"
	exec setpriv --reuid="$tester" --regid="$tester" --clear-groups "$@"
)

# in_cgroup OPTION ... -- COMMAND
in_cgroup() {
	delegated "$program" --cgroup required --rlimit-procs 20000 \
	    --report run.json "$@"
}

# In the background, its pid in $runner.
start_in_cgroup() {
	(
		echo "$BASHPID" >"$base/cgroup.procs"
		exec setpriv --reuid="$tester" --regid="$tester" --clear-groups \
		    "$program" --cgroup required --rlimit-procs 20000 \
		    --report run.json "$@"
	) 3>&- &
	runner=$!
}

leaves() {
	find "$base" -mindepth 1 -type d -name 'cc-limit-exec.*'
}

has_leaves() {
	[ "$(leaves | wc -l)" = "$1" ]
}

@test "the command is born in a leaf of its own, and the leaf is removed" {
	run -0 in_cgroup sh -c 'sed -n s/^0:://p /proc/self/cgroup;
	    sed -n s/^0:://p /proc/$PPID/cgroup'
	assert_line --index 0 --regexp \
	    "/${base##*/}/cc-limit-exec\.[0-9]+\.0\$"
	# The runner is outside.
	assert_line --index 1 --regexp "/${base##*/}(/supervisor)?\$"
	assert_report exited 0 null
	run -0 jq -c '[.cgroup, .cgroup_missing]' run.json
	assert_output '["own",null]'
	assert has_leaves 0
}

@test "what the command left behind is killed with the leaf, and counted" {
	run -3 in_cgroup sh -c "setsid $sleeper 600 & $sleeper 600 & exit 3"
	assert_report exited 3 null
	run -0 report .killed
	assert_output 2
	assert is_gone "$sleeper"
	assert has_leaves 0
}

@test "a process that became another user is killed by the leaf" {
	cp "$BATS_FILE_TMPDIR/become_root" rooted
	chmod 4755 rooted
	run delegated ./rooted 0
	[ "$status" = 0 ] || skip 'no setuid programs here'
	[ -e "$base/cgroup.kill" ] || skip 'this kernel has no cgroup.kill'
	run -0 in_cgroup sh -c './rooted 60 & echo $! >pid
	    until grep -q "^Uid:.0" /proc/$!/status; do :; done'
	refute_output
	assert_report exited 0 null
	run kill -0 "$(<pid)"
	assert_failure
	assert has_leaves 0
}

@test "a timeout and an interruption remove the leaf, too" {
	run -124 in_cgroup --timeout-s 0.3 "$sleeper" 600
	assert_report timeout null SIGKILL
	assert has_leaves 0
	mkfifo ready
	chown "$tester" ready
	start_in_cgroup --grace-s 0.1 sh -c "
	    trap '' TERM; echo >ready; exec $sleeper 600"
	read -r <ready
	kill "$runner"
	wait "$runner" || assert_equal "$?" 143
	assert_report interrupted null SIGKILL
	assert has_leaves 0
}

@test "two side by side have a leaf each, and neither sweeps the other's" {
	mkfifo one
	chown "$tester" one
	start_in_cgroup sh -c 'read -r _ <one'
	until_true 20 has_leaves 1
	kept=$(leaves)
	run -0 delegated "$program" --cgroup required --rlimit-procs 20000 \
	    sh -c "ls -d $base/cc-limit-exec.*"
	assert_line "$kept"
	assert_equal "${#lines[@]}" 2
	assert_equal "$(leaves)" "$kept"
	echo >one
	wait "$runner"
	assert has_leaves 0
}

@test "the leaf of a runner that was killed is swept with all who live in it" {
	mkfifo ready
	chown "$tester" ready
	start_in_cgroup sh -c "setsid sh -c 'echo >ready; exec $sleeper 600' & wait"
	read -r <ready
	until_true 20 is_running "$sleeper"
	kill -KILL "$runner"
	wait "$runner" || assert_equal "$?" 137
	assert has_leaves 1
	assert is_running "$sleeper"
	run -0 in_cgroup true
	until_true 20 is_gone "$sleeper"
	assert has_leaves 0
}

@test "many at once leave nothing" {
	for n in {1..20}; do
		start_in_cgroup --report "$n.json" true
		runners+=("$runner")
	done
	for runner in "${runners[@]}"; do wait "$runner"; done
	assert has_leaves 0
}

@test "a command that cannot be run leaves no leaf" {
	run -127 in_cgroup ./no-such-command
	assert_output "cc-limit-exec: cannot run './no-such-command': No such file or directory"
	assert has_leaves 0
}

@test "there is no leaf within a leaf, and the outer one holds" {
	run -0 in_cgroup "$program" --rlimit-procs 20000 --cgroup auto \
	    --report inner.json sed -n 's/^0:://p' /proc/self/cgroup
	assert_output --regexp "/${base##*/}/cc-limit-exec\.[0-9]+\.0\$"
	run -0 jq -r '.cgroup, .cgroup_missing' inner.json
	assert_output $'none\nthe own cgroup is the leaf of another run'
	assert has_leaves 0
}

@test "a base that somebody keeps locked is waited for, but not for ever" {
	exec {held}<"$base"
	flock "$held"
	run -111 in_cgroup echo began
	assert_output --partial 'no cgroup as required: cannot lock the own cgroup: Resource temporarily unavailable; '
	exec {held}<&-
	run -0 in_cgroup echo began
	assert_output began
}

@test "where a filter does not know clone3, the child moves itself" {
	run -0 delegated "$BATS_FILE_TMPDIR/without_clone3" \
	    "$program" --cgroup required --rlimit-procs 20000 \
	    sed -n 's/^0:://p' /proc/self/cgroup
	assert_output --regexp "/${base##*/}/cc-limit-exec\.[0-9]+\.0\$"
	assert has_leaves 0
}

@test "a limit without its controller is refused, or told of" {
	grep -qw memory "$base/cgroup.controllers" &&
	    skip 'the controllers are delegated'
	run -111 in_cgroup --cgroup-mem 1G echo began
	assert_output 'cc-limit-exec: no cgroup as required: cannot set memory.max (memory controller): not delegated; start in one that is delegated, as with systemd-run --user --scope -p Delegate=yes'
	assert has_leaves 0
	run -0 in_cgroup --cgroup auto --cgroup-mem 1G --cgroup-procs 9 true
	run -0 report .cgroup
	assert_output own
	run -0 report .cgroup_missing
	assert_output 'cannot set memory.max (memory controller): not delegated; cannot set pids.max (pids controller): not delegated'
	run -0 report '.limits | .cgroup_mem.enforced == false'
}

@test "root takes only what is marked as delegated" {
	(
		echo "$BASHPID" >"$base/cgroup.procs"
		run -111 "$program" --allow-root --cgroup required true
		assert_output --partial 'the own cgroup is not delegated'
		python3 -c 'import os, sys
os.setxattr(sys.argv[1], "user.delegate", b"1")' "$base" ||
		    skip 'no marks here'
		run -0 "$program" --allow-root --cgroup required true
	)
}

@test "another user's cgroup is not taken" {
	chown root "$base"
	run -111 in_cgroup true
	assert_output --partial 'the own cgroup is not delegated to this user'
}

@test "a leaf in which somebody does not die is left to the next, who does not wait" {
	start_in_cgroup --timeout-s 3 --kill-patience-s 0.2 -- "$sleeper" 600
	until_true 20 is_running "$sleeper"
	hold_exit "$(sleeper_pid)"
	status=0
	wait "$runner" || status=$?
	assert_equal "$status" 111
	run -0 report .stragglers
	assert_output 1
	assert has_leaves 1
	run -0 in_cgroup true
	assert_report exited 0 null
	assert has_leaves 1
	let_go
	until_true 20 is_gone "$sleeper"
	run -0 in_cgroup true
	assert has_leaves 0
}
