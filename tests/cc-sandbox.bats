# SPDX-License-Identifier: Apache-2.0
# cc-sandbox: its options, messages and reports, what a command sees at each
# level, and what comes out.

load levels

setup_file() {
	prepare_levels
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -m 700 dir
	out=(--dir dir --out target/lib.so=dir/artifact)
}

# ---- calls and messages

@test "no command is a wrong call" {
	run cc-sandbox --sandbox off
	assert_failure 100
	assert_output 'usage: cc-sandbox [options] command [arg ...]'
}

@test "values that mean nothing are refused by name" {
	run cc-sandbox --sandbox maybe true
	assert_failure 100
	assert_output "cc-sandbox: bad value 'maybe' for --sandbox: want required, preferred or off"
	for value in lib.so=x target/=x target/lib.so target/lib.so= /etc/x=y \
	    target/a=b/ target/a=. target/a=b/..; do
		for option in out out-any; do
			run cc-sandbox --$option "$value" true
			assert_failure 100
			assert_output "cc-sandbox: bad value for --$option: want target/PATH=FILE"
		done
	done
	for value in NAME =x '9A=x' 'A B=x' 'A-B=x'; do
		run cc-sandbox --setenv "$value" true
		assert_failure 100
		assert_output "cc-sandbox: bad value '${value%=x}' for --setenv: want NAME=VALUE"
	done
	for option in artifact-max target-size tmp-size shm-size rlimit-procs; do
		run cc-sandbox --$option 0 true
		assert_failure 100
		assert_output --partial "bad value '0' for --$option"
	done
}

@test "paths that are not there are named" {
	for option in source target-dir ro; do
		run cc-sandbox --$option absent true
		assert_failure 111
		assert_output "cc-sandbox: cannot find 'absent': No such file or directory"
	done
	run cc-sandbox --cargo-home absent true
	assert_failure 111
	assert_output "cc-sandbox: cannot enter 'absent': No such file or directory"
	run cc-sandbox --dir absent true
	assert_failure 111
	assert_output "cc-sandbox: cannot open 'absent': No such file or directory"
}

@test "the whole host, and its /proc, cannot be let in" {
	for path in / /proc /proc/sys /sys /sys/kernel /proc/self/..; do
		run cc-sandbox --ro $path true
		assert_failure 100
		assert_output "cc-sandbox: bad value '$path' for --ro: a sandbox does not show it"
	done
}

# refused VALUE OPTION REASON: whatever stands before the option.
refused() {
	run cc-sandbox "${@:4}" "--$2" "$1" true
	assert_failure 100
	assert_output "cc-sandbox: bad value '${1/#[A-Z]*=*/${1%%=*}}' for --$2: $3"
}

@test "a path that the sandbox has itself, or that is no file, is not let in" {
	refused /dev/null ro 'a sandbox has its own devices'
	refused /run ro "the sockets of the host's services are there"
	refused /tmp ro 'a sandbox has its own: name what is in it'
	refused /etc ro 'a sandbox has its own: name what is in it'
	perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0);
	    bind(S, sockaddr_un("socket")) or die'
	mkfifo fifo
	ln -s fifo link
	local path
	for path in socket fifo link; do
		refused $path ro 'it is neither a regular file nor a directory'
	done
	mkdir $'a\nb'
	run cc-sandbox --ro $'a\nb' true
	assert_failure 100
	assert_output "cc-sandbox: bad value 'a\\nb' for --ro: it is no line of UTF-8"
	# What lies in such a directory may be let in.
	run bwrap_level --ro /etc/hostname --ro "$PWD" cat /etc/hostname
	assert_success
	assert_output "$(cat /etc/hostname)"
}

@test "no path shows what is withheld, nor is below it, in whatever order" {
	mkdir -p home/logs home-of-tools other
	ln -s home/logs link
	local reason='what a build must not see is there' path
	for path in home home/logs link "$PWD" home/../home/./logs; do
		run cc-sandbox --withhold "$PWD/home" --ro "$path" true
		assert_failure 100
		assert_output "cc-sandbox: bad value '$(realpath "$path")' for --ro: $reason"
		run cc-sandbox --ro "$path" --withhold "$PWD/link/.." true
		assert_failure 100
	done
	# What is not there yet is withheld from its directory on.
	run cc-sandbox --withhold "$PWD/home/later/on" --ro home true
	assert_failure 100
	run cc-sandbox --withhold "$PWD/home/later/on" --ro home/logs \
	    --sandbox off true
	assert_success
	# The name alone does not make it.
	run cc-sandbox --withhold "$PWD/home" --ro home-of-tools --ro other \
	    --sandbox off true
	assert_success
}

@test "a variable neither overrides the sandbox's own nor reaches bubblewrap" {
	local name
	for name in CARGO_BUILD_TARGET_DIR CARGO_HOME CARGO_TARGET_DIR HOME \
	    LOGNAME PWD RUSTUP_HOME RUSTUP_TOOLCHAIN TMPDIR USER; do
		refused $name=secret setenv 'the sandbox sets it'
	done
	for name in LD_PRELOAD LD_LIBRARY_PATH GLIBC_TUNABLES; do
		refused $name=/x setenv \
		    'the programs that make the sandbox would obey it'
	done
	refused $'A=b\nC=d' setenv 'it is no line of UTF-8'
	# Their neighbours are nobody's but the command's.
	run bwrap_level --setenv HOMEPAGE=1 --setenv LDFLAGS=2 --setenv _A9= env
	assert_success
	assert_line HOMEPAGE=1
	assert_line LDFLAGS=2
	assert_line _A9=
}

