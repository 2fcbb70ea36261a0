# SPDX-License-Identifier: Apache-2.0
# cc-confine alone: what a confined program may and may not do. Each refusal
# stands beside what is allowed next to it.

load helper

setup_file() {
	cc -D_GNU_SOURCE -O1 -o "$BATS_FILE_TMPDIR/attempt" \
	    "$SUITE_ROOT/tests/confine/attempt.c" -lseccomp
	export attempt=$BATS_FILE_TMPDIR/attempt
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# bats keeps some of its own descriptors open; they are not ours.
	confine=(cc-confine --ro /usr --ro /lib --ro /lib64
	    --ro "$BATS_FILE_TMPDIR" --rw "$BATS_TEST_TMPDIR" --)
}

# What the attempt gets free, then confined: "ENOTTY EPERM".
compare() {
	local free confined
	free=$("$attempt" "$@" </dev/null 2>&1)
	confined=$("${confine[@]}" "$attempt" "$@" </dev/null 2>&1) ||
	    confined="status $?"
	echo "$free $confined"
}

@test "no command is a wrong call" {
	run cc-confine --ro /usr
	assert_failure 100
	assert_output 'usage: cc-confine [options] command [arg ...]'
}

@test "a descriptor below 3 cannot be for the report" {
	run cc-confine --report-fd 2 true
	assert_failure 100
	assert_output "cc-confine: bad value '2' for --report-fd: want a whole number from 3 to 1048576"
}

@test "--send-dir without a socket is a wrong call" {
	run cc-confine --send-dir / true
	assert_failure 100
	assert_output 'cc-confine: --send-dir needs --report-fd'
}

@test "a report descriptor that is no socket stops everything" {
	run cc-confine --ro / --report-fd 9 true 9>/dev/null
	assert_failure 111
	assert_output "cc-confine: cannot say that all is ready: Socket operation on non-socket"
	run cc-confine --ro / --report-fd 9 true 9>&-
	assert_failure 111
	assert_output "cc-confine: cannot use descriptor 9: Bad file descriptor"
}

@test "no process at all is no limit" {
	run cc-confine --rlimit-procs 0 true
	assert_failure 100
	assert_output --partial "bad value '0' for --rlimit-procs"
}

@test "a path that does not exist stops everything" {
	run cc-confine --ro /usr --rw absent -- touch made
	assert_failure 111
	assert_output "cc-confine: cannot grant 'absent': No such file or directory"
}

@test "a newer Landlock than the kernel's stops everything" {
	run cc-confine --require-abi 999 --ro / -- echo began
	assert_failure 111
	assert_output --regexp '^cc-confine: this kernel has version [0-9]+ of Landlock, and 999 is required$'
	run cc-confine --require-abi 2 --ro / -- echo began
	assert_success
	assert_output began
}

@test "the command's status and signal pass through" {
	run cc-confine --ro / -- sh -c 'exit 7'
	assert_failure 7
	run cc-confine --ro / -- sh -c 'kill -9 $$'
	assert_failure 137
}

@test "a command that is not there is 127, one that may not run 126" {
	run cc-confine --ro / -- ./absent
	assert_failure 127
	assert_output "cc-confine: cannot run './absent': No such file or directory"
	run cc-confine --rw . -- /usr/bin/true
	assert_failure 126
	assert_output "cc-confine: cannot run '/usr/bin/true': Permission denied"
}

@test "a script may run on what it was given, and configure its directory" {
	cat >configure <<-'EOF'
	#!/bin/sh
	echo 'int main(void) { return 0; }' >conftest.c
	cc -o conftest conftest.c 2>/dev/null && ./conftest && echo works
	EOF
	chmod +x configure
	TMPDIR=$PWD run cc-confine --ro /usr --rw . -- ./configure
	assert_success
	assert_output works
}

@test "nothing is read outside the paths" {
	echo secret >"$BATS_FILE_TMPDIR/../secret.$$"
	run cc-confine --ro /usr --rw . -- \
	    cat "$BATS_FILE_TMPDIR/../secret.$$" /etc/passwd
	rm "$BATS_FILE_TMPDIR/../secret.$$"
	assert_failure 1
	refute_output --partial secret:
	refute_output --partial root:
	assert_output --partial "/etc/passwd: Permission denied"
	run cc-confine --ro /usr --ro /etc/passwd -- cat /etc/passwd
	assert_success
}

