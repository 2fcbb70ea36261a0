# SPDX-License-Identifier: Apache-2.0

load helper
load outcome/build

# Ten lines by the real writer, once for the file.
setup_file() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	id=$(new_uuid) instance=$(new_uuid)
	unset DATABASE_URL
	for _ in 1 2 3 4 5; do
		token=$(new_uuid)
		write_claim flow 1.0.0
		cc-audit --audit-log "$BATS_FILE_TMPDIR/log" finished "$dir"
	done
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	cp "$BATS_FILE_TMPDIR"/log{,.chain} .
}

# append [COUNT]: so many more builds of two lines each.
append() {
	local _
	id=$(new_uuid) instance=$(new_uuid)
	for _ in $(seq "${1:-1}"); do
		token=$(new_uuid)
		write_claim flow 1.0.0
		DATABASE_URL='' cc-audit --audit-log log finished "$dir"
	done
}

# hash N: of the Nth line of the log.
hash() {
	sed -n "${1}p" log | head -c -1 | sha256sum | cut -d' ' -f1
}

holds() {
	run --separate-stderr cc-audit-verify "${@:-log}"
	assert_success
}

# found LINE...: these are the findings, as lines of the log.
found() {
	local number
	run --separate-stderr cc-audit-verify log
	assert_failure 1
	assert_equal "$(sed -n 's/^log:\([0-9]*\): .*/\1/p' <<<"$output" |
	    paste -sd' ')" "$*"
	assert_equal "${#lines[@]}" $#
}

does_not_follow='does not follow the line before it: that one was changed, or lines between them are missing or moved'

@test "a whole log holds, and says what it covers" {
	holds
	assert_output "10 lines hold, from the first one ever; newest $(hash 10)"
	assert_equal "$stderr" ''
}

@test "a log on stdin is -, and one line is one" {
	tail -n 1 log >last
	run cc-audit-verify - <last
	assert_success
	assert_output "1 line holds, after those of an older log; newest $(hash 10)"
	run cc-audit-verify --chain log.chain - <log
	assert_success
	assert_output "10 lines hold, from the first one ever; newest $(hash 10)"
}

@test "a wrong call ends with 100 and one line" {
	run cc-audit-verify
	assert_failure 100
	assert_output 'usage: cc-audit-verify [options] file ...'
	run cc-audit-verify --expect "$(hash 1)0" log
	assert_failure 100
	assert_output 'cc-audit-verify: bad value for --expect: want the 64 lower-case hexadecimal digits of a SHA-256'
	run cc-audit-verify --expect "${does_not_follow:0:64}" log
	assert_failure 100
}

@test "what cannot be opened or read ends with 111" {
	run cc-audit-verify absent
	assert_failure 111
	assert_output "cc-audit-verify: cannot open 'absent': No such file or directory"
	run cc-audit-verify absent log
	assert_failure 111
	run cc-audit-verify .
	assert_failure 111
	assert_output "cc-audit-verify: cannot read '.': Is a directory"
	run cc-audit-verify --chain absent log
	assert_failure 111
	assert_output "cc-audit-verify: cannot open 'absent': No such file or directory"
}

@test "what is no audit log ends with 100" {
	local file
	printf 'x\0y' >binary
	printf '{"level":"INFO"}\n' >other
	for file in /etc/passwd binary other; do
		run cc-audit-verify "$file"
		assert_failure 100
		assert_output "cc-audit-verify: '$file' is not an audit log"
		run cc-audit-verify log "$file"
		assert_failure 100
	done
}

@test "a log of stdout has no chain to check" {
	DATABASE_URL='' append 0
	token=$(new_uuid)
	write_claim flow 1.0.0
	DATABASE_URL='' cc-audit --audit-log - started "$dir" >other
	run cc-audit-verify other
	assert_failure 100
	assert_output "cc-audit-verify: 'other' is an audit log without a chain"
}

@test "a changed line is found by the one after it, whatever was changed" {
	local line
	for line in 1 5 9; do
		cp "$BATS_FILE_TMPDIR/log" .
		sed -i "${line}s/1\.0\.0/1.0.1/" log
		found $((line + 1))
		assert_output "log:$((line + 1)): $does_not_follow"
	done
	cp "$BATS_FILE_TMPDIR/log" .
	sed -i '4s/}$/ }/' log # not even the JSON changed
	found 5
}

@test "a changed last line is found by the chain file" {
	sed -i '10s/1\.0\.0/1.0.1/' log
	found 10
	assert_output "log:10: is the end, but 'log.chain' names another line as the newest: lines are missing, or it was changed"
}

@test "a changed prev is found where it is, and after it" {
	sed -i '5s/"prev":"./"prev":"x/' log
	found 5 6
}

@test "a removed line is found" {
	sed -i 5d log
	found 5
	assert_output "log:5: $does_not_follow"
	cp "$BATS_FILE_TMPDIR/log" .
	sed -i 3,6d log
	found 3
}

@test "a cut end is found by the chain file" {
	sed -i 10d log
	found 9
	cp "$BATS_FILE_TMPDIR/log" .
	sed -i 4,10d log
	found 3
}

@test "a cut end is found by a hash that was kept elsewhere" {
	local kept
	kept=$(hash 8)
	rm log.chain
	holds --expect "$kept" log
	sed -i 8,10d log
	holds
	run cc-audit-verify --expect "$kept" log
	assert_failure 1
	assert_output "log:7: is the end, and no line has the hash $kept"
}

@test "a cut beginning shows as an older log's" {
	sed -i 1,2d log
	holds
	assert_output --partial '8 lines hold, after those of an older log'
}