@test "PATH may be the operator's, behind the toolchain's" {
	mkdir -p tools/bin toolchain/bin
	local where
	for where in tools toolchain; do
		printf '#!/bin/sh\necho %s\n' $where >$where/bin/rustc
		chmod +x $where/bin/rustc
	done
	for level in $levels; do
		run ${level}_level --ro tools \
		    --setenv "PATH=$PWD/tools/bin:/usr/bin:/bin" rustc
		assert_output tools
		run ${level}_level --ro tools --toolchain toolchain \
		    --setenv "PATH=$PWD/tools/bin:/usr/bin:/bin" rustc
		assert_output toolchain
	done
}

@test "what is let in is in the report, and is no more than fits there" {
	mkdir one two
	run cc-sandbox --dir dir --ro one --ro two --setenv A=1 --setenv B= true
	assert_success
	assert_equal "$(report '.ro + .setenv | join(" ")')" \
	    "$PWD/one $PWD/two A=1 B="
	local long
	long=$(head -c 10000 /dev/zero | tr '\0' x)
	run cc-sandbox --dir dir --setenv "A=$long" true
	assert_success
	run cc-sandbox --dir dir --setenv "A=$long" --setenv "B=$long" true
	assert_failure 100
	assert_output 'cc-sandbox: too much of --setenv: want at most 16384 bytes of --ro and --setenv'
}

@test "a writable source needs a source, and a target directory of its own" {
	run cc-sandbox --writable-source true
	assert_failure 100
	assert_output 'cc-sandbox: --writable-source needs --source and goes with no --target-dir'
	mkdir s t
	run cc-sandbox --source s --target-dir t --writable-source true
	assert_failure 100
}

@test "{source} without a source is an error, not an empty word" {
	run cc-sandbox --dir dir echo '{source}/x'
	assert_failure 111
	assert_output --partial 'cannot prepare the command: Invalid argument'
	assert_equal "$(report .started)" false
}

@test "root is refused, with what to do" {
	run unshare -r cc-sandbox --sandbox off true
	assert_failure 100
	assert_output 'cc-sandbox: refuses to run as root, whom process limits do not bind: choose a user with User= or setpriv --reuid=nobody --regid=nogroup --clear-groups'
}

@test "the command's status and signal pass through at every level" {
	for level in $levels; do
		run ${level}_level sh -c 'exit 7'
		assert_failure 7
		run ${level}_level sh -c 'kill -SEGV $$'
		assert_failure 139
	done
}

@test "a command that is not there never started, and says so at every level" {
	for level in $levels; do
		run ${level}_level --dir dir /absent
		assert_failure 127
		assert_output "cc-sandbox: cannot run '/absent': No such file or directory"
		assert_equal "$(report '.level, .started, .error' | xargs -d '\n')" \
		    "$level false cannot run '/absent': No such file or directory"
		run ${level}_level --dir dir /usr
		assert_failure 126
	done
}

@test "the report names level, start and what came out" {
	for level in $levels; do
		run ${level}_level --dir dir true
		assert_success
		refute_output
		run jq -cS 'del(.error, .ro)' dir/sandbox.json
		assert_output "{\"artifact\":\"not_asked\",\"artifact_bytes\":0,\"artifact_error\":null,\"level\":\"$level\",\"started\":true,\"version\":1}"
		assert_equal "$(stat -c %a dir/sandbox.json)" 600
	done
}

@test "a killed sandbox leaves a report of its beginning, not of an end" {
	local pid
	for level in $levels; do
		rm -f dir/sandbox.json
		setsid bash -c "$(declare -f ${level}_level)
		    ${level}_level --dir dir sleep 1000" 3>&- &
		pid=$!
		until_true 20 test -e dir/sandbox.json
		kill -KILL -- "-$pid"
		wait "$pid" || true
		assert_equal "$(report '"\(.level) \(.started) \(.artifact)"')" \
		    "$level true pending"
	done
}

# The pids of those who sleep for a time that no other test chooses.
sleepers() {
	pgrep -fx "sleep 27182.$$"
}

# At level bwrap the namespace is not gone before they are, and the command not
# before it.
@test "processes that do not die are no end: it has begun, and nothing comes out" {
	local level status pids=()
	build_helper "$BATS_TEST_TMPDIR/hold_exit" \
	    "$SUITE_ROOT/tests/limit/hold_exit.c"
	PATH=$BATS_TEST_TMPDIR:$PATH
	mkfifo go
	exec 8<>go
	for level in landlock none; do
		mkdir -m 700 "dir-$level"
		${level}_level --dir "dir-$level" --out-any "target/x=$PWD/x" \
		    sh -c ': >{target}/x; sleep 27182.'$$' & read -r line; :' \
		    <&8 2>"said-$level" 3>&- 8>&- &
		pids+=("$!")
	done
	until_true 20 eval '[ "$(sleepers | wc -l)" = 2 ]'
	# shellcheck disable=SC2046 # a word for each
	hold_exit $(sleepers) 8>&-
	printf '\n\n' >&8
	for level in landlock none; do
		status=0
		wait "${pids[0]}" || status=$?
		assert_equal "$status" 111
		pids=("${pids[@]:1}")
		assert_equal "$(tail -n 1 "said-$level")" 'cc-sandbox: cannot end all processes of the command: they take too long to die'
		assert_equal "$(jq -c '[.level, .started, .artifact]' \
		    "dir-$level/sandbox.json")" "[\"$level\",true,\"pending\"]"
	done
	let_go
}

