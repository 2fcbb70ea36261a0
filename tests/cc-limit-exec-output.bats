# SPDX-License-Identifier: Apache-2.0
# cc-limit-exec: output that is kept, output that is passed on, and the report.

load helper
load limit/limit

setup_file() {
	build_hostile
}

setup() {
	start_in_own_directory
}

# Kept in files

@test "small output is kept byte for byte" {
	head -c 100000 /dev/urandom >data
	run -0 limited --stdin data --stdout out --stderr err \
	    sh -c 'printf "no newline" >&2; cat'
	assert_output ''
	cmp data out
	assert_equal "$(<err)" 'no newline'
	run -0 jq -c '[.stdout_bytes, .stdout_dropped, .stderr_bytes,
	    .stderr_dropped]' run.json
	assert_output '[100000,0,10,0]'
	run -0 limited true
	run -0 jq -c '[.stdout_bytes, .stderr_dropped]' run.json
	assert_output '[null,null]'
}

@test "output of just the size that is kept is kept whole, one byte more is not" {
	head -c 4096 /dev/urandom >data
	run -0 limited --output-max 4K --stdin data --stdout out cat
	cmp data out
	printf x >>data
	run -0 limited --output-max 4K --stdin data --stdout out cat
	run -0 jq -c '[.stdout_bytes, .stdout_dropped]' run.json
	assert_output '[4096,1]'
	{
		head -c 2048 data
		printf '\n[1 byte dropped]\n'
		tail -c 2048 data
	} >expected
	cmp expected out
}

@test "a flood without a newline is bounded, the other stream whole" {
	head -c 1000 /dev/urandom >small
	run -0 limited --stdin small --stdout out --stderr err sh -c '
	    cat
	    printf head >&2
	    head -c 30000000 /dev/zero | tr "\\0" x >&2
	    printf tail >&2'
	cmp small out
	run -0 jq -c '[.stdout_bytes, .stdout_dropped, .stderr_bytes,
	    .stderr_dropped]' run.json
	assert_output "[1000,0,1048576,$((30000008 - 1048576))]"
	assert_equal "$(head -c 8 err)" headxxxx
	assert_equal "$(tail -c 8 err)" xxxxtail
	assert_equal "$(sed -n 2p err)" \
	    "[$((30000008 - 1048576)) bytes dropped]"
	assert_equal "$(wc -l <err)" 2
	assert [ "$(stat -c %s err)" -lt 1048640 ]
}

@test "the line about dropped bytes stands alone also after a newline" {
	run -0 limited --output-max 8 --stdout out printf 'abc\n12345wxyz'
	assert_equal "$(<out)" $'abc\n[5 bytes dropped]\nwxyz'
	run -0 limited --output-max 1 --stdout out printf 'abc'
	assert_equal "$(<out)" $'[2 bytes dropped]\nc'
}

@test "output is in the file while the command runs" {
	start_limited --stdout out sh -c 'echo first; while ! [ -e go ]; do
	    sleep 0.01; done; echo last'
	until_true 20 grep -q first out
	: >go
	wait "$runner"
	assert_equal "$(<out)" $'first\nlast'
}

@test "files are emptied first, and follow the umask" {
	echo 'longer than what follows' >out
	umask 027
	run -0 cc-limit-exec --stdout out --stderr err echo new
	assert_equal "$(<out)" new
	assert_equal "$(stat -c %a err)" 640
}

@test "a grandchild that holds the output open is not waited for" {
	run -0 limited --stdout out --stderr err sh -c \
	    "echo said; setsid $sleeper 60 & exit 0"
	is_gone "$sleeper"
	assert_equal "$(<out)" said
	report '.wall_clock_ms < 50000'
}

@test "a stranger who holds the output open and floods it is not waited for" {
	mkfifo opened
	start_limited --stdout out --output-max 64K sh -c \
	    'echo $$ >pid; read -r word <opened'
	until_true 20 test -s pid
	# Several, so that the pipe is never empty.
	strangers=()
	for ((i = 0; i < 8; i++)); do
		cat /dev/zero >"/proc/$(<pid)/fd/1" 3>&- &
		strangers+=($!)
	done
	until_true 20 eval '[ "$(stat -c %s out)" = 32768 ]'
	echo >opened
	until_true 30 test -e run.json
	wait "$runner"
	assert_report exited 0 null
	kill "${strangers[@]}" 2>/dev/null || true
}