@test "a log that was emptied is found by the chain file" {
	: >log
	found 0
	rm log.chain
	holds
	assert_output --partial '0 lines hold'
}

@test "inserted lines are found, each kind as what it is" {
	sed -i '5i some text' log
	found 5
	assert_output 'log:5: is not a line of an audit log'
	cp "$BATS_FILE_TMPDIR/log" .
	sed -i '5i\\' log
	found 5
	cp "$BATS_FILE_TMPDIR/log" .
	sed -i 1i# log
	found 2
	assert_output 'log:2: stands after lines of no audit log'
	cp "$BATS_FILE_TMPDIR/log" .
	sed -i 5p log # a copy of line 5
	found 6
	cp "$BATS_FILE_TMPDIR/log" .
	sed -i "5a{\"timestamp\":\"x\",\"prev\":\"$(hash 5)\"}" log
	found 7
	assert_output 'log:7: follows the line before the last one, which was inserted'
}

@test "a forged torn line is found" {
	sed -i '5i {"timestamp":"2026' log
	found 6
	assert_output 'log:6: follows the line before the last one, which was inserted'
}

@test "a forged last line is found, as soon as there are two" {
	printf '{"timestamp":"x","prev":"%s"}\n' "$(hash 10)" >>log
	holds
	assert_equal "$stderr" \
	    "cc-audit-verify: 'log.chain' is one line behind: a writer was killed"
	printf '{"timestamp":"x","prev":"%s"}\n' "$(hash 11)" >>log
	found 12
}

@test "lines that were exchanged are found" {
	sed -i -n '4{h;d};5{p;g};p' log
	found 4 5 6
}

@test "an overlong line is found, and costs no memory" {
	head -c 100000000 /dev/zero | tr '\0' x >>log
	run bash -c 'ulimit -v 40000; exec cc-audit-verify log'
	assert_failure 1
	assert_output 'log:11: is not a line of an audit log'
}

@test "a torn line is a warning where the chain proves it" {
	printf '{"timestamp":"2026-11-23T21:26:0' >>log
	holds
	assert_equal "$stderr" \
	    'cc-audit-verify: log:11: torn by a crash or a full disk'
	append
	holds
	assert_output --partial '13 lines hold, from the first one ever'
	assert_equal "$stderr" \
	    'cc-audit-verify: log:11: torn by a crash or a full disk'
}

@test "a torn line that was changed or removed is found" {
	printf '{"timestamp":"2026-11-23T21:26:0' >>log
	append
	cp log torn
	sed -i '11s/$/1/' log
	found 12
	cp torn log
	sed -i 11d log
	found 11
}

@test "a torn first line is proved by the log before it" {
	mv log log.1
	printf '{"timestamp":"2026' >log
	append
	holds log.1 log
	assert_output --partial '13 lines hold, from the first one ever'
	found 2
	assert_output 'log:2: follows a torn line that only the log before it could prove'
	rm log log.chain
	printf '{"timestamp":"2026' >log
	append
	holds # the first one ever has none before it
}

@test "a log cut inside a line is no crash" {
	head -c -20 "$BATS_FILE_TMPDIR/log" >log # half of line 10 is left
	found 10
	append
	found 11
	head -c -2000 "$BATS_FILE_TMPDIR/log" >log
	cp "$BATS_FILE_TMPDIR/log.chain" .
	append
	run --separate-stderr cc-audit-verify log
	assert_failure 1
}

@test "a cut log stays found after more was appended" {
	sed -i 8,10d log
	append
	found 8
	append 3
	found 8
}

@test "rotated logs are one chain, oldest first" {
	mv log log.2
	append 2
	mv log log.1
	append
	holds log.2 log.1 log
	assert_output --partial '16 lines hold, from the first one ever'
	holds log.1 log
	assert_output --partial '6 lines hold, after those of an older log'
	holds log.2
	run cc-audit-verify log.2 log
	assert_failure 1
	assert_output "log:1: $does_not_follow"
	run cc-audit-verify log.1 log.2 log
	assert_failure 1
	sed -i '$d' log.2
	run cc-audit-verify log.2 log.1 log
	assert_failure 1
	assert_output "log.1:1: $does_not_follow"
}

@test "a compressed log can be read from a pipe" {
	mv log log.1
	append
	gzip log.1
	run bash -c 'cc-audit-verify <(zcat log.1.gz) log'
	assert_success
	assert_output --partial '12 lines hold, from the first one ever'
}

@test "the chain file may be elsewhere" {
	mv log.chain other
	sed -i 10d log
	run cc-audit-verify --chain other log
	assert_failure 1
	assert_output --partial "'other' names another line"
	holds
}

@test "a chain file that cannot be read is a warning, a damaged one, too" {
	chmod 0 log.chain
	holds
	assert_equal "$stderr" \
	    "cc-audit-verify: cannot open 'log.chain', the newest line is not checked: Permission denied"
	chmod 600 log.chain
	echo damage >log.chain
	holds
	assert_equal "$stderr" \
	    "cc-audit-verify: 'log.chain' holds no hash, the newest line is not checked"
}

@test "a full stdout is told" {
	run bash -c 'cc-audit-verify log >/dev/full'
	assert_failure 111
	assert_output 'cc-audit-verify: cannot write to stdout: No space left on device'
}

@test "every single byte of the log counts" {
	local at size
	size=$(stat -c %s log)
	for ((at = 0; at < size; at += 97)); do
		cp "$BATS_FILE_TMPDIR/log" .
		printf '\001' | dd of=log bs=1 seek="$at" conv=notrunc status=none
		run cc-audit-verify log
		assert [ "$status" -ne 0 ]
	done
}