@test "a report that cannot be written is a failure" {
	chmod 500 dir
	run cc-sandbox --dir dir true
	chmod 700 dir
	assert_failure 111
	assert_output "cc-sandbox: cannot write 'sandbox.json': Permission denied"
}

@test "the report of an earlier run does not outlive the start of the next" {
	echo '"an earlier run"' >dir/sandbox.json
	run cc-sandbox --sandbox off --dir dir grep -qs earlier \
	    "$PWD/dir/sandbox.json"
	assert_failure
	assert_equal "$(report .started)" true
	rm dir/sandbox.json
	mkdir dir/sandbox.json
	run cc-sandbox --dir dir true
	assert_failure 111
	assert_output "cc-sandbox: cannot remove 'sandbox.json': Is a directory"
}

@test "{source} and {target} stand for the paths of each level" {
	mkdir source
	echo hello >source/file
	for level in $levels; do
		run ${level}_level --source source -- sh -c \
		    '[ "$1" = "$CARGO_TARGET_DIR" ] && cd / && cat "$2"' \
		    _ '{target}' '{source}/file'
		assert_success
		assert_output hello
	done
	run bwrap_level --source source echo '{source}:{target}:{other}'
	assert_output '/build/source:/build/target:{other}'
}

@test "the environment is what the level wants, and nothing of ours" {
	export DATABASE_URL=postgres://secret PGPASSWORD=secret
	export CARGO_MAKEFLAGS=x RUSTC_WRAPPER=x TERM=vt100 LANG=C.UTF-8
	for level in $levels; do
		run ${level}_level --setenv A=1 --setenv A=2=3 env
		assert_success
		assert_line A=2=3
		run bash -c 'cut -d= -f1 | sort | xargs' <<<"$output"
		assert_output 'A CARGO_HOME CARGO_TARGET_DIR HOME LANG LOGNAME PATH PWD TERM TMPDIR USER'
	done
}

@test "the working directory is / and stdin passes through" {
	for level in $levels; do
		run ${level}_level sh -c 'pwd; cat' <<<input
		assert_output $'/\ninput'
	done
}

# ---- what a command can see and do at level bwrap

@test "nothing of the host is there but what a compiler needs" {
	run bwrap_level sh -c 'ls -A / /build /etc; ls -d /home /root /var /run /sys /opt /srv /boot /mnt "$0"' "$HOME"
	assert_line --regexp "cannot access '/home'"
	for gone in root var run sys opt srv boot mnt; do
		refute_line "$gone"
		assert_line --regexp "cannot access '/$gone'"
	done
	refute_line shadow
	assert_line passwd
	run bwrap_level cut -d: -f1,3 /etc/passwd
	assert_output $'root:0\nbuild:1000\nnobody:65534'
	run bwrap_level sh -c 'id -un; id -gn; echo "$USER $LOGNAME"; getent passwd root'
	assert_output $'build\nbuild\nbuild build\nroot:x:0:0:root:/root:/usr/sbin/nologin'
	run bwrap_level cc --version
	assert_success
}

@test "files that programs take for granted are there, and say nothing of the host" {
	run bwrap_level sh -c 'for file in localtime timezone mime.types \
	    resolv.conf nsswitch.conf os-release ssl/openssl.cnf fonts/fonts.conf
	    do [ -s /etc/$file ] || echo "no $file"; done; ls -A /etc/ssl/certs'
	assert_success
	refute_output
	run bwrap_level sh -c 'date -d @0 +%Z:%H; getent hosts localhost;
	    getent ahostsv4 build; cat /etc/resolv.conf /etc/hosts'
	assert_line UTC:00
	assert_line --regexp '^(::1|127.0.0.1) +localhost'
	assert_line --regexp '^127.0.0.1 +STREAM'
	refute_output --partial "$(hostname)"
	refute_output --partial nameserver
	# Twice of it, as zic writes it, when the host has it to compare.
	[ ! -e /usr/share/zoneinfo/Etc/UTC ] ||
	    bwrap_level cat /etc/localtime | cmp - /usr/share/zoneinfo/Etc/UTC
	[ ! -e /etc/os-release ] ||
	    bwrap_level cat /etc/os-release | cmp - /etc/os-release
	if command -v openssl >/dev/null; then
		run bwrap_level openssl req -x509 -newkey rsa:2048 -nodes \
		    -subj /CN=x -keyout /tmp/key -out /tmp/certificate
		assert_success
	fi
}

