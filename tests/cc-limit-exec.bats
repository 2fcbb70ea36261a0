# SPDX-License-Identifier: Apache-2.0
# cc-limit-exec: how it is called, what the command starts with, the limits,
# the exit statuses. The tree of processes and the output have their own files.

load helper
load limit/limit

setup_file() {
	build_hostile
}

setup() {
	start_in_own_directory
}

# Options

@test "a call without a command is answered with the usage line" {
	run -100 cc-limit-exec
	assert_output 'usage: cc-limit-exec [options] command [arg ...]'
	run -100 cc-limit-exec --timeout-s 5
	assert_output 'usage: cc-limit-exec [options] command [arg ...]'
	run -100 cc-limit-exec --
	assert_output 'usage: cc-limit-exec [options] command [arg ...]'
}

@test "--help names every option, --version the version" {
	run -0 cc-limit-exec --help
	assert_line --index 0 'usage: cc-limit-exec [options] command [arg ...]'
	for option in timeout-s idle-timeout-s grace-s kill-patience-s \
	    rlimit-cpu rlimit-mem \
	    rlimit-files rlimit-procs rlimit-fsize rlimit-stack rlimit-core \
	    cgroup cgroup-mem cgroup-procs cgroup-cpu \
	    keep-env setenv chdir stdin stdout stderr output-max report \
	    report-fd die-with-parent allow-root; do
		assert_line --partial "--$option"
	done
	assert_line --partial 'address space of each process (4G)'
	run -0 cc-limit-exec --version
	assert_output --regexp '^cc-limit-exec [0-9]+\.[0-9]+'
}

@test "an unknown option is refused, and one without its value" {
	run -100 cc-limit-exec --no-such-thing true
	assert_output "cc-limit-exec: bad option '--no-such-thing'"
	run -100 cc-limit-exec --report
	assert_output "cc-limit-exec: option '--report' needs a value"
}

@test "options end with the command, or with --" {
	run -0 cc-limit-exec echo --timeout-s none
	assert_output -- '--timeout-s none'
	run -0 cc-limit-exec -- printf '%s ' --version
	assert_output -- '--version '
}

@test "no limit can be 0, none, negative, or without a known unit" {
	refused() {
		run -100 cc-limit-exec "--rlimit-$1=$2" true
		assert_output "cc-limit-exec: bad value '$2' for --rlimit-$1: want a number, also with K, M or G, at least 1"
	}
	for name in cpu mem files procs fsize stack core; do
		refused "$name" 0
		refused "$name" none
	done
	for value in -1 '' 1.5 4T 1KB ' 1' 18446744073709551616; do
		refused mem "$value"
	done
	# The neighbour of what is refused: the smallest core size.
	run -0 cc-limit-exec --rlimit-core 1 true
	assert_output ''
}

@test "no time can be 0, none or negative" {
	for name in timeout-s idle-timeout-s grace-s kill-patience-s; do
		for value in 0 0.0 none -1 '' 1s; do
			run -100 cc-limit-exec "--$name=$value" true
			assert_output "cc-limit-exec: bad value '$value' for --$name: want seconds above zero, as 600 or 0.5"
		done
	done
	run -0 cc-limit-exec --timeout-s 9.5 --idle-timeout-s 9.25 --grace-s 0.1 \
	    --kill-patience-s 0.1 true
	assert_output ''
}

@test "--output-max lies between 1 and 1G" {
	for value in 0 1073741825 2G; do
		run -100 cc-limit-exec --output-max "$value" true
		assert_output "cc-limit-exec: bad value '$value' for --output-max: want a number, also with K, M or G, from 1 to 1073741824"
	done
	run -0 cc-limit-exec --output-max 1G --stdout out true
}

@test "--setenv wants a name and a value" {
	for value in NAME =value ''; do
		run -100 cc-limit-exec --setenv "$value" true
		assert_output "cc-limit-exec: bad value '$value' for --setenv: want NAME=VALUE"
	done
	run -0 cc-limit-exec --setenv EMPTY= env
	assert_line 'EMPTY='
}

# Exit statuses

@test "the command's exit status is passed on, also one that could be ours" {
	for status in 0 1 3 100 111 124 126 127 255; do
		run "-$status" limited sh -c "exit $status"
		assert_output ''
		assert_report exited "$status" null
	done
}

@test "a command that dies of a signal gives 128 and its number" {
	for name in TERM KILL SEGV; do
		run "-$((128 + $(kill -l $name)))" limited sh -c "kill -$name \$\$"
		assert_report signaled null "SIG$name"
	done
}