@test "--stdout and --stderr want a file each, a regular one" {
	run -100 cc-limit-exec --stdout x --stderr ./x echo began
	assert_output 'cc-limit-exec: --stdout, --stderr and --report need a file each'
	echo old >x
	run -100 cc-limit-exec --stdout x --report x echo began
	assert_output 'cc-limit-exec: --stdout, --stderr and --report need a file each'
	assert_equal "$(<x)" old
	mkfifo fifo
	run -100 cc-limit-exec --stdout /dev/null echo began
	assert_output "cc-limit-exec: cannot write '/dev/null': not a regular file"
	run -111 cc-limit-exec --stdout fifo echo began
	assert_output "cc-limit-exec: cannot write 'fifo': No such device or address"
	run -111 cc-limit-exec --stdout nowhere/x echo began
	assert_output "cc-limit-exec: cannot write 'nowhere/x': No such file or directory"
	run -0 cc-limit-exec --stdout x --stderr y echo began
	assert_equal "$(<x)" began
	for name in stdout stderr; do
		run -100 cc-limit-exec --$name - echo began
		assert_output "cc-limit-exec: bad value '-' for --$name: want a file; without the option the stream passes through"
	done
	assert [ ! -e - ]
	run -0 cc-limit-exec --stdout ./- echo began
	assert_equal "$(<./-)" began
}

@test "output that does not fit on the disk ends the run, which the report says" {
	run -111 bash -c "ulimit -f 4; exec cc-limit-exec --report run.json \
	    --rlimit-procs 20000 --rlimit-fsize 1M --stdout out sh -c '
	    head -c 1000000 /dev/zero; $sleeper 60'"
	assert_output "cc-limit-exec: cannot keep the command's output: File too large"
	is_gone "$sleeper"
	assert_equal "$(jq -r '.outcome, .error' run.json)" "setup_failed
cannot keep the command's output: File too large"
	assert [ ! -e .run.json.new ]
}

# The report

@test "a report that does not fit on the disk is an error, and no report" {
	run -111 bash -c 'ulimit -f 0; exec cc-limit-exec --report run.json \
	    --rlimit-fsize 1 true'
	assert_output "cc-limit-exec: cannot write 'run.json': File too large"
	assert [ ! -e run.json ]
	assert [ ! -e .run.json.new ]
}

@test "a report can only be a regular file" {
	mkdir directory
	run -111 cc-limit-exec --report directory echo began
	assert_output "cc-limit-exec: cannot write 'directory': Is a directory"
	mkfifo fifo
	run -100 cc-limit-exec --report fifo echo began
	assert_output "cc-limit-exec: cannot write 'fifo': not a regular file"
	run -111 cc-limit-exec --report nowhere/x echo began
	assert_output "cc-limit-exec: cannot write 'nowhere/x': No such file or directory"
	run -0 cc-limit-exec --report directory/x echo began
	assert [ -s directory/x ]
}

@test "a report that is - is the last line of stdout" {
	run -7 cc-limit-exec --report - sh -c 'echo first; exit 7'
	assert_line --index 0 first
	printf '%s\n' "${lines[1]}" >run.json
	assert_report exited 7 null
	assert [ ! -e - ]
	# Apart from what the command wrote, where that has a file.
	cc-limit-exec --report - --stdout out echo first >run.json
	assert_report exited 0 null
	assert_equal "$(<out)" first
	run -100 sh -c 'exec cc-limit-exec --report - echo began >&-'
	assert_output "cc-limit-exec: bad value '-' for --report: it is not open for writing"
	run -111 sh -c 'exec cc-limit-exec --report - true >/dev/full'
	assert_output 'cc-limit-exec: cannot write the report: No space left on device'
}

@test "a report goes to a descriptor, which the command does not inherit" {
	cc-limit-exec --report-fd 7 sh -c 'echo out; [ ! -e /proc/self/fd/7 ]' \
	    7>&1 >out | tee run.json >/dev/null
	assert_report exited 0 null
	assert_equal "$(<out)" out
	# With the descriptor it would have failed.
	run -1 sh -c '[ ! -e /proc/self/fd/7 ]' 7>&1
	# A command that could not be run is reported there, too.
	run -127 sh -c 'cc-limit-exec --report-fd 3 ./none 3>run.json'
	assert_report exec_failed null null
	run -111 sh -c 'exec cc-limit-exec --report-fd 3 true 3>/dev/full'
	assert_output 'cc-limit-exec: cannot write the report: No space left on device'
}

@test "a descriptor that no report can be written to is refused" {
	for fd in -1 0 1 2 x 4294967299; do
		run -100 cc-limit-exec --report-fd=$fd echo began
		assert_output "cc-limit-exec: bad value '$fd' for --report-fd: want a whole number from 3 to 2147483647"
	done
	run -100 cc-limit-exec --report-fd 77 echo began
	assert_output "cc-limit-exec: bad value '77' for --report-fd: it is not open for writing"
	run -100 sh -c 'exec cc-limit-exec --report-fd 7 echo began 7</dev/null'
	assert_output "cc-limit-exec: bad value '7' for --report-fd: it is not open for writing"
	run -100 sh -c 'exec cc-limit-exec --report-fd 7 --report run.json \
	    echo began 7>&1'
	assert_output 'cc-limit-exec: there is one report: give --report or --report-fd'
	run -100 sh -c 'exec cc-limit-exec --report - --report-fd 7 echo began 7>&1'
	assert_output 'cc-limit-exec: there is one report: give --report or --report-fd'
}

