# SPDX-License-Identifier: Apache-2.0
# What only a machine with cgroup v2 of its own can show: the limits of a
# build and of the unit bite, are reported as what they are, and leave the
# worker. Emulated code is slow, so what needs no cargo runs without.

setup() {
	load helper
	# bats' own directory is for root alone.
	own=$(mktemp -d)
	chmod 755 "$own" && chown nobody "$own" && cd "$own"
}

cgroup=/sys/fs/cgroup/cloacina.slice/cc-worker@1.service

# restart_with <<EOF: the worker, with settings of the test.
restart_with() {
	drop_in cc-worker@.service
	systemctl restart cc-worker@1
	worker=$(property cc-worker@1 MainPID)
}

# count FILE NAME: a counter of the unit's cgroup, its own leaves included.
count() {
	awk -v name="$2" '$1 == name { print $2 }' "$cgroup/$1"
}

# delegated COMMAND...: as a user, in a service whose cgroup is the user's.
delegated() {
	systemd-run --quiet --pipe --wait --collect --unit=delegated \
	    -p Delegate=yes -p User=nobody -p WorkingDirectory="$PWD" \
	    --slice=system "$@"
}

# limited OPTION... -- COMMAND: in a leaf there, with a report in run.json.
limited() {
	delegated cc-limit-exec --rlimit-procs 20000 --report run.json "$@"
}

# report FILTER: what jq makes of the report.
report() {
	jq -c "$1" run.json
}

# A crate whose compilation takes more memory than the limits of these tests.
new_hog() {
	new_crate "$1"
	echo 'pub static HOG: [u8; 1 << 30] = [1; 1 << 30];' \
	    >>"$package/src/lib.rs"
}

# Another than the one that began the test.
assert_same_worker() {
	run property cc-worker@1 MainPID
	assert_output "$worker"
}

@test "all limits are on the leaf, the runner is outside" {
	install_package
	run -0 limited --cgroup-mem 60M --cgroup-procs 20 --cgroup-cpu 50 \
	    sh -c 'path=$(sed -n s/^0:://p /proc/self/cgroup)
	    cd "/sys/fs/cgroup$path"
	    cat memory.max memory.swap.max memory.oom.group pids.max cpu.max
	    sed -n s/^0:://p "/proc/$PPID/cgroup"'
	assert_output '62914560
0
1
20
50000 100000
/system.slice/delegated.service/supervisor'
	run -0 report '[.outcome, .cgroup, .cgroup_missing, .oom_kills]'
	assert_output '["exited","own",null,0]'
	run -0 report '.memory_peak_bytes > 100000 and
	    .memory_peak_bytes < 62914560'
	assert_output true
	run -0 report '.limits | [.cgroup_mem, .cgroup_procs, .cgroup_cpu] |
	    map([.effective, .enforced])'
	assert_output '[[62914560,true],[20,true],[50,true]]'
}

@test "memory of several processes together is limited, and its end is oom" {
	run -137 limited --cgroup-mem 40M \
	    sh -c 'for i in 1 2 3 4; do head -c 16M /dev/zero | tail -c 16M |
	    { read -r _; sleep 60; } & done; wait'
	run -0 report '[.outcome, .exit_status, .exit_signal, .oom_kills > 0]'
	assert_output '["oom",null,"SIGKILL",true]'
	run -0 report '.memory_peak_bytes > 38 * 1048576'
	assert_output true
	# The neighbour: half as much.
	run -0 limited --cgroup-mem 40M sh -c 'head -c 16M /dev/zero | tail -c 16M >/dev/null'
	run -0 report '[.outcome, .oom_kills]'
	assert_output '["exited",0]'
	run -137 delegated cc-limit-exec --cgroup-mem 20M sh -c \
	    'head -c 64M /dev/zero | tail -c 64M >/dev/null'
	assert_output --partial \
	    'cc-limit-exec: out of memory: more than 20M was used'
}