@test "nothing is written below a read-only path, anything below a writable one" {
	mkdir ro rw
	echo kept >ro/file
	run cc-confine --ro /usr --ro ro --rw rw -- sh -c '
		echo x >ro/file; : >ro/new; mkdir ro/dir; rm ro/file
		mv ro/file rw/file; ln ro/file rw/link; ln -s x ro/sym
		mkfifo ro/fifo; truncate -s 0 ro/file'
	assert_failure
	assert_equal "$(cat ro/file) $(ls ro) $(ls rw)" 'kept file '
	run cc-confine --ro /usr --rw rw -- sh -c '
		cd rw && echo x >f && : >>f && mkdir d && ln f d/l &&
		mv f d/f && ln -s d s && mkfifo p && truncate -s 9 d/f &&
		rm -r d s p && ls -A'
	assert_success
	refute_output
}

@test "files move between directories: EXDEV broke rustc under Landlock ABI 1" {
	mkdir a b
	touch a/f
	# What a ruleset does that leaves REFER out, as ABI 1 must.
	cc -D_GNU_SOURCE -o old "$SUITE_ROOT/tests/confine/without_refer.c"
	run ./old "$attempt" rename a/f b/f
	assert_output EXDEV
	run ./old "$attempt" link a/f b/f
	assert_output EXDEV
	run "${confine[@]}" "$attempt" link a/f b/l
	assert_output ok
	run "${confine[@]}" "$attempt" rename a/f b/f
	assert_output ok
}

@test "with --rx only what it names may be executed" {
	cp /usr/bin/true mine
	run cc-confine --rx /usr --rw . -- sh -c './mine; cat mine >/dev/null'
	assert_success
	assert_output --partial 'Permission denied'
	run cc-confine --ro /usr --rw . -- ./mine
	assert_success
}

@test "devices cannot be made, and only the harmless ones are there" {
	# 0:0 is the one device that anybody may make.
	run compare mknod device 020666
	assert_output 'ok EPERM'
	run cc-confine --ro /usr -- sh -c '
		echo x >/dev/null && head -c 1 /dev/zero >/dev/null &&
		head -c 1 /dev/urandom >/dev/null && cat </dev/tty'
	assert_failure
	assert_output --partial '/dev/tty: Permission denied'
}

@test "inherited descriptors are gone, stdin, stdout and stderr stay" {
	run bash -c 'exec 7</etc/passwd 9</; "$@"' _ "$attempt" descriptors
	assert_line 7
	assert_line 9
	run bash -c 'exec 7</etc/passwd 9</; "$@"' _ "${confine[@]}" \
	    "$attempt" descriptors
	assert_output ok
	run "${confine[@]}" cat <<<here
	assert_output here
}

@test "new privileges cannot be had" {
	run "$attempt" privileges
	assert_line 0
	run "${confine[@]}" "$attempt" privileges
	assert_line 1
}

@test "every refused call answers EPERM, whatever its arguments" {
	cc-confine --print | jq -r '.seccomp.EPERM[]' >names
	[ "$(wc -l <names)" -gt 80 ]
	run "${confine[@]}" "$attempt" calls $(cat names)
	assert_success
	assert_equal "${#lines[@]}" "$(wc -l <names)"
	refute_line --regexp ' (ok|E[^P]|EP[^E])'
}

@test "the calls that undo a sandbox are among the refused" {
	run bash -c "cc-confine --print | jq -r '.seccomp.EPERM[]'"
	for name in mount umount2 pivot_root chroot setns unshare move_mount \
	    open_tree fsopen fsmount fsconfig fspick mount_setattr ptrace \
	    process_vm_readv process_vm_writev pidfd_getfd kcmp bpf \
	    perf_event_open io_uring_setup io_uring_enter io_uring_register \
	    userfaultfd add_key request_key keyctl kexec_load kexec_file_load \
	    init_module finit_module delete_module open_by_handle_at \
	    name_to_handle_at socket connect bind shmget msgget semget mq_open \
	    reboot swapon iopl ioperm modify_ldt syslog quotactl acct \
	    seccomp ioprio_set sync syncfs; do
		assert_line "$name"
	done
	for name in read openat execve clone fork flock kill socketpair prctl \
	    fsync fdatasync; do
		refute_line "$name"
	done
}