@test "a report waits for a descriptor that is full and does not block" {
	run -0 perl -MFcntl -e '
	    pipe R, W;
	    fcntl W, F_SETFL, O_WRONLY | O_NONBLOCK;
	    fcntl W, F_SETFD, 0;
	    1 while syswrite W, "\n" x 4096;
	    if (fork == 0) {
		close R;
		exec @ARGV[0..2], fileno W, "touch", "done"
	    }
	    close W;
	    select undef, undef, undef, 0.01 until -e "done";
	    print <R>' "$program" --rlimit-procs=20000 --report-fd
	grep . <<<"$output" >run.json
	assert_report exited 0 null
}

@test "the report counts what all processes used" {
	run -0 limited sh -c 'take_memory 60; take_memory 20'
	report '.max_rss_bytes >= 60 * 1048576 and
	    .max_rss_bytes < 200 * 1048576 and
	    .cpu_user_ms + .cpu_sys_ms >= 1 and .memory_peak_bytes == null'
}

# Passed on

@test "without a report or a file, nothing stands between" {
	run -0 cc-limit-exec readlink /proc/self/fd/1
	assert_output --regexp '^pipe:'
	cc-limit-exec readlink /proc/self/fd/1 >file
	assert_equal "$(<file)" "$PWD/file"
}

@test "a command that is silent for too long is killed" {
	run -124 limited --idle-timeout-s 0.3 "$sleeper" 60
	assert_report idle_timeout null SIGKILL
	run -124 cc-limit-exec --idle-timeout-s 0.3 "$sleeper" 60
	assert_output 'cc-limit-exec: no output for 0.3 s, killed the command'
	run -124 limited --idle-timeout-s 0.3 --stdout out --stderr err \
	    "$sleeper" 60
	assert_report idle_timeout null SIGKILL
	is_gone "$sleeper"
}

@test "output on either stream, kept or passed on, counts as life" {
	# First only one, then only the other, each for longer than is allowed.
	run -0 limited --idle-timeout-s 4 --stdout out sh -c '
	    for i in 1 2 3 4; do echo x; sleep 1.2; done
	    for i in 1 2 3 4; do echo y >&2; sleep 1.2; done'
	assert_output $'y\ny\ny\ny'
	assert_equal "$(wc -l <out)" 4
}

# holds BYTES: whether they are ready on stdin (FIONREAD).
holds() {
	perl -e '$n = pack "i", 0; ioctl STDIN, 0x541B, $n or die;
	    exit unpack("i", $n) < $ARGV[0]' "$1"
}

@test "output that is watched is passed on byte for byte" {
	head -c 3000000 /dev/urandom >data
	# A reader who begins when the pipe is full.
	limited --idle-timeout-s 60 --stdin data cat | {
		until_true 20 holds 65536
		cat >through
	}
	cmp data through
	run -0 jq -c '[.stdout_bytes, .stdout_dropped, .stderr_bytes]' run.json
	assert_output '[3000000,0,0]'
	# To a regular file, from where it stands.
	echo before >file
	limited --idle-timeout-s 60 --stdin data cat >>file
	cmp <(echo before; cat data) file
	{ echo before; limited --idle-timeout-s 60 --stdin data cat; } >file
	cmp <(echo before; cat data) file
}

@test "output that is watched goes to a socket, too" {
	head -c 3000000 /dev/urandom >data
	perl -MSocket -e '
	    socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die;
	    if (fork == 0) {
		close A; open STDOUT, ">&B"; exec @ARGV;
	    }
	    close B; print while <A>; wait' \
	    cc-limit-exec --report run.json --idle-timeout-s 60 \
	    --stdin data cat >through
	cmp data through
}

@test "the inherited descriptor stays blocking" {
	mkfifo fifo
	cat fifo >read &
	exec 7>fifo
	limited --idle-timeout-s 60 sh -c 'echo x' >&7
	# O_NONBLOCK is 04000.
	run -0 awk '/^flags/ { print substr($2, length($2) - 3, 1) }' /proc/$$/fdinfo/7
	exec 7>&-
	assert_output 0
}

@test "a reader who never reads does not keep the runner from the clock" {
	mkfifo fifo
	# Read and write: the reader is there, and reads nothing.
	exec 7<>fifo
	run -124 bash -c 'exec cc-limit-exec --report run.json --timeout-s 1 \
	    --grace-s 0.1 --idle-timeout-s 60 cat /dev/zero >&7'
	exec 7>&-
	assert_report timeout null SIGKILL
	report '.stdout_dropped > 0'
}

@test "a reader who has gone gives the command SIGPIPE" {
	run -0 bash -c "limited() { cc-limit-exec --report run.json \"\$@\"; }
	    limited --idle-timeout-s 60 yes | head -n 1"
	assert_output y
	assert_report signaled null SIGPIPE
}