@test "files in a tmpfs are memory of the leaf" {
	run -137 limited --cgroup-mem 20M sh -c \
	    'head -c 64M /dev/zero >/dev/shm/filled'
	rm -f /dev/shm/filled
	run -0 report .outcome
	assert_output '"oom"'
}

@test "processes and threads together are limited" {
	run -2 limited --cgroup-procs 5 sh -c \
	    'for i in 1 2 3 4 5 6; do sleep 60 & done'
	assert_output --partial 'Cannot fork'
	run -0 report '[.outcome, .killed, .oom_kills]'
	assert_output '["exited",4,0]'
}

@test "a delegated cgroup is left as it was, for who comes next" {
	run -0 delegated sh -c 'cc-limit-exec --cgroup-mem 1G true
	    cd /sys/fs/cgroup/system.slice/delegated.service
	    cat cgroup.subtree_control; ls -d */
	    cc-limit-exec --cgroup-mem 1G cat cgroup.subtree_control'
	assert_output 'supervisor/
cpu memory pids'
}

@test "the whole sandbox works on this kernel, under the unit's settings" {
	configure
	systemctl start cc-worker@1
	new_crate small
	queue_package
	finish_build
	run row build_status
	assert_output success
	run event finished sandbox_level
	assert_output bwrap
	# It was in a leaf of its own, which is gone.
	run event finished memory_peak_bytes
	assert_output --regexp '^[1-9][0-9]{6,}$'
	run find "$cgroup" -name 'cc-limit-exec.*'
	refute_output
}

@test "a worker may make cgroups below its own and nowhere else" {
	pid=$(property cc-worker@1 MainPID)
	run nsenter --target "$pid" --mount -- setpriv \
	    --reuid=cloacina-compiler --regid=cloacina-compiler \
	    --clear-groups sh -c "mkdir '$cgroup/leaf' && rmdir '$cgroup/leaf'"
	assert_success
	run nsenter --target "$pid" --mount -- mkdir "${cgroup%/*}/leaf"
	assert_failure
	assert_output --partial 'Read-only file system'
}

@test "a build beyond its own limit fails as out of memory, the worker lives" {
	restart_with <<-'EOS'
	[Service]
	Environment=CLOACINA_COMPILER_BUILD_MEMORY_MAX=500M
	EOS
	new_hog hog
	queue_package
	finish_build
	run event finished outcome
	assert_output failed
	run row build_error
	assert_line --index 0 'out of memory: the build used more than 500M'
	run event finished memory_peak_bytes
	assert [ "$output" -gt $((450 << 20)) ]
	assert_same_worker
}

@test "a build beyond the unit's MemoryMax is killed, the worker lives" {
	restart_with <<-'EOS'
	[Service]
	MemoryMax=500M
	Environment=CLOACINA_COMPILER_CGROUP=off
	EOS
	new_hog glutton
	queue_package
	finish_build
	run event finished outcome
	assert_output failed
	run count memory.events oom_kill
	refute_output 0
	run row build_error
	assert_output --regexp 'SIGKILL|signal: 9'
	assert_same_worker
}

@test "tasks beyond TasksMax are refused to the build alone" {
	restart_with <<-'EOS'
	[Service]
	TasksMax=60
	EOS
	new_crate bomb
	with_build_script <<-'EOS'
	// Without cargo's pipe, for whose end it would wait.
	let null = std::process::Stdio::null;
	let mut children = 0;
	while std::process::Command::new("sleep").arg("600").stdout(null())
	    .stderr(null()).spawn().is_ok() {
	    children += 1;
	}
	panic!("refused after {} of them", children);
	EOS
	queue_package
	finish_build
	run event finished outcome
	assert_output failed
	run row build_error
	# The build's own limit would have let 250 of them live.
	assert_output --regexp 'refused after [1-5][0-9] of them'
	assert_same_worker
}