@test "calls that hide their flags in memory, and unknown ones, do not exist" {
	# clone3, openat2, fchmodat2; statmount, where libseccomp knows it not.
	run compare number 435 0 0
	assert_output 'EINVAL ENOSYS'
	run compare number 437 0 0
	assert_output 'EINVAL ENOSYS'
	run "${confine[@]}" "$attempt" number 452 -1 0 0
	assert_output ENOSYS
	run "${confine[@]}" "$attempt" number 457
	if cc-confine --print | jq -e '.seccomp.EPERM | index("statmount")'; then
		assert_output EPERM
	else
		assert_output ENOSYS
	fi
}

@test "calls of other architectures kill the process" {
	[ "$(uname -m)" = x86_64 ] || skip 'an x86_64 door'
	run "${confine[@]}" "$attempt" int80
	assert_failure 159
	run "${confine[@]}" "$attempt" number 0x40000027
	assert_failure 159
	run "${confine[@]}" "$attempt" number 39
	assert_output ok
}

@test "clone makes processes, but no namespaces" {
	for flag in 0x20000 0x2000000 0x4000000 0x8000000 0x10000000 \
	    0x20000000 0x40000000 0x7e020000; do
		run "${confine[@]}" "$attempt" clone $flag
		assert_output EPERM
	done
	run "${confine[@]}" "$attempt" clone 0
	assert_output ok
	run compare clone 0x10000000
	assert_output 'ok EPERM'
}

@test "keys cannot be pushed into a terminal, nor with high bits set" {
	for request in 0x5412 0x100005412 0xffffffff00005412 0x541c \
	    0x800000000000541c; do
		run compare ioctl $request
		assert_output 'ENOTTY EPERM'
	done
	# TCGETS, TIOCGWINSZ: asking is allowed.
	run compare ioctl 0x5401
	assert_output 'ENOTTY ENOTTY'
	run compare ioctl 0x5413
	assert_output 'ENOTTY ENOTTY'
}

@test "a line discipline, for which the kernel loads a module, cannot be set" {
	local request
	# TIOCSETD, also with high bits; TIOCGETD only asks.
	for request in 0x5423 0x100005423; do
		run compare ioctl $request
		assert_output 'ENOTTY EPERM'
	done
	run compare ioctl 0x5424
	assert_output 'ENOTTY ENOTTY'
}

@test "prctl arranges a process itself, and nothing else" {
	local option free
	# Death signal, dumpable, name, timer slack, subreaper, no_new_privs,
	# transparent huge pages, ambient capabilities, ptracer, executable
	# memory, names of memory, auxiliary vector: as without us.
	for option in '1 9' '2 0' 3 '4 1' '15 0' '16 0' 21 23 '29 50000' 30 \
	    '36 1' '37 0' '38 1' 39 '41 1' 42 '47 1 0' 0x59616d61 66 \
	    '0x53564d41 0 0 0 0' '0x41555856 0 0 0 0' 0x100000003; do
		# shellcheck disable=SC2086 # an option and its arguments
		free=$("$attempt" number 157 $option)
		# shellcheck disable=SC2086
		run "${confine[@]}" "$attempt" number 157 $option
		assert_output "$free"
	done
	# Filters, memory's layout, interrupted calls, a core of its own, merged
	# memory, a table of futexes, what is not known yet; with high bits, too.
	for option in '22 2 0' 35 59 62 67 78 999 0x100000016 0x80000000; do
		# shellcheck disable=SC2086
		run "${confine[@]}" "$attempt" number 157 $option
		assert_output ENOSYS
	done
}