@test "a command that is not there gives 127" {
	export PATH=$SUITE_ROOT/build/bin:/usr/bin:/bin
	run -127 limited no-such-command
	assert_output "cc-limit-exec: cannot run 'no-such-command': No such file or directory"
	assert_report exec_failed null null
	run -0 report .error
	assert_output "cannot run 'no-such-command': No such file or directory"
	run -127 cc-limit-exec ''
	assert_output "cc-limit-exec: cannot run '': No such file or directory"
}

@test "a command that cannot be run gives 126, its name escaped" {
	printf 'x' >$'bad\n"\\name'
	run -126 limited ./$'bad\n"\\name'
	assert_output --partial 'cannot run '\''./bad\n'
	assert_output --partial 'Permission denied'
	assert_report exec_failed null null
	run -0 report .error
	assert_output --partial 'cannot run '\''./bad\n'
}

@test "a directory that cannot be entered is our failure, not the command's" {
	run -111 limited --chdir nowhere echo began
	assert_output "cc-limit-exec: cannot change to 'nowhere': No such file or directory"
	assert_report setup_failed null null
	run -0 report .error
	assert_output "cannot change to 'nowhere': No such file or directory"
	mkdir somewhere
	run -0 limited --chdir somewhere pwd
	assert_output "$PWD/somewhere"
	assert_report exited 0 null
	run -1 report .error
}

@test "a file that cannot be opened as stdin is our failure" {
	run -111 limited --stdin nothing cat
	assert_output "cc-limit-exec: cannot open 'nothing': No such file or directory"
	assert_report setup_failed null null
}

# What the command starts with

@test "the environment is PATH, HOME, TERM, LANG and TMPDIR" {
	run -0 env -i PATH="$PATH" HOME=/h TERM=t LANG=C TMPDIR=/x \
	    DATABASE_URL=secret PGPASSWORD=secret LD_PRELOAD= PATHS=x \
	    cc-limit-exec env
	assert_equal "$(sort <<<"$output")" "$(printf '%s\n' HOME=/h LANG=C \
	    "PATH=$PATH" TERM=t TMPDIR=/x)"
	run -0 env -i PATH="$PATH" cc-limit-exec env
	assert_output "PATH=$PATH"
}

@test "--keep-env passes everything, --setenv adds and wins" {
	run -0 env -i PATH="$PATH" A=1 B=2 cc-limit-exec --keep-env \
	    --setenv B=3 --setenv C=4 --setenv C=5=6 env
	assert_equal "$(sort <<<"$output")" \
	    "$(printf '%s\n' A=1 B=3 C=5=6 "PATH=$PATH")"
	run -0 env -i PATH="$PATH" A=1 cc-limit-exec --setenv HOME=/new env
	assert_equal "$(sort <<<"$output")" \
	    "$(printf '%s\n' HOME=/new "PATH=$PATH")"
}

@test "the command is looked for in the PATH that it will have" {
	mkdir programs
	printf '#!/bin/sh\necho found\n' >programs/only-here
	chmod 755 programs/only-here
	run -0 cc-limit-exec --setenv PATH="$PWD/programs:/usr/bin:/bin" only-here
	assert_output found
	run -127 env PATH="$SUITE_ROOT/build/bin:/usr/bin:/bin" \
	    cc-limit-exec only-here
}

# with_descriptors COMMAND ...: with 3 to 20 open.
with_descriptors() {
	local fd
	for ((fd = 3; fd <= 20; fd++)); do
		eval "exec $fd</dev/null"
	done
	exec "$@"
}

@test "no descriptor above 2 reaches the command" {
	(with_descriptors ls /proc/self/fd) >before
	assert grep -qx 20 before
	# 3 is the directory that ls reads.
	(with_descriptors cc-limit-exec ls /proc/self/fd) >inside
	assert_equal "$(<inside)" $'0\n1\n2\n3'
	# Nor one of ours.
	(with_descriptors cc-limit-exec --report run.json --stdout out \
	    --stderr err --idle-timeout-s 60 ls /proc/self/fd)
	assert_equal "$(<out)" $'0\n1\n2\n3'
	(with_descriptors cc-limit-exec --report run.json \
	    --idle-timeout-s 60 ls /proc/self/fd) >inside
	assert_equal "$(<inside)" $'0\n1\n2\n3'
}

