# SPDX-License-Identifier: Apache-2.0
# cc-limit-exec --cgroup, as a user meets it to whom no cgroup is delegated.

load helper
load limit/limit

setup() {
	start_in_own_directory
	[ -z "$(delegated)" ] || skip 'this user has a cgroup of its own'
}

# The own cgroup's directory, where it belongs to this user.
delegated() {
	local path mount
	path=$(sed -n 's/^0:://p' /proc/self/cgroup)
	for mount in /sys/fs/cgroup /sys/fs/cgroup/unified; do
		[ ! -O "$mount$path" ] || echo "$mount$path"
	done
}

missing='(the own cgroup is not delegated to this user|no cgroup v2 is at hand)'

@test "off is the default, and looks for nothing" {
	run -0 limited true
	assert_report exited 0 null
	run -0 jq -c '[.cgroup, .cgroup_missing, .oom_kills]' run.json
	assert_output '["off",null,null]'
	run -0 limited --cgroup off --cgroup-mem 1G true
	run -0 jq -c '[.cgroup, .limits.cgroup_mem]' run.json
	assert_output '["off",{"requested":1073741824,"effective":null,"enforced":false,"by":"memory.max","scope":"tree"}]'
}

@test "auto runs without a cgroup, and the report says which limits are not" {
	run -3 limited --cgroup auto --cgroup-mem 64M --cgroup-procs 9 \
	    --cgroup-cpu 150 sh -c 'exit 3'
	refute_output
	assert_report exited 3 null
	run -0 report .cgroup
	assert_output none
	run -0 report .cgroup_missing
	assert_output --regexp "^$missing\$"
	run -0 jq -c '.limits | [.cgroup_mem, .cgroup_procs, .cgroup_cpu] |
	    map([.requested, .effective, .enforced, .by, .scope])' run.json
	assert_output '[[67108864,null,false,"memory.max","tree"],[9,null,false,"pids.max","tree"],[150,null,false,"cpu.max","tree"]]'
	# What each process is limited to is as ever.
	run -0 report .limits.mem.enforced
	assert_output true
}

@test "required refuses where none is delegated, with the remedy" {
	run -111 limited --cgroup required echo began
	assert_output --regexp "^cc-limit-exec: no cgroup as required: $missing; start in one that is delegated, as with systemd-run --user --scope -p Delegate=yes\$"
	assert_report setup_failed null null
	run -0 report .error
	assert_output --regexp "^no cgroup as required: $missing; start in one"
	run -0 report .cgroup
	assert_output none
}

@test "a limit of a cgroup requires one, unless told otherwise" {
	for limit in --cgroup-mem=1G --cgroup-procs=9 --cgroup-cpu=50; do
		run -111 limited "$limit" echo began
		assert_output --partial 'no cgroup as required: '
		run -0 limited --cgroup auto "$limit" echo began
		assert_output began
		run -0 limited "$limit" --cgroup auto echo began
		assert_output began
	done
}

@test "a mode, a size or a percentage that is none is refused" {
	for mode in on '' AUTO; do
		run -100 limited "--cgroup=$mode" true
		assert_output "cc-limit-exec: bad value '$mode' for --cgroup: want auto, required or off"
	done
	for name in mem procs; do
		run -100 limited --cgroup auto "--cgroup-$name=0" true
		assert_output --partial "bad value '0' for --cgroup-$name: want a number, also with K, M or G, from 1"
	done
	for value in 0 1000001 1.5 50%; do
		run -100 limited --cgroup auto "--cgroup-cpu=$value" true
		assert_output "cc-limit-exec: bad value '$value' for --cgroup-cpu: want a whole number from 1 to 1000000"
	done
	run -0 limited --cgroup auto --cgroup-cpu 1000000 true
}