@test "setuid, setgid and sticky bits cannot be set, other modes can" {
	touch file
	for mode in 04755 02755 01755 07777; do
		run "${confine[@]}" "$attempt" chmod file $mode
		assert_output EPERM
		run "${confine[@]}" "$attempt" fchmod file $mode
		assert_output EPERM
		run "${confine[@]}" "$attempt" mkdir dir $mode
		assert_output EPERM
		run "${confine[@]}" "$attempt" mknod fifo $((010000 + mode))
		assert_output EPERM
		# O_CREAT | O_RDWR; then O_TMPFILE | O_RDWR.
		run "${confine[@]}" "$attempt" open made 0102 $mode
		assert_output EPERM
		run "${confine[@]}" "$attempt" open . 020200002 $mode
		assert_output EPERM
	done
	run find . -perm /7000
	refute_output
	# fchmodat2 has no filter, so it is not there.
	run "${confine[@]}" "$attempt" number 452 -100 0 04755 0
	assert_output ENOSYS
	run "${confine[@]}" "$attempt" chmod file 0777
	assert_output ok
	run "${confine[@]}" "$attempt" mkdir dir 0755
	assert_output ok
	run "${confine[@]}" "$attempt" open . 020200002 0644
	assert_output ok
	# Without O_CREAT the mode is an argument left over.
	run "${confine[@]}" "$attempt" open file 0 07777
	assert_output ok
}

@test "no family of sockets can be had" {
	# Unix, IPv4, IPv6, netlink, packet, ALG, vsock.
	for family in 1 2 10 16 17 38 40; do
		for type in 1 2 3 5; do
			run "${confine[@]}" "$attempt" socket $family $type
			assert_output EPERM
		done
	done
	run compare socket 1 1
	assert_output 'ok EPERM'
}

@test "a pair of sockets is connected or refused" {
	# Stream and seqpacket, also close-on-exec and non-blocking.
	for type in 1 5 0x80001 0x80805; do
		run compare socketpair 1 $type
		assert_output 'ok ok'
	done
	# Datagram, and raw, which is datagram by another name.
	for type in 2 3 0x80002 0x100000002; do
		run compare socketpair 1 $type
		assert_output 'ok EPERM'
	done
	run compare socketpair 2 1
	assert_output 'EOPNOTSUPP EPERM'
}

@test "no socket gets a program, which is memory of the whole machine" {
	# SO_ATTACH_FILTER, _BPF, _REUSEPORT_CBPF and _EBPF; TCP_ULP.
	for option in '1 26' '1 50' '1 51' '1 52' '6 31' \
	    '0x100000001 0x10000001a'; do
		# shellcheck disable=SC2086 # a level and an option
		run compare number 54 0 $option 0 0
		assert_output 'ENOTSOCK EPERM'
		# shellcheck disable=SC2086
		run cc-confine --allow-socket "${confine[@]:1}" \
		    "$attempt" number 54 0 $option 0 0 </dev/null
		assert_output EPERM
	done
	# SO_RCVBUF, SO_REUSEADDR, TCP_NODELAY.
	for option in '1 8' '1 2' '6 1'; do
		# shellcheck disable=SC2086
		run compare number 54 0 $option 0 0
		assert_output 'ENOTSOCK ENOTSOCK'
	done
}

@test "with --allow-socket there are sockets, and what else is refused stays" {
	local free=("${confine[@]}")
	free=(cc-confine --allow-socket "${confine[@]:1}")
	run "${free[@]}" "$attempt" socket 2 1
	assert_output ok
	run "${free[@]}" "$attempt" socketpair 1 2
	assert_output ok
	run "${free[@]}" "$attempt" clone 0x10000000
	assert_output EPERM
	run "${free[@]}" "$attempt" ioctl 0x5412
	assert_output EPERM
}