@test "the operator's --ro goes before what is there by itself" {
	local file
	for file in /etc/hosts /etc/default /etc/ssl/openssl.cnf; do
		[ -r $file ] || continue
		run bwrap_level --ro $file sh -c 'ls -A "$0" | cksum;
		    [ -d "$0" ] || cksum <"$0"' $file
		assert_output "$(ls -A $file | cksum
		    [ -d $file ] || cksum <$file)"
	done
}

@test "at level landlock OpenSSL and the zone are the host's, users are not told" {
	[ ! -e /etc/localtime ] || run -0 landlock_level cat /etc/localtime
	[ ! -e /etc/ssl/openssl.cnf ] ||
	    run -0 landlock_level cat /etc/ssl/openssl.cnf
	run landlock_level cat /etc/passwd
	assert_failure
	run landlock_level cat /etc/hosts
	assert_failure
}

@test "the root, /dev and /usr are read-only; target and /tmp are not" {
	for path in / /dev /dev/pts /usr /build /etc /proc /build/source; do
		mkdir -p source
		run bwrap_level --source source touch "$path/x"
		assert_failure
		assert_output --regexp 'Read-only file system|Permission denied|No such file'
	done
	run bwrap_level sh -c 'touch {target}/x /tmp/x $CARGO_HOME/x'
	assert_success
}

@test "there are no pseudo-terminals, which the machine counts for all" {
	run bwrap_level sh -c 'ls -A /dev/pts; : >/dev/pts/x'
	assert_line --partial 'Read-only file system'
	refute_line --partial ptmx
	run bwrap_level "$attempt" open /dev/ptmx 0 0
	assert_output ENOENT
	run landlock_level "$attempt" open /dev/ptmx 0 0
	assert_output EACCES
}

@test "what lowers its core limit first runs: AddressSanitizer, a careful shell" {
	echo 'int main(void) { return 0; }' >checked.c
	cc -fsanitize=address -o checked checked.c
	for level in $levels; do
		run ${level}_level bash -c 'ulimit -c 0 && echo on'
		assert_output on
	done
	# Its leak check would trace the process.
	run bwrap_level --ro "$PWD" --setenv ASAN_OPTIONS=detect_leaks=0 \
	    "$PWD/checked"
	assert_success
	refute_output
}

@test "each layer is there by itself, not only where another hides its lack" {
	local name
	# Every namespace is another one than ours.
	for name in cgroup ipc mnt net pid user uts; do
		run bwrap_level readlink /proc/self/ns/$name
		assert_success
		refute_output "$(readlink /proc/self/ns/$name)"
	done
	run bwrap_level cat /proc/mounts
	assert_line --regexp '^tmpfs / tmpfs ro,nosuid,nodev'
	assert_line --regexp '^tmpfs /dev tmpfs ro,nosuid,nodev'
	assert_line --regexp ' /usr [a-z0-9]+ ro,nosuid,nodev'
	# A session of its own: one from outside would show as 0.
	run bwrap_level sh -c 'read -r _ _ _ _ _ session _ </proc/self/stat &&
	    echo "session $session"'
	refute_line 'session 0'
	# Only Landlock keeps a process from its own name in /proc.
	run bwrap_level sh -c 'echo x >/proc/self/comm'
	assert_failure
	assert_output --partial 'Permission denied'
	sh -c 'echo x >/proc/self/comm'
}

@test "target and /tmp are as large as asked, and no larger" {
	run bwrap_level --target-size 8M "$attempt" fill '{target}/f' 100
	assert_line 8
	run bwrap_level --tmp-size 3M "$attempt" fill /tmp/f 100
	assert_line 3
	run bwrap_level grep -E ' /(build/(target|cargo)|tmp) ' /proc/mounts
	assert_line --regexp '/build/target tmpfs rw.*size=4194304k'
	assert_line --regexp '/tmp tmpfs rw.*size=1048576k'
	assert_line --regexp '/build/cargo tmpfs rw.*size=262144k'
}

@test "shared memory and semaphores have a room that is capped, and dies" {
	local name=cc-sandbox-$$
	run bwrap_level "$attempt" shared-memory /$name
	assert_output ok
	run bwrap_level "$attempt" semaphore /$name
	assert_output ok
	# Neither the next command nor the host finds what was left.
	run bwrap_level ls -A /dev/shm
	refute_output
	run ls /dev/shm/$name /dev/shm/sem.$name
	assert_failure
	run bwrap_level --shm-size 3M "$attempt" fill /dev/shm/f 100
	assert_line 3
	run bwrap_level grep ' /dev/shm ' /proc/mounts
	assert_line --regexp '/dev/shm tmpfs rw,nosuid,nodev.*size=65536k'
	# The host's own is no place for builds.
	run landlock_level "$attempt" shared-memory /$name
	assert_output EACCES
}

@test "there are no processes but its own, and no way to their insides" {
	sleep 60 &
	run bwrap_level sh -c 'ls -d /proc/[0-9]* | wc -l; kill -0 '$!
	assert_line --regexp '^[1-5]$'
	assert_line --partial 'No such process'
	run bwrap_level cat /proc/1/environ
	assert_failure
	assert_output --partial 'Permission denied'
	kill $!
}

