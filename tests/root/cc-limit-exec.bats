# SPDX-License-Identifier: Apache-2.0
# cc-limit-exec as root, and against what only root can set up.

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
	[ "$(id -u)" = 0 ] || skip 'only root is refused, and can mount'
	start_in_own_directory
	chown "$tester" .
}

as_tester() {
	setpriv --reuid="$tester" --regid="$tester" --clear-groups "$@"
}

@test "root is refused, with the remedy" {
	run -100 cc-limit-exec --report run.json echo began
	assert_output 'cc-limit-exec: refusing to run a command as root, whom limits do not bind: choose a user with setpriv(1) or User=, or give --allow-root'
	assert [ ! -e run.json ]
	run -0 as_tester "$(command -v cc-limit-exec)" echo began
	assert_output began
}

@test "--allow-root runs the command, and says which limit does not bind" {
	run -0 limited --allow-root id -u
	assert_output 0
	assert_report exited 0 null
	run -0 jq -c '.limits | [.procs.enforced, .files.enforced]' run.json
	assert_output '[false,true]'
	run -0 as_tester "$(command -v cc-limit-exec)" --report run.json true
	run -0 jq -c '.limits | [.procs.enforced, .files.enforced]' run.json
	assert_output '[true,true]'
}

@test "root raises a hard limit that is in the way" {
	(ulimit -n 100 && ulimit -n 1024) 2>/dev/null ||
	    skip 'this root has no CAP_SYS_RESOURCE'
	ulimit -n 100
	run -0 limited --allow-root prlimit --noheadings --raw --nofile -o HARD
	assert_output 1024
	# Up to what the kernel gives anybody.
	run -0 limited --allow-root --rlimit-files 1G prlimit --noheadings \
	    --raw --nofile -o HARD
	run -0 report .limits.files.effective
	assert_output "$(ulimit -Hn)"
}

@test "a process that /proc hides is killed" {
	run unshare --mount sh -c 'mount -t proc -o hidepid=invisible proc /proc'
	[ "$status" = 0 ] || skip 'hidepid cannot be mounted here'
	run -0 unshare --mount sh -c '
	    mount -t proc -o hidepid=invisible proc /proc
	    exec setpriv --reuid="$tester" --regid="$tester" --clear-groups \
		cc-limit-exec --report run.json sh -c "
		hide pid; until [ -s pid ]; do :; done
		[ ! -e /proc/\$(cat pid) ] && kill -0 \$(cat pid) && echo hidden"'
	assert_output hidden
	run kill -0 "$(<pid)"
	assert_failure
	run -0 report .killed
	assert_output 1
}

@test "a process that became another user is not passed over in silence" {
	cp "$BATS_FILE_TMPDIR/become_root" rooted
	chmod 4755 rooted
	run as_tester ./rooted 0
	[ "$status" = 0 ] || skip 'no setuid programs here'
	run -111 as_tester "$program" --report run.json --kill-patience-s 0.2 \
	    sh -c './rooted 60 >/dev/null 2>&1 & echo $! >pid
		until grep -q "^Uid:.0" /proc/$!/status; do :; done'
	assert_output 'cc-limit-exec: cannot end all processes of the command: Operation not permitted'
	assert_report exited 0 null
	report '.killed == 0 and .stragglers == 1'
	kill "$(<pid)"
}

@test "a disk that is full ends the run, which the report says" {
	mkdir disk
	run -111 unshare --mount sh -c '
	    mount -t tmpfs -o size=64k,mode=777 none disk
	    setpriv --reuid="$tester" --regid="$tester" --clear-groups \
		cc-limit-exec --report disk/run.json --stdout disk/out \
		head -c 1000000 /dev/zero
	    status=$?
	    ls -A disk
	    jq -r .outcome,.error disk/run.json
	    exit $status'
	assert_output "\
cc-limit-exec: cannot keep the command's output: No space left on device
out
run.json
setup_failed
cannot keep the command's output: No space left on device"
}

@test "no command begins on a disk without room for its report" {
	mkdir disk
	run -111 unshare --mount sh -c '
	    mount -t tmpfs -o size=64k,mode=777 none disk
	    head -c 1M /dev/zero >disk/full 2>/dev/null
	    setpriv --reuid="$tester" --regid="$tester" --clear-groups \
		cc-limit-exec --report disk/run.json touch began'
	assert_output "cc-limit-exec: cannot write 'disk/run.json': No space left on device"
	assert [ ! -e began ]
}