@test "with --allow-local-sockets there are those of Unix, TCP and UDP alone" {
	local family type local=(cc-confine --allow-local-sockets "${confine[@]:1}")
	for type in 1 2 5; do
		run "${local[@]}" "$attempt" talk "$BATS_TEST_TMPDIR/s$type" $type
		assert_output ok
		run "${local[@]}" "$attempt" talk @cc-confine-$$-$type $type
		assert_output ok
		run "${local[@]}" "$attempt" talk pair $type
		assert_output ok
	done
	for type in 1 2; do
		run "${local[@]}" "$attempt" talk 4 $type
		assert_output ok
	done
	# Netlink, packet, ALG, vsock, XDP and others; also with high bits.
	for family in 0 3 4 9 16 17 21 29 31 38 40 44 45 0x100000001 0x100000010; do
		for type in 1 2 3 5; do
			run "${local[@]}" "$attempt" number 41 $family $type 0
			assert_output EPERM
		done
	done
	# Raw, RDM, DCCP and packet ones; then ICMP, DCCP, SCTP, UDP-Lite, MPTCP.
	for type in 0 3 4 6 10 0x80003 0x100000003; do
		run "${local[@]}" "$attempt" number 41 2 $type 0
		assert_output EPERM
		run "${local[@]}" "$attempt" number 53 1 $type 0
		assert_output EPERM
	done
	for type in 1 33 132 136 262 0x100000001; do
		run "${local[@]}" "$attempt" number 41 2 1 $type
		assert_output EPERM
	done
	for type in 6 0x100000006; do
		run "${local[@]}" "$attempt" number 41 2 0x80801 $type
		[ $type != 6 ] || assert_output ok
		[ $type = 6 ] || assert_output EPERM
	done
	run "${local[@]}" "$attempt" number 53 2 1 0
	assert_output EPERM
	# SO_ZEROCOPY, UDP_ENCAP, a filter.
	for type in '1 60' '17 100' '1 26'; do
		# shellcheck disable=SC2086 # a level and an option
		run "${local[@]}" "$attempt" number 54 0 $type 0 0 </dev/null
		assert_output EPERM
	done
	# What else is refused stays.
	run "${local[@]}" "$attempt" clone 0x10000000
	assert_output EPERM
}

@test "even with sockets, an abstract one of somebody outside is out of reach" {
	local name="@cc-confine-$$-$BATS_TEST_NUMBER"
	coproc "$attempt" listen "$name"
	read -r line <&"${COPROC[0]}"
	assert_equal "$line" listening
	run "$attempt" connect "$name"
	assert_output ok
	run cc-confine --allow-socket "${confine[@]:1}" "$attempt" connect "$name"
	assert_output EPERM
	run cc-confine --allow-local-sockets "${confine[@]:1}" \
	    "$attempt" connect "$name"
	assert_output EPERM
	local pid=$COPROC_PID
	eval "exec ${COPROC[1]}>&-"
	wait "$pid"
}

@test "processes outside get no signal, those inside do" {
	sleep 60 &
	local outside=$!
	run "$attempt" kill $outside 0
	assert_output ok
	run "${confine[@]}" "$attempt" kill $outside 0
	assert_output EPERM
	run "${confine[@]}" sh -c 'sleep 60 & kill $!'
	assert_success
	kill $outside
}

@test "limits, priority and affinity of others cannot be changed" {
	sleep 60 &
	local other=$!
	run compare priority $other 19
	assert_output 'ok EPERM'
	run compare limit $other
	assert_output 'ok EPERM'
	# PRIO_USER, 0: all processes of the user, with none of them named.
	run "${confine[@]}" "$attempt" number 141 2 0 0
	assert_output EPERM
	# ioprio_set: the user's; then one's own, because the first of the
	# best-effort class goes before everybody else. ioprio_get is allowed.
	run "${confine[@]}" "$attempt" number 251 3 "$(id -u)" 0x4006
	assert_output EPERM
	run compare number 251 1 0 0x4000
	assert_output 'ok EPERM'
	run compare number 252 1 0
	assert_output 'ok ok'
	# sched_setaffinity of another, then one's own.
	run "${confine[@]}" "$attempt" number 203 $other
	assert_output EPERM
	run "${confine[@]}" "$attempt" number 203 0
	assert_output EINVAL
	run "${confine[@]}" "$attempt" priority 0 19
	assert_output ok
	run "${confine[@]}" "$attempt" limit 0
	assert_output ok
	kill $other
}