@test "the machine's boot command line and the like are not told" {
	for name in cmdline kallsyms keys locks; do
		[ -e /proc/$name ] || continue
		run bwrap_level cat /proc/$name
		assert_failure
		assert_output --partial 'Permission denied'
	done
	run bwrap_level sh -c 'echo x >/dev/stderr; cat /proc/self/comm /proc/cpuinfo | head -1'
	assert_line x
	assert_line cat
}

@test "there is no network, not even a loopback that is up" {
	run bwrap_level cat /proc/net/dev
	assert_equal "$(grep -c : <<<"$output")" 1
	assert_output --partial 'lo:'
	run bwrap_level "$attempt" socket 2 1
	assert_output EPERM
	run "$attempt" socket 2 1
	assert_output ok
}

@test "--allow-local-sockets: the command's own processes talk to each other" {
	local kind type
	for kind in /tmp/s /build/target/s @name pair; do
		for type in 1 2 5; do
			run bwrap_level --allow-local-sockets yes \
			    "$attempt" talk $kind $type
			assert_output ok
		done
	done
	for kind in 4 6; do
		[ $kind = 4 ] || [ -e /proc/net/if_inet6 ] || continue
		for type in 1 2; do
			run bwrap_level --allow-local-sockets yes \
			    "$attempt" talk $kind $type
			assert_output ok
		done
	done
	run bwrap_level --allow-local-sockets no "$attempt" talk 4 1
	assert_output EPERM
	run bwrap_level "$attempt" talk pair 2
	assert_output EPERM
	run cc-sandbox --allow-local-sockets maybe true
	assert_failure 100
	assert_output "cc-sandbox: bad value 'maybe' for --allow-local-sockets: want yes or no"
}

@test "local sockets reach nobody outside: no service, network or kernel socket" {
	local name=@cc-sandbox-$$ family
	coproc "$attempt" listen "$name"
	read -r line <&"${COPROC[0]}"
	assert_equal "$line" listening
	run "$attempt" connect "$name"
	assert_output ok
	run bwrap_level --allow-local-sockets yes "$attempt" connect "$name"
	assert_output ECONNREFUSED
	local pid=$COPROC_PID
	eval "exec ${COPROC[1]}>&-"
	wait "$pid"
	for family in 16 17 38 40; do
		run bwrap_level --allow-local-sockets yes \
		    "$attempt" socket $family 1
		assert_output EPERM
	done
	run bwrap_level --allow-local-sockets yes cat /proc/net/dev
	assert_equal "$(grep -c : <<<"$output")" 1
	run bwrap_level --allow-local-sockets yes cat /proc/net/route
	assert_equal "${#lines[@]}" 1
}

@test "a socket of the host that could be seen is refused, or out of reach" {
	local abi place option
	abi=$(cc-confine --print | jq .landlock.abi)
	mkdir -p "$BATS_TEST_TMPDIR/service/deep" "$BATS_TEST_TMPDIR/quiet"
	# Short enough for an address.
	ln -s "$BATS_TEST_TMPDIR/service/deep" "/tmp/cc-sandbox.$$"
	place=/tmp/cc-sandbox.$$/s
	coproc "$attempt" listen "$place"
	read -r line <&"${COPROC[0]}"
	rm "/tmp/cc-sandbox.$$"
	assert_equal "$line" listening
	for option in ro source; do
		run bwrap_level --allow-local-sockets yes \
		    --$option "$BATS_TEST_TMPDIR/service" "$attempt" connect \
		    "$BATS_TEST_TMPDIR/service/deep/s"
		if [ "$abi" -ge 9 ]; then
			refute_output ok
		else
			assert_failure 100
			assert_output "cc-sandbox: cannot allow local sockets: '$BATS_TEST_TMPDIR/service/deep/s' is one of the host, which a command could connect to before version 9 of Landlock"
		fi
	done
	[ "$abi" -ge 9 ] || {
		run bwrap_level --allow-local-sockets yes \
		    --ro "$BATS_TEST_TMPDIR/service/deep/s" true
		assert_failure 100
	}
	run bwrap_level --ro "$BATS_TEST_TMPDIR/service" true
	assert_success
	run bwrap_level --allow-local-sockets yes \
	    --ro "$BATS_TEST_TMPDIR/quiet" true
	assert_success
	local pid=$COPROC_PID
	eval "exec ${COPROC[1]}>&-"
	wait "$pid"
}

@test "at level landlock no socket is local, which is said" {
	run landlock_level --allow-local-sockets yes "$attempt" talk 4 1
	assert_line EPERM
	assert_line 'cc-sandbox: local sockets are not allowed at level landlock'
	run landlock_level --allow-local-sockets yes "$attempt" talk pair 2
	assert_line EPERM
	run landlock_level "$attempt" talk 4 1
	assert_output EPERM
}

@test "who has all of a user's descriptors under way stops no other sandbox" {
	run "$attempt" under-way cc-sandbox --dir dir --ro "$library" \
	    --out target/lib.so=dir/artifact \
	    sh -c 'cp "$0" {target}/lib.so' "$library"
	assert_output ok
	cmp dir/artifact "$library"
	assert_equal "$(report .level)" bwrap
}