@test "no signal reaches the command blocked or ignored" {
	run -0 env --ignore-signal --block-signal grep -E '^Sig(Blk|Ign)' \
	    /proc/self/status
	refute_line --regexp '0{16}'
	run -0 env --ignore-signal --block-signal cc-limit-exec \
	    grep -E '^Sig(Blk|Ign)' /proc/self/status
	assert_line --regexp '^SigBlk:[[:space:]]0{16}$'
	assert_line --regexp '^SigIgn:[[:space:]]0{16}$'
}

@test "a caller that ignores SIGCHLD learns the exit status" {
	run -3 env --ignore-signal=CHLD cc-limit-exec --report run.json \
	    sh -c 'exit 3'
	assert_report exited 3 null
}

@test "umask, session, OOM score and core size are set" {
	umask 077
	run -0 cc-limit-exec sh -c 'umask
	    [ "$(ps -o sid= $$)" -eq $$ ] && [ "$(ps -o pgid= $$)" -eq $$ ] &&
	    echo leads
	    cat /proc/self/oom_score_adj
	    prlimit --core --noheadings --raw -o SOFT,HARD'
	assert_output $'0022\nleads\n1000\n1 1'
}

@test "stdin passes through, or is a file" {
	run -0 cc-limit-exec cat <<<'from the caller'
	assert_output 'from the caller'
	echo 'from the file' >file
	mkdir elsewhere
	run -0 cc-limit-exec --stdin file --chdir elsewhere cat <<<no
	assert_output 'from the file'
	run -0 cc-limit-exec --stdin - cat <<<'from the caller'
	assert_output 'from the caller'
}

@test "a FIFO as stdin that nobody writes to is subject to the timeout" {
	mkfifo fifo
	run -124 limited --timeout-s 0.2 --stdin fifo cat
	assert_report timeout null SIGKILL
}

@test "closed standard descriptors are not mistaken for files of ours" {
	cc-limit-exec --report run.json --stdout out --stderr err --stdin "$0" \
	    true <&- >&- 2>&-
	assert_report exited 0 null
	cc-limit-exec --report run.json sh -c 'echo one; echo two >&2' \
	    <&- >&- 2>&-
	assert_report exited 0 null
	run -0 sh -c 'exec cc-limit-exec readlink /proc/self/fd/0 <&-'
	assert_output /dev/null
}

# Limits

@test "the limits of the guide are the defaults" {
	run -0 "$program" --report run.json --timeout-s 42.1 \
	    prlimit --noheadings --raw --cpu --as --nofile --nproc --core \
	    -o RESOURCE,SOFT,HARD
	assert_equal "$(sort <<<"$output")" "$(printf '%s\n' \
	    'AS 4294967296 4294967296' 'CORE 1 1' 'CPU 43 43' \
	    'NOFILE 1024 1024' 'NPROC 256 256')"
	run -0 report '.limits | to_entries[] |
	    "\(.key) \(.value.requested) \(.value.effective) \(.value.enforced) \(.value.by) \(.value.scope)"'
	assert_output "$(printf '%s\n' \
	    'cpu 43 43 true RLIMIT_CPU process' \
	    'mem 4294967296 4294967296 true RLIMIT_AS process' \
	    'files 1024 1024 true RLIMIT_NOFILE process' \
	    'procs 256 256 true RLIMIT_NPROC user' \
	    'core 1 1 true RLIMIT_CORE process')"
	run -0 report .timeout_ms
	assert_output 42100
}

@test "every limit can be set, with K, M and G" {
	run -0 limited --rlimit-cpu 7 --rlimit-mem 2G --rlimit-files 99 \
	    --rlimit-procs 1K --rlimit-fsize 3M --rlimit-stack 512k \
	    --rlimit-core 5m prlimit --noheadings --raw \
	    --cpu --as --nofile --nproc --fsize --stack --core \
	    -o RESOURCE,SOFT,HARD
	assert_equal "$(sort <<<"$output")" "$(printf '%s\n' \
	    'AS 2147483648 2147483648' 'CORE 5242880 5242880' 'CPU 7 7' \
	    'FSIZE 3145728 3145728' 'NOFILE 99 99' 'NPROC 1024 1024' \
	    'STACK 524288 524288')"
	run -0 report '.limits | keys | join(" ")'
	assert_output 'core cpu files fsize mem procs stack'
}