@test "the core limit stays 1, and who lowers it is told that it was done" {
	local limit=(prlimit --core --output SOFT,HARD --noheadings --raw)
	# 0 lets the host's handler start, as any other limit does, 1 does not.
	for before in 0:1 0:unlimited 1:1 unlimited:unlimited; do
		run prlimit --core=$before "${confine[@]}" \
		    bash -c 'ulimit -c 0 && ulimit -n 20 && "$@"' _ "${limit[@]}"
		assert_success
		assert_output '1 1'
	done
	run prlimit --core=0:0 "${confine[@]}" "${limit[@]}"
	assert_output '0 0'
	# prlimit64 of its own: to set is answered, to read is done, to do both
	# refused. Also with high bits in the number of the limit.
	for number in 4 0x100000004; do
		run "${confine[@]}" "$attempt" number 302 0 $number 1
		assert_output ok
		run "${confine[@]}" "$attempt" number 302 0 $number 0 1
		assert_output EFAULT
		run "${confine[@]}" "$attempt" number 302 0 $number 1 1
		assert_output EPERM
		run "${confine[@]}" "$attempt" number 302 1 $number 1
		assert_output EPERM
		run "${confine[@]}" "$attempt" number 160 $number 1
		assert_output ok
	done
	# Other limits are read from memory, and set.
	run "${confine[@]}" "$attempt" number 302 0 7 1
	assert_output EFAULT
	run "${confine[@]}" "$attempt" number 160 7 1
	assert_output EFAULT
}

@test "files that may only be read can be locked, not leased or watched" {
	echo x >shared
	# F_SETLEASE, F_RDLCK; F_NOTIFY; each also with high bits.
	for command in 1024 1026 0x100000400; do
		run "${confine[@]}" "$attempt" number 72 0 $command 0 <shared
		assert_output EPERM
	done
	run "${confine[@]}" flock -n shared true
	assert_success
	run compare number 294 0
	assert_output 'ok EPERM'
}

@test "huge pages, a pool of the machine, cannot be had" {
	# mmap with MAP_PRIVATE | MAP_ANONYMOUS, then with MAP_HUGETLB.
	run "${confine[@]}" "$attempt" number 9 0 0x200000 3 0x40022 -1 0
	assert_output EPERM
	run "${confine[@]}" "$attempt" number 9 0 0x200000 3 0x22 -1 0
	assert_output ok
}

@test "no descriptor is put under way, where all sandboxes of a user count" {
	# sendmsg, sendmmsg; sendto is told that stdin is no socket.
	run "${confine[@]}" "$attempt" number 46 0 0 0 </dev/null
	assert_output EPERM
	run "${confine[@]}" "$attempt" number 307 0 0 0 </dev/null
	assert_output EPERM
	run "${confine[@]}" "$attempt" number 44 0 0 0 </dev/null
	assert_output ENOTSOCK
	run cc-confine --allow-socket "${confine[@]:1}" "$attempt" number 46 0 0 0 </dev/null
	assert_output ENOTSOCK
}

@test "--rlimit-procs stops a fork bomb" {
	# Threads of this user now; other tests run beside this one.
	local now
	now=$(ps -L -o pid= -u "$(id -u)" | wc -l)
	run setsid -w cc-confine --rlimit-procs $((now + 40)) \
	    "${confine[@]:1}" "$attempt" fork 2000
	assert [ "${lines[0]}" -lt 1000 ]
	run setsid -w "${confine[@]}" "$attempt" fork 3
	assert_line 3
}

@test "--print shows what is in force and runs nothing" {
	run cc-confine --ro /usr --rw . --print touch made
	assert_success
	assert [ ! -e made ]
	echo "$output" >policy.json
	run jq -r '.version, .landlock.abi > 0, .seccomp.otherwise,
	    .seccomp.other_architectures' policy.json
	assert_output $'1\ntrue\nENOSYS\nSIGSYS'
	run jq -c '.landlock.paths[] | select(.path == "/usr").granted' policy.json
	assert_output '["execute","read_file","read_dir"]'
	run jq -r '.landlock.paths[] | select(.path == ".").granted |
	    index("refer") != null, index("make_char")' policy.json
	assert_output $'true\nnull'
	run bash -c 'cc-confine --print >/dev/full'
	assert_failure 111
	assert_output 'cc-confine: cannot write to stdout: No space left on device'
}

@test "a layer on top of a layer is refused, not left out" {
	run cc-confine --ro / -- cc-confine --ro /usr -- echo began
	assert_failure 111
	assert_output 'cc-confine: cannot filter system calls: Operation not permitted'
}