@test "it has no descriptor of ours, no capability and no way to gain one" {
	run bash -c 'exec 7</etc/passwd 9</; "$@"' _ \
	    cc-sandbox --ro "$BATS_FILE_TMPDIR" "$attempt" descriptors
	assert_output ok
	run bwrap_level grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
	assert_success
	refute_line --regexp '^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]'
	assert_line --regexp '^NoNewPrivs:.1'
	assert_line --regexp '^Seccomp:.2'
}

@test "no namespace, mount, trace or key can be had inside" {
	run bwrap_level "$attempt" clone 0x10000000
	assert_output EPERM
	run bwrap_level "$attempt" calls mount umount2 unshare setns ptrace \
	    keyctl io_uring_setup bpf
	refute_line --regexp ' (ok|E[^P])'
	run bwrap_level "$attempt" ioctl 0x100005412 </dev/null
	assert_output EPERM
	run bwrap_level "$attempt" chmod /build/target 04755
	assert_output EPERM
}

@test "files move between directories at every level" {
	for level in $levels; do
		run ${level}_level sh -c 'cd "$0" && mkdir a b && echo x >a/f &&
		    mv a/f b/f && ln b/f a/l && mv b "$TMPDIR" 2>/dev/null
		    cat "$TMPDIR/b/f"' '{target}'
		assert_success
		assert_output x
	done
}

@test "--rlimit-procs counts each sandbox alone: two of one user do not starve" {
	mkfifo hold
	# The first has all its processes until we say so.
	bwrap_level --rlimit-procs 40 "$attempt" fork 500 >first &
	run bwrap_level --rlimit-procs 40 "$attempt" fork 500
	wait $!
	local first
	first=$(head -n 1 first)
	assert_equal "${lines[0]}" "$first"
	assert [ "$first" -ge 30 ]
	assert [ "$first" -lt 40 ]
}

# ---- level landlock

@test "level landlock denies the host's files, processes and network" {
	echo secret >secret
	run landlock_level cat "$PWD/secret" /etc/passwd /proc/self/environ
	assert_failure
	refute_output --partial secret$'\n'
	refute_output --partial root:
	refute_output --partial DATABASE_URL=
	run landlock_level "$attempt" socket 2 1
	assert_output EPERM
	run landlock_level "$attempt" kill $$ 0
	assert_output EPERM
	mkdir source
	run landlock_level --source source touch '{source}/x'
	assert_failure
	run landlock_level touch '{target}/x'
	assert_success
}

# ---- what comes out

# What a command leaves at target/lib.so, and what becomes of it.
take() {
	local level=$1
	shift
	run ${level}_level "${out[@]}" --ro "$library" "$@"
}

@test "a library comes out at every level, with the hard link that cargo makes" {
	for level in $levels; do
		rm -f dir/artifact
		take $level sh -c 'mkdir {target}/deps && cp "$0" {target}/deps/l &&
		    ln {target}/deps/l {target}/lib.so' "$library"
		assert_success
		refute_output
		cmp dir/artifact "$library"
		assert_equal "$(report .artifact)" taken
		assert_equal "$(report .artifact_bytes)" "$(stat -c %s "$library")"
		assert_equal "$(find . -name '*.scratch')" ''
	done
}

@test "the file may go anywhere, under any name" {
	mkdir else
	run cc-sandbox --ro "$library" --out "target/a/b=else/name.so" \
	    sh -c 'mkdir {target}/a; cp "$0" {target}/a/b' "$library"
	assert_success
	cmp else/name.so "$library"
}

@test "what is no library does not come out, and the report says why" {
	local makes
	declare -A makes=(
		[missing]='true'
		[not_regular]='ln -s "$0" {target}/lib.so'
		[not_library]='echo text >{target}/lib.so'
		[too_large]='cp "$0" {target}/lib.so; truncate -s 2G {target}/lib.so'
	)
	for level in $levels; do
		for result in "${!makes[@]}"; do
			take $level --artifact-max 1M sh -c "${makes[$result]}" \
			    "$library"
			assert_success
			assert_output --partial "cc-sandbox: cannot take 'target/lib.so': it "
			assert_equal "$(report .artifact)" $result
			assert [ -n "$(report '.artifact_error // ""')" ]
			assert [ ! -e dir/artifact ]
		done
	done
}

@test "a symlinked directory, a FIFO or a device does not come out" {
	for made in 'mkfifo {target}/lib.so' 'ln -s /dev/zero {target}/lib.so' \
	    'mkdir {target}/lib.so'; do
		take bwrap sh -c "$made"
		assert_equal "$(report .artifact)" not_regular
	done
	run bwrap_level --dir dir --ro "$library" --out target/d/lib.so=dir/artifact \
	    sh -c 'mkdir /tmp/d; cp "$0" /tmp/d/lib.so; ln -s /tmp/d {target}/d' \
	    "$library"
	assert_equal "$(report .artifact)" not_regular
	assert [ ! -e dir/artifact ]
}

# others RESULT...: of the files after the first one, in their order.
others() {
	assert_equal "$(report '[.others[].artifact] | join(" ")')" "$*"
}

