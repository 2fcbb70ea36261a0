# SPDX-License-Identifier: Apache-2.0
# What only a machine with cgroup v2 of its own can show: the limits of the
# unit bite in a build, are reported as what they are, and leave the worker.

setup() {
	load helper
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

@test "the whole sandbox works on this kernel, under the unit's settings" {
	install_package
	configure
	systemctl start cc-worker@1
	new_crate small
	queue_package
	finish_build
	run row build_status
	assert_output success
	run event finished sandbox_level
	assert_output bwrap
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

@test "memory beyond MemoryMax fails the build and leaves the worker" {
	restart_with <<-'EOS'
	[Service]
	MemoryMax=700M
	EOS
	new_crate hog
	# In several processes, each below its own limit.
	with_build_script <<-'EOS'
	if std::env::args().count() > 1 {
	    let mut all = vec![0u8; 300 << 20];
	    for i in (0..all.len()).step_by(4096) { all[i] = 1; }
	    std::thread::sleep(std::time::Duration::from_secs(600));
	    println!("{}", all[77]);
	    return;
	}
	let mut children: Vec<_> = (0..4).map(|_| std::process::Command::new(
	    std::env::current_exe().unwrap()).arg("x").spawn().unwrap())
	    .collect();
	for child in &mut children {
	    let ended = child.wait().unwrap();
	    panic!("a child ended: {:?}", ended);
	}
	EOS
	queue_package
	finish_build
	run event finished outcome
	assert_output failed
	run count memory.events oom_kill
	refute_output 0
	run property cc-worker@1 MainPID
	assert_output "$worker"
	run row build_error
	assert_output --regexp 'SIGKILL|signal: 9'
}

@test "tasks beyond TasksMax are refused to the build alone" {
	restart_with <<-'EOS'
	[Service]
	TasksMax=60
	EOS
	new_crate bomb
	with_build_script <<-'EOS'
	let mut children = 0;
	while std::process::Command::new("sleep").arg("600").spawn().is_ok() {
	    children += 1;
	}
	panic!("refused after {} of them", children);
	EOS
	queue_package
	finish_build
	run event finished outcome
	assert_output failed
	run row build_error
	assert_output --regexp 'refused after [1-5][0-9] of them'
	run count pids.events max
	refute_output 0
	run property cc-worker@1 MainPID
	assert_output "$worker"
}