@test "a value above the hard limit is clipped, and the report says so" {
	ulimit -n 100
	run -0 limited prlimit --noheadings --raw --nofile -o SOFT,HARD
	assert_output '100 100'
	run -0 report '.limits.files | "\(.requested) \(.effective) \(.enforced)"'
	assert_output '1024 100 true'
	run -0 limited --rlimit-files 100 true
	run -0 report '.limits.files | "\(.requested) \(.effective)"'
	assert_output '100 100'
	# A limit of 0 is not none.
	ulimit -c 0
	run -0 limited true
	run -0 report '.limits.core | "\(.requested) \(.effective) \(.enforced)"'
	assert_output '1 0 true'
}

@test "the largest value lifts a limit, and the report says null" {
	for value in 18446744073709551615 9223372036854775808; do
		run -0 limited --rlimit-mem "$value" --rlimit-cpu "$value" \
		    prlimit --noheadings --raw --as --cpu -o SOFT,HARD
		assert_output $'unlimited unlimited\nunlimited unlimited'
		run -0 jq -c '.limits | [.mem, .cpu][] |
		    [.requested, .effective, .enforced]' run.json
		assert_output $'[null,null,false]\n[null,null,false]'
	done
	# In nanoseconds, as the kernel counts, this would be 0.3 s.
	run -0 limited --rlimit-cpu 18446744074 prlimit --noheadings --raw \
	    --cpu -o SOFT,HARD
	assert_output 'unlimited unlimited'
}

@test "a time limit beyond all time is accepted" {
	run -0 limited --timeout-s 9223372035 --grace-s 9223372035 \
	    --idle-timeout-s 9223372035 echo done
	assert_output 'done'
	run -0 report .limits.cpu.requested
	assert_output 9223372035
}

@test "memory up to the limit is given, beyond it refused" {
	run -0 cc-limit-exec --rlimit-mem 100M take_memory 50
	assert_output '50 MiB'
	run -1 cc-limit-exec --rlimit-mem 100M take_memory 150
	assert_output 'refused'
	run -0 cc-limit-exec --rlimit-mem 200M take_memory 150
	assert_output '150 MiB'
}

@test "descriptors up to the limit are given" {
	run -0 cc-limit-exec --rlimit-files 50 take_descriptors
	assert_output '50: Too many open files'
	run -0 cc-limit-exec take_descriptors
	assert_output '1024: Too many open files'
}

@test "a file grows up to the limit" {
	run -0 limited --rlimit-fsize 1K head -c 1024 /dev/zero
	run -153 limited --rlimit-fsize 1K sh -c \
	    'exec head -c 1025 /dev/zero >file'
	assert_report signaled null SIGXFSZ
	assert [ "$(stat -c %s file)" = 1024 ]
}

@test "a command that spins is killed by the kernel, with SIGKILL" {
	run -137 limited --rlimit-cpu 1 sh -c 'while :; do :; done'
	assert_output ''
	assert_report cpu_limit null SIGKILL
	# It counts ticks for the limit, but nanoseconds for the statistics.
	report '.cpu_user_ms + .cpu_sys_ms >= 500 and .killed == 0'
	run -137 cc-limit-exec --rlimit-cpu 1 sh -c 'while :; do :; done'
	assert_output 'cc-limit-exec: the command used up its 1 s of CPU'
}

@test "SIGKILL from elsewhere is not taken for the CPU limit" {
	# Its children used more than the limit, each less than it.
	run -137 limited --rlimit-cpu 1 sh -c '
	    spin="s=\$(date +%s%N); while [ \$((\$(date +%s%N) - s)) -lt 700000000 ]; do :; done"
	    sh -c "$spin"; sh -c "$spin"; sh -c "$spin"; kill -9 $$'
	assert_report signaled null SIGKILL
}

@test "of CPU time as the timeout, rounded up, only the timeout is felt" {
	run -124 limited --timeout-s 0.3 sh -c 'while :; do :; done'
	assert_report timeout null SIGKILL
	run -0 report .limits.cpu.effective
	assert_output 1
}

# Where it runs

@test "without /proc, or with a stranger's, nothing is run" {
	command -v bwrap >/dev/null && bwrap --dev-bind / / true ||
	    skip 'bubblewrap gives no namespaces here'
	run -111 bwrap --dev-bind / / --unshare-pid --tmpfs /proc \
	    cc-limit-exec echo began
	assert_output 'cc-limit-exec: cannot watch processes in /proc: No such file or directory'
	run -111 bwrap --dev-bind / / --unshare-pid cc-limit-exec echo began
	assert_output 'cc-limit-exec: cannot watch processes in /proc: Operation not supported'
	run -0 bwrap --dev-bind / / --unshare-pid --proc /proc \
	    cc-limit-exec echo began
	assert_output began
}