@test "several files come out, libraries and others, each by its own rules" {
	for level in $levels; do
		rm -f dir/artifact first second
		run ${level}_level --dir dir --ro "$library" \
		    --out target/lib.so=dir/artifact --out-any target/d/text=first \
		    --out target/d/text=second --out-any target/none=third \
		    sh -c 'cp "$0" {target}/lib.so; mkdir {target}/d
			echo text >{target}/d/text' "$library"
		assert_success
		assert_output "$(printf '%s\n' \
		    "cc-sandbox: cannot take 'target/d/text': it is not an ELF shared object of this machine" \
		    "cc-sandbox: cannot take 'target/none': it was not made")"
		cmp dir/artifact "$library"
		assert_equal "$(cat first)" text
		assert [ ! -e second ]
		assert [ ! -e third ]
		assert_equal "$(report .artifact)" taken
		others taken not_library missing
		assert_equal "$(report '[.others[].path] | join(" ")')" \
		    'd/text d/text none'
		assert_equal "$(report '.others[0] | .artifact_bytes, .artifact_error')" \
		    $'5\nnull'
	done
}

@test "what is first and missing keeps nothing behind it, and is no cargo's" {
	run cc-sandbox --dir dir --out target/lib.so=dir/artifact \
	    --out-any target/text=text sh -c 'echo text >{target}/text'
	assert_success
	assert_output "cc-sandbox: cannot take 'target/lib.so': it was not made"
	assert_equal "$(report '"\(.artifact) \(.artifact_error)"')" \
	    'missing was not made'
	assert_equal "$(cat text)" text
	# Without a library at all.
	run cc-sandbox --dir dir --out-any target/text=more \
	    sh -c 'echo more >{target}/text'
	refute_output
	assert_equal "$(report '"\(.artifact) \(.artifact_bytes) \(.others)"')" \
	    'taken 5 null'
}

@test "no file of any kind comes out by a way that is none for a library" {
	echo secret >secret
	for level in $levels; do
		run ${level}_level --dir dir --out-any target/link=a \
		    --out-any target/up/secret=b --out-any target/fifo=c \
		    --out-any target/directory=d --out-any target/../../secret=e \
		    --out-any target/null=f --out-any target/good=g \
		    sh -c 'cd {target} && ln -s "$0" link && ln -s "$1" up &&
			mkfifo fifo && mkdir directory && ln -s /dev/null null &&
			echo good >good' "$PWD/secret" "$PWD"
		assert_success
		assert_equal "$(report .artifact)" not_regular
		others not_regular not_regular not_regular not_regular \
		    not_regular taken
		assert_equal "$(ls -A | grep -vx warnings | xargs)" 'dir g secret'
		rm g
	done
}

@test "all files together are as large as asked, and no larger" {
	local made='head -c 600 /dev/zero >{target}/a; head -c 300 /dev/zero >{target}/b
	    : >{target}/empty'
	local files=(--out-any target/a=a --out-any target/a=again
	    --out-any target/b=b --out-any target/empty=empty)
	run cc-sandbox --dir dir --artifact-max 900 "${files[@]}" sh -c "$made"
	assert_success
	assert_output "cc-sandbox: cannot take 'target/a': it is larger than an artifact may be"
	assert_equal "$(report .artifact)" taken
	others too_large taken taken
	assert_equal "$(stat -c %s a b empty | xargs)" '600 300 0'
	assert [ ! -e again ]
}

@test "no two files go to one place, and none to the report's" {
	mkdir other
	ln -s . here
	local second
	for second in out ./out here/out "$PWD/out" .out.new .//out; do
		run cc-sandbox --out-any target/a=out --out-any "target/b=$second" \
		    touch ran
		assert_failure 100
		assert_output "cc-sandbox: cannot bring out '$second': another file is written there"
	done
	run cc-sandbox --out target/a=.out.new --out-any target/b=out true
	assert_failure 100
	run cc-sandbox --out target/a=absent/x --out target/b=absent/x true
	assert_failure 100
	for second in dir/sandbox.json here/dir/sandbox.json dir/.sandbox.json.new; do
		run cc-sandbox --dir dir --out-any "target/a=$second" true
		assert_failure 100
		assert_output "cc-sandbox: cannot bring out '$second': another file is written there"
	done
	# The same name elsewhere is another file.
	run cc-sandbox --dir dir --out-any target/a=out \
	    --out-any target/a=other/out --out-any target/a=sandbox.json \
	    sh -c 'echo a >{target}/a'
	assert_success
	assert_equal "$(cat out other/out sandbox.json | xargs)" 'a a a'
}

@test "of a command that failed or was killed no further file is asked for" {
	run cc-sandbox --dir dir --out target/a=a --out-any target/b=b \
	    sh -c 'echo b >{target}/b; exit 3'
	assert_failure 3
	refute_output
	assert_equal "$(report .artifact)" not_asked
	others not_asked
	assert [ ! -e b ]
	rm dir/sandbox.json
	cc-sandbox --sandbox off --dir dir --out target/a=a --out-any target/b=b \
	    sleep 60323 3>&- &
	until_true 60 test -e dir/sandbox.json
	assert_equal "$(report .artifact)" pending
	others pending
	kill $!
	wait $! || :
	others pending
}

@test "a command that failed brings nothing out" {
	for level in $levels; do
		take $level sh -c 'cp "$0" {target}/lib.so; exit 3' "$library"
		assert_failure 3
		assert_equal "$(report .artifact)" not_asked
		assert [ ! -e dir/artifact ]
	done
}

@test "where the file cannot go is this host's failure" {
	run cc-sandbox --dir dir --ro "$library" --out target/lib.so=absent/x \
	    sh -c 'cp "$0" {target}/lib.so' "$library"
	assert_success
	assert_output --partial 'No such file or directory'
	assert_equal "$(report .artifact)" failed
}

@test "who goes on writing after the command is dead before the copy" {
	for level in $levels; do
		take $level sh -c 'cp "$0" {target}/lib.so
		    setsid sh -c "while :; do echo bad >{target}/lib.so
			cp $0 {target}/lib.so; done" >/dev/null 2>&1 &
		    setsid -f sleep 4711 >/dev/null 2>&1
		    (trap "" TERM HUP; sleep 4711) >/dev/null 2>&1 &
		    exit 0' "$library"
		assert_success
		run pgrep -u "$(id -u)" -f '^sleep 4711'
		assert_failure
	done
}

# ---- scratch and signals

@test "scratch lies beside the trusted directory, for our user alone, and goes" {
	for level in landlock none; do
		run ${level}_level --dir dir stat -c '%n %a' '{target}' /.
		assert_line "$PWD/dir.scratch/target 700"
		assert [ ! -e dir.scratch ]
		run ${level}_level sh -c 'mkdir -p {target}/a/b; touch {target}/a/b/c
		    chmod 000 {target}/a/b {target}/a; echo {target}'
		assert [ ! -e "${output##*$'\n'}" ]
	done
	# What a killed run left does not stand in the way.
	mkdir -p dir.scratch/target/old
	run none_level --dir dir ls '{target}'
	assert_success
	refute_output
}

@test "a signal to us ends the command and cleans up, at every level" {
	for level in $levels; do
		mkfifo began
		${level}_level --dir dir --ro "$PWD" \
		    sh -c 'echo began; exec sleep 4712' >began 2>/dev/null &
		local line pid status
		read -r line <began
		pid=$(pgrep -u "$(id -u)" -n -f '^cc-sandbox .*sleep 4712')
		kill -TERM "$pid"
		status=0
		wait $! || status=$?
		assert_equal $status 143
		run pgrep -u "$(id -u)" -f '^sleep 4712'
		assert_failure
		assert [ ! -e dir.scratch ]
		# How the command would have ended is not known.
		assert_equal "$(report .artifact)" pending
		rm began
	done
}

@test "the command does not outlive a killed sandbox" {
	mkfifo began
	cc-sandbox sh -c 'echo began; exec sleep 4713' >began &
	local line
	read -r line <began
	kill -KILL $!
	until_true 10 bash -c '! pgrep -f "^sleep 4713"'
}

# ---- source, target directory

@test "a writable source is a copy, at every level" {
	mkdir -p source/sub
	echo old >source/sub/file
	for level in $levels; do
		run ${level}_level --source source --writable-source -- \
		    sh -c 'cd {source} && echo new >sub/file && touch x && cat sub/file'
		assert_success
		assert_output new
	done
	assert_equal "$(cat source/sub/file) $(ls source)" 'old sub'
	run bwrap_level --source source --writable-source --target-size 64K \
	    sh -c 'echo began'
	assert_output began
	head -c 1M /dev/zero >source/large
	run bwrap_level --dir dir --source source --writable-source \
	    --target-size 64K sh -c 'echo began'
	assert_failure 100
	refute_line began
	assert_line 'cc-sandbox: a writable copy of the source takes 1052672 bytes of the target directory, and --target-size is 65536'
	assert_equal "$(report '[.started, .refused]|tostring')" '[false,true]'
	# One that has room for it, and for nothing else.
	run bwrap_level --dir dir --source source --writable-source \
	    --target-size 1052672 sh -c 'echo began'
	assert_output began
	assert_equal "$(report .refused)" null
	# What keeps the copy from being made is not its size.
	chmod 000 source/sub
	run bwrap_level --dir dir --source source --writable-source \
	    sh -c 'echo began'
	chmod 700 source/sub
	assert_failure 111
	assert_line 'cc-sandbox: cannot copy the source into the target directory'
	assert_equal "$(report .refused)" null
}

@test "a writable source has the times of what it was copied from" {
	mkdir -p source/sub
	echo x >source/sub/file
	touch -d @981173106.123456789 source/sub/file source/sub source
	for level in $levels; do
		run ${level}_level --source source --writable-source -- \
		    sh -c 'cd {source} && stat -c %.9Y . sub sub/file'
		assert_success
		assert_equal "$(sort -u <<<"$output")" 981173106.123456789
	done
}

@test "a kept target directory shows the next command what the last one left" {
	mkdir kept
	for level in $levels; do
		run ${level}_level --target-dir kept sh -c 'ls {target}; : >{target}/'$level
		assert_success
	done
	assert_output $'bwrap\nlandlock'
	assert_equal "$(ls kept | xargs)" 'bwrap landlock none'
}
