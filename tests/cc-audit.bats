# SPDX-License-Identifier: Apache-2.0

load helper
load outcome/build

with_database

prepare_file() {
	build_helper "$BATS_FILE_TMPDIR/kill_at" \
	    "$SUITE_ROOT/tests/outcome/kill_at.c"
}

# Most of it is about the log alone; with_database says where it is not.
setup() {
	export CLOACINA_COMPILER_AUDIT_LOG=$BATS_TEST_TMPDIR/compiler.log
	log=$CLOACINA_COMPILER_AUDIT_LOG
	unset DATABASE_URL
	id=$(new_uuid) token=$(new_uuid) instance=$(new_uuid)
	write_claim flow 1.0.0
}

with_database() {
	rm -r "$dir"
	new_queue
	new_build "$@"
}

# written [MEMBERS]: cc-complete wrote the verdict.
recorded_as() {
	put record "\"answer\":\"$1\",\"outcome\":\"$2\",
	    \"exit_status\":${3:-null},\"exit_signal\":${4:-null},
	    \"reason\":${5:-null},\"artifact_sha256\":null,
	    \"artifact_bytes\":null"
}

# field NAME: of the last line.
field() {
	tail -n 1 "$log" | jq -r --arg name "$1" '.[$name]'
}

# events TYPE: how many of them the log has for this claim.
events() {
	grep -F "\"claim_token\":\"$token\"" "$log" |
	    grep -cF "\"event_type\":\"compiler.build.$1\""
}

trail() {
	sql "SELECT $1 FROM (SELECT * FROM build_audit
	    WHERE claim_token = '$token' ORDER BY id) events"
}

holds() {
	run cc-audit-verify "$log"
	assert_success
}

@test "a wrong call ends with 100 and one line" {
	run cc-audit started
	assert_failure 100
	assert_output 'usage: cc-audit [options] event dir'
	run cc-audit ended "$dir"
	assert_failure 100
	assert_output "cc-audit: bad event 'ended': want started or finished"
	run cc-audit $'\e[1m' "$dir"
	assert_output "cc-audit: bad event '\\x1b[1m': want started or finished"
	run env -u HOME -u CLOACINA_COMPILER_AUDIT_LOG cc-audit started "$dir"
	assert_failure 100
	assert_output 'cc-audit: cannot find the audit log: want --audit-log, --home or $HOME'
	run cc-audit --database-wait-s never started "$dir"
	assert_failure 100
	assert [ ! -e "$log" ]
}

@test "a directory that is none ends with 111" {
	run cc-audit started "$BATS_TEST_TMPDIR/absent"
	assert_failure 111
	assert_output "cc-audit: cannot open '$BATS_TEST_TMPDIR/absent': No such file or directory"
	rm "$dir/claim.json"
	run cc-audit started "$dir"
	assert_failure 111
	assert_output "cc-audit: cannot read '$dir/claim.json': No such file or directory"
}

@test "started has the guide's fields in the guide's order, then ours" {
	unpacked rust
	run cc-audit started "$dir"
	assert_success
	refute_output
	assert_equal "$(jq -c keys_unsorted "$log")" \
	    '["timestamp","level","event_type","build_claim_id","package_name","package_version","cargo_toml_hash","cargo_lock_hash","compiler_instance_id","attempt","claim_token","prev"]'
	assert_equal "$(jq -c '[.level, .event_type, .build_claim_id,
	    .package_name, .package_version, .cargo_toml_hash,
	    .cargo_lock_hash, .compiler_instance_id, .attempt,
	    .claim_token]' "$log")" \
	    "[\"INFO\",\"compiler.build.started\",\"$id\",\"flow\",\"1.0.0\",\"$toml_hash\",\"$lock_hash\",\"$instance\",1,\"$token\"]"
	run field timestamp
	assert_output --regexp \
	    '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{6}Z$'
}

@test "started without an unpacked archive says <absent> and <none>" {
	cc-audit started "$dir"
	assert_equal "$(field cargo_toml_hash)" '<absent>'
	assert_equal "$(field cargo_lock_hash)" '<none>'
}

@test "finished has all of started, then the guide's, then ours" {
	exited 101
	recorded_as failed failed 101 null '"broken"'
	cc-audit started "$dir"
	cc-audit finished "$dir"
	assert_equal "$(tail -n 1 "$log" | jq -c keys_unsorted)" \
	    '["timestamp","level","event_type","build_claim_id","package_name","package_version","cargo_toml_hash","cargo_lock_hash","compiler_instance_id","outcome","exit_status","exit_signal","wall_clock_ms","failure_reason","attempt","claim_token","sandbox_level","artifact_sha256","artifact_bytes","memory_peak_bytes","max_rss_bytes","killed","sandbox_ro","sandbox_setenv","prev"]'
	assert_equal "$(tail -n 1 "$log" | jq -c 'map_values(type)
	    | to_entries | map(select(.value != "string").key)')" \
	    '["wall_clock_ms","attempt","artifact_bytes","memory_peak_bytes","max_rss_bytes","killed"]'
	assert_equal "$(tail -n 1 "$log" | jq -c '[.level, .outcome,
	    .exit_status, .exit_signal, .failure_reason, .sandbox_level,
	    .artifact_sha256, .artifact_bytes, .memory_peak_bytes,
	    .max_rss_bytes, .killed]')" \
	    '["WARN","failed","101","<none>","broken","bwrap","<none>",null,null,1048576,3]'
	assert_equal "$(jq -sc '.[0] as $s | .[1] as $f | $s
	    | del(.timestamp, .level, .event_type, .prev)
	    | to_entries | map(select($f[.key] != .value))' "$log")" '[]'
	holds
}

@test "what the operator let into the sandbox is told, but no value" {
	exited 101
	put sandbox '"level":"bwrap","started":true,"artifact":"not_asked"'
	recorded_as failed failed 101 null '"broken"'
	cc-audit finished "$dir"
	assert_equal "$(tail -n 1 "$log" | jq -c '[.sandbox_ro, .sandbox_setenv]')" \
	    '["<none>","<none>"]'
	rm "$dir"/*.json "$log"*
	token=$(new_uuid)
	write_claim flow 1.0.0
	exited 101
	put sandbox '"level":"bwrap","started":true,"artifact":"not_asked",
	    "ro":["/opt/a b","/opt/c"],
	    "setenv":["RUSTFLAGS=-C a=b","EMPTY=","ODD"]'
	recorded_as failed failed 101 null '"broken"'
	cc-audit finished "$dir"
	assert_equal "$(tail -n 1 "$log" | jq -r .sandbox_ro)" $'/opt/a b\n/opt/c'
	assert_equal "$(tail -n 1 "$log" | jq -r .sandbox_setenv)" \
	    "RUSTFLAGS=sha256:$(printf %s '-C a=b' | sha256sum | cut -d' ' -f1)
EMPTY=sha256:$(printf '' | sha256sum | cut -d' ' -f1)
ODD=sha256:$(printf '' | sha256sum | cut -d' ' -f1)"
	run cat "$log"
	refute_output --partial 'a=b'
	holds
}

@test "a success names its artifact" {
	succeeded
	put record '"answer":"success","outcome":"success","exit_status":0,
	    "exit_signal":null,"reason":null,"artifact_sha256":"abc",
	    "artifact_bytes":12'
	cc-audit finished "$dir"
	assert_equal "$(tail -n 1 "$log" | jq -c '[.level, .outcome,
	    .exit_status, .exit_signal, .failure_reason, .artifact_sha256,
	    .artifact_bytes]')" \
	    '["INFO","success","0","<none>","<none>","abc",12]'
}

@test "a timeout and a failure of the host are told as such" {
	timed_out
	recorded_as timeout_killed timeout_killed null '"SIGKILL"' '"late"'
	cc-audit finished "$dir"
	assert_equal "$(tail -n 1 "$log" | jq -c '[.level, .outcome,
	    .exit_status, .exit_signal, .failure_reason]')" \
	    '["WARN","timeout_killed","<none>","SIGKILL","late"]'
	rm "$dir"/*.json
	token=$(new_uuid)
	write_claim flow 1.0.0
	recorded_as released internal_error null null '"disk full"'
	cc-audit finished "$dir"
	assert_equal "$(tail -n 1 "$log" | jq -c '[.level, .outcome,
	    .exit_status, .exit_signal, .failure_reason, .sandbox_level,
	    .killed]')" \
	    '["ERROR","internal_error","<none>","<none>","disk full","<none>",null]'
}

@test "what was not written is never told as a success" {
	succeeded
	recorded_as lost success 0
	cc-audit finished "$dir"
	assert_equal "$(field outcome) $(field level)" 'internal_error ERROR'
	assert_equal "$(field failure_reason)" \
	    'claim lost (lost): success was not written'
	assert_equal "$(field artifact_sha256)" '<none>'
}

@test "an unreachable database is told, with the verdict it did not get" {
	failed 'error: broken'
	recorded_as unreachable failed 101 null '"error: broken"'
	cc-audit finished "$dir"
	assert_equal "$(field outcome)" internal_error
	assert_equal "$(field exit_status)" 101
	assert_equal "$(field failure_reason)" \
	    'database unreachable: failed may not be written: error: broken'
}

@test "a completion that did not end is told" {
	failed "$(yes xxxxxxx | head -c 70000)"
	cc-audit finished "$dir"
	assert_equal "$(field outcome)" internal_error
	run field failure_reason
	assert_output --regexp \
	    '^cc-complete left no record: failed may not be written: x*'
	assert [ "${#output}" -lt 3000 ]
}

@test "nothing is told from a report that the verdict calls damaged" {
	exited 101
	sed -i 's/"version":1/"version":2/' "$dir/unpack.json" "$dir/run.json"
	cc-audit finished "$dir"
	assert_equal "$(field failure_reason)" \
	    'cc-complete left no record: internal_error may not be written: unpack.json is damaged'
	assert_equal "$(field cargo_toml_hash)" '<absent>'
	assert_equal "$(field max_rss_bytes)" null
	assert_equal "$(field sandbox_level)" bwrap
}

@test "the wall clock runs from the claim on" {
	local claim
	claim=$(jq -c '.started_boottime_ms -= 61000' "$dir/claim.json")
	echo "$claim" >"$dir/claim.json"
	cc-audit finished "$dir"
	assert [ "$(field wall_clock_ms)" -ge 61000 ]
	assert [ "$(field wall_clock_ms)" -lt 361000 ]
}

@test "a claim from before a reboot took no negative time" {
	local claim
	claim=$(jq -c '.started_boottime_ms = 9000000000000' "$dir/claim.json")
	echo "$claim" >"$dir/claim.json"
	cc-audit finished "$dir"
	assert_equal "$(field wall_clock_ms)" 0
}

@test "finished without started writes both, in order" {
	cc-audit finished "$dir"
	assert_equal "$(jq -r .event_type "$log")" \
	    $'compiler.build.started\ncompiler.build.finished'
	holds
}

@test "run again, nothing comes twice" {
	cc-audit started "$dir"
	cc-audit started "$dir"
	cc-audit finished "$dir"
	cc-audit finished "$dir"
	cc-audit started "$dir"
	assert_equal "$(wc -l <"$log")" 2
}

@test "the log's place: --audit-log, --home, their variables, \$HOME" {
	local home=$BATS_TEST_TMPDIR/home
	mkdir "$home"
	CLOACINA_COMPILER_HOME=$home/b cc-audit --audit-log "$home/a" started "$dir"
	assert [ -s "$home/a" ]
	rm "$dir"/audit*
	unset CLOACINA_COMPILER_AUDIT_LOG
	cc-audit --home "$home/c" started "$dir"
	assert [ -s "$home/c/logs/compiler.log" ]
	rm "$dir"/audit*
	CLOACINA_COMPILER_HOME=$home/b cc-audit started "$dir"
	assert [ -s "$home/b/logs/compiler.log" ]
	rm "$dir"/audit*
	HOME=$home cc-audit started "$dir"
	assert [ -s "$home/.cloacina/logs/compiler.log" ]
}

@test "log and directories are for owner and group, the chain for the owner" {
	log=$BATS_TEST_TMPDIR/new/deep/compiler.log
	(umask 0; cc-audit --audit-log "$log" started "$dir")
	assert_equal "$(stat -c %a "$BATS_TEST_TMPDIR/new" "${log%/*}" "$log" \
	    "$log.chain" | paste -sd' ')" '750 750 640 600'
}

@test "- is stdout, without a chain" {
	run cc-audit --audit-log - finished "$dir"
	assert_success
	assert_equal "$(jq -c '[.event_type, .prev]' <<<"$output")" \
	    $'["compiler.build.started","<none>"]\n["compiler.build.finished","<none>"]'
	run cc-audit --audit-log - finished "$dir"
	refute_output
	assert [ ! -e "$log" ]
}

@test "--audit-tee: each line to stderr, too, and once" {
	run --separate-stderr cc-audit --audit-tee yes started "$dir"
	assert_success
	refute_output
	assert_equal "$stderr" "$(cat "$log")"
	export CLOACINA_COMPILER_AUDIT_TEE=yes
	run --separate-stderr cc-audit finished "$dir"
	assert_equal "$stderr" "$(tail -n +2 "$log")"
	run --separate-stderr cc-audit finished "$dir"
	assert_equal "$stderr" ''
	run cc-audit --audit-tee no finished "$dir"
	refute_output
	run cc-audit --audit-tee maybe finished "$dir"
	assert_failure 100
	assert_output "cc-audit: bad value 'maybe' for --audit-tee: want yes or no"
}

@test "--audit-tee: a log that cannot be written, a stderr that cannot" {
	run cc-audit --audit-tee yes --audit-log /dev/null/log started "$dir"
	assert_failure 111
	assert_line --partial "\"claim_token\":\"$token\""
	cc-audit --audit-tee yes started "$dir" 2>/dev/full
	assert_equal "$(events started)" 1
	cc-audit --audit-tee yes finished "$dir" 2>&-
	assert_equal "$(events finished)" 1
	holds
}

@test "--audit-tee: a reason longer than a journal's line has its end" {
	local long
	long=$(head -c 60000 /dev/zero | tr '\0' '"')
	exited 101
	recorded_as failed failed 101 null "$(jq -n --arg r "$long end" '$r')"
	run --separate-stderr cc-audit --audit-tee yes finished "$dir"
	assert_equal "$(field failure_reason)" "$long end"
	refute [ "$(tail -n 1 <<<"$stderr" | wc -c)" -ge 40000 ]
	run jq -r '.outcome, .failure_reason[-6:], .claim_token' \
	    <<<"$(tail -n 1 <<<"$stderr")"
	assert_output "failed
\"\" end
$token"
}

@test "a closed stdout is told" {
	run bash -c 'cc-audit --audit-log - started "$1" >&-' - "$dir"
	assert_failure 111
	assert_output "cc-audit: cannot write the compiler.build.started event to '-': Bad file descriptor"
}

@test "the guide's recipes find the lines as they stand" {
	exited 139
	recorded_as failed failed null '"SIGSEGV"' '"cargo was killed by SIGSEGV"'
	sed -i 's/"flow"/"my-workflow"/;s/"1.0.0"/"1.2.3"/' "$dir/claim.json"
	cc-audit finished "$dir"
	local other=$dir
	token=$(new_uuid) id=$(new_uuid)
	write_claim other 1.2.3
	recorded_as failed failed 101 null '"SIGKILL \"my-workflow\""'
	cc-audit finished "$dir"
	id=$(jq -r .build_claim_id "$other/claim.json")

	run grep "\"build_claim_id\":\"$id\"" "$log"
	assert_equal "${#lines[@]}" 2
	run bash -c "grep '\"event_type\":\"compiler.build.finished\"' $log \
	    | grep '\"outcome\":\"failed\"' \
	    | grep -E '\"exit_signal\":\"(SIGKILL|SIGSEGV|SIGABRT)\"'"
	assert_equal "${#lines[@]}" 1
	assert_output --partial "$id"
	run bash -c "grep '\"event_type\":\"compiler.build.finished\"' $log \
	    | grep '\"package_name\":\"my-workflow\"' \
	    | grep '\"package_version\":\"1.2.3\"'"
	assert_equal "${#lines[@]}" 1
	assert_output --partial "$id"
}

@test "a hostile name is one line, escaped, and unharmed" {
	local name
	name=$(printf 'a"b\\c\n{"event_type":"x"}\e[31m\x01\x7f\xc2\x9b1m%s%s' \
	    $'\u202e\u2028\ufeff' $'é€\U0001f600\U000e0041')
	with_database "$name" $'1\n2'
	failed 'x'
	cc-complete "$dir"
	run cc-audit finished "$dir"
	assert_success
	assert_equal "$(wc -l <"$log")" 2
	assert_equal "$(field package_name)" "$name"
	assert_equal "$(field package_version)" $'1\n2'
	run grep -cP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]' "$log"
	assert_output 0
	grep -F 'é€😀' "$log"
	assert_equal "$(trail "event ->> 'package_name'" | tail -n 1)" \
	    "$(tail -n 1 <<<"$name")"
	holds
}

@test "the table gets both events, with the hashes of the log's lines" {
	with_database
	failed
	cc-audit started "$dir"
	cc-complete "$dir"
	run cc-audit finished "$dir"
	assert_success
	assert_equal "$(trail 'event_type, build_claim_id, compiler_instance_id')" \
	    "compiler.build.started|$id|$instance
compiler.build.finished|$id|$instance"
	assert_equal "$(trail line_hash)" "$(while read -r line; do
		printf %s "$line" | sha256sum | cut -d' ' -f1
	done <"$log")"
	assert_equal "$(trail event | jq -cS .)" "$(jq -cS . "$log")"
	cc-audit finished "$dir"
	assert_equal "$(trail 'count(*)')" 2
}

@test "finished without started fills the table, too" {
	with_database
	cc-complete "$dir"
	cc-audit finished "$dir"
	assert_equal "$(trail 'event_type, finish_due IS NULL')" \
	    $'compiler.build.started|t\ncompiler.build.finished|t'
}

@test "the tenant's schema is the claim's, or the option's" {
	with_database
	psql -qX -v ON_ERROR_STOP=1 -c 'CREATE SCHEMA tenant' \
	    -v schema=tenant -f "$sql_dir/queue.sql" \
	    -f "$sql_dir/compiler.sql" >/dev/null
	sed -i 's/"schema":null/"schema":"tenant"/' "$dir/claim.json"
	cc-audit started "$dir"
	assert_equal "$(sql 'SELECT count(*) FROM tenant.build_audit')" 1
	cc-audit --tenant-schema public started "$dir"
	assert_equal "$(trail 'count(*)')" 1
}

@test "a database that is away does not keep the log from its line" {
	with_database
	local url=$DATABASE_URL
	DATABASE_URL="host=$BATS_TEST_TMPDIR dbname=x" \
	    run cc-audit --database-wait-s 0.1 finished "$dir"
	assert_failure 111
	assert_equal "${#lines[@]}" 2
	assert_line --index 0 --regexp '^cc-audit: cannot write the compiler\.build\.started event to the database: .*No such file'
	assert_line --index 1 --regexp '^cc-audit: cannot write the compiler\.build\.finished event to the database: '
	assert_equal "$(wc -l <"$log")" 2
	DATABASE_URL=$url run cc-audit finished "$dir"
	assert_success
	assert_equal "$(wc -l <"$log")" 2
	assert_equal "$(trail line_hash | tail -n 1)" \
	    "$(tail -n 1 "$log" | head -c -1 | sha256sum | cut -d' ' -f1)"
}

@test "a URL that is none does not keep the log from its line" {
	DATABASE_URL=nonsense run cc-audit started "$dir"
	assert_failure 111
	assert_output --regexp '^cc-audit: cannot use the database URL: want '
	assert_equal "$(events started)" 1
}

@test "a log that cannot be written does not keep the table from its row" {
	with_database
	touch "$log"
	chmod 400 "$log"
	run cc-audit started "$dir"
	assert_failure 111
	assert_output "cc-audit: cannot write the compiler.build.started event to '$log': Permission denied"
	assert_equal "$(trail 'event_type, line_hash')" 'compiler.build.started|'
	chmod 600 "$log"
	run cc-audit started "$dir"
	assert_success
	assert_equal "$(events started)" 1
	assert_equal "$(trail 'count(*)')" 1
	holds
}

@test "only a regular file of that name is a log" {
	mkfifo "$log"
	run cc-audit started "$dir"
	assert_failure 111
	assert_output --partial ': Invalid argument'
	rm "$log"
	ln -s elsewhere "$log"
	run cc-audit started "$dir"
	assert_failure 111
	assert_output --partial ': Too many levels of symbolic links'
	assert [ ! -e "$BATS_TEST_TMPDIR/elsewhere" ]
	rm "$log"
	mkdir "$log"
	run cc-audit started "$dir"
	assert_failure 111
	assert_output --partial ': Is a directory'
}

@test "a full disk tears a line, the next one proves it" {
	local limit
	for limit in 1 2; do
		while [ "$(stat -c %s "$log" 2>/dev/null || echo 0)" -lt \
		    $((limit * 1024 - 300)) ]; do
			token=$(new_uuid)
			write_claim flow 1.0.0
			cc-audit started "$dir"
		done
		token=$(new_uuid)
		write_claim flow 1.0.0
		run bash -c "ulimit -f $limit; exec cc-audit started '$dir'"
		assert_failure 111
		assert_output --partial ': File too large'
		assert_equal "$(stat -c %s "$log")" $((limit * 1024))
		run cc-audit started "$dir"
		assert_success
		assert_equal "$(events started)" 1
	done
	run --separate-stderr cc-audit-verify "$log"
	assert_success
	assert_equal "$(grep -c 'torn by a crash' <<<"$stderr")" 2
}

@test "a disk that stays full is told each time, and harms no line" {
	cc-audit started "$dir"
	cp "$log" "$BATS_TEST_TMPDIR/before"
	token=$(new_uuid)
	write_claim flow 1.0.0
	local i
	for i in 1 2 3; do
		run bash -c "ulimit -f 0; exec cc-audit started '$dir'"
		assert_failure 111
	done
	cmp "$log" "$BATS_TEST_TMPDIR/before"
	cc-audit started "$dir"
	holds
}

@test "a rotation by mv goes on where the old file ended" {
	cc-audit started "$dir"
	mv "$log" "$log.1"
	cc-audit finished "$dir"
	assert_equal "$(field prev)" \
	    "$(head -c -1 "$log.1" | sha256sum | cut -d' ' -f1)"
	run cc-audit-verify "$log.1" "$log"
	assert_success
	assert_output --partial '2 lines hold, from the first one ever'
	run cc-audit-verify "$log"
	assert_success
	assert_output --partial '1 line holds, after those of an older log'
}

@test "a log that was emptied or removed shows the gap" {
	cc-audit started "$dir"
	: >"$log"
	cc-audit finished "$dir"
	assert [ "$(field prev)" != "$(printf %064d 0)" ]
	rm "$log"
	token=$(new_uuid)
	write_claim flow 1.0.0
	cc-audit started "$dir"
	assert [ "$(field prev)" != "$(printf %064d 0)" ]
}

@test "a lost or damaged chain file is made up for" {
	local damage
	for damage in 'rm' 'truncate -s 0' 'truncate -s 20' 'cp /etc/hostname'; do
		token=$(new_uuid)
		write_claim flow 1.0.0
		cc-audit started "$dir"
		$damage "$log.chain"
		cc-audit finished "$dir"
		holds
	done
	assert_equal "$(wc -l <"$log")" 8
}

# ---- kills ----

# Kills cc-audit finished at its Nth system call, with $dir renewed.
kill_at() {
	"$BATS_FILE_TMPDIR/kill_at" "$1" cc-audit finished "$dir"
}

@test "killed at any system call, run again: each line once, the chain whole" {
	local n=1
	while kill_at "$n"; do
		run cc-audit finished "$dir"
		assert_success
		assert_equal "$(events started) $(events finished)" '1 1'
		token=$(new_uuid)
		write_claim flow 1.0.0
		n=$((n + 1))
	done
	assert [ "$n" -gt 40 ]
	holds
	assert_equal "$(wc -l <"$log")" $((2 * n))
}

@test "killed at every other system call, not run again: the chain holds" {
	local n=1
	while kill_at "$n"; do
		run cc-audit-verify "$log"
		assert [ "$status" = 0 -o ! -s "$log" ]
		token=$(new_uuid)
		write_claim flow 1.0.0
		n=$((n + 2))
	done
	holds
	run sort "$log"
	run uniq -d <<<"$output"
	refute_output
}

@test "killed while the chain file is behind, it falls no further behind" {
	local n=1 old new
	cc-audit started "$dir"
	cp "$log.chain" "$BATS_TEST_TMPDIR/behind"
	old=$dir token=$(new_uuid)
	write_claim flow 1.0.0
	new=$dir dir=$old
	cc-audit finished "$dir"
	cp "$log" "$BATS_TEST_TMPDIR/log"
	dir=$new
	cp "$BATS_TEST_TMPDIR/behind" "$log.chain"
	while kill_at "$n"; do
		holds
		cp "$BATS_TEST_TMPDIR/log" "$log"
		cp "$BATS_TEST_TMPDIR/behind" "$log.chain"
		rm -f "$dir"/audit*
		n=$((n + 2))
	done
	assert [ "$n" -gt 40 ]
}

@test "killed at any system call, run again: table and log agree" {
	local n=1
	with_database
	while kill_at "$n"; do
		cc-audit finished "$dir"
		n=$((n + 2))
		rm -f "$dir"/audit*
		sed -i "s/$token/$(new_uuid)/" "$dir/claim.json"
		token=$(jq -r .claim_token "$dir/claim.json")
	done
	assert [ "$n" -gt 80 ]
	assert_equal "$(sql 'SELECT line_hash FROM build_audit ORDER BY id')" \
	    "$(while read -r line; do
		printf %s "$line" | sha256sum | cut -d' ' -f1
	    done <"$log")"
	assert_equal "$(jq -c '[.claim_token, .event_type]' "$log" |
	    sort | uniq -d)" ''
}

@test "killed and rotated before it is run again: each line once" {
	local n=1
	while kill_at "$n"; do
		[ ! -e "$log" ] || mv "$log" "$log.$((1000 + n))"
		cc-audit finished "$dir"
		cat "$log".[0-9]* "$log" 2>/dev/null \
		    >"$BATS_TEST_TMPDIR/all" || true
		assert_equal "$(grep -cF "\"$token\"" "$BATS_TEST_TMPDIR/all")" 2
		token=$(new_uuid)
		write_claim flow 1.0.0
		n=$((n + 2))
	done
	run cc-audit-verify "$log".[0-9]* "$log"
	assert_success
}

@test "killed at moments of the clock's choice: each line once" {
	local n
	for n in $(seq 30); do
		timeout -s KILL "0.00$((RANDOM % 60 + 10))" \
		    cc-audit finished "$dir" || true
		cc-audit finished "$dir"
		assert_equal "$(events started) $(events finished)" '1 1'
		token=$(new_uuid)
		write_claim flow 1.0.0
	done
	holds
}

@test "a torn line is torn by no rule of its own: any length of it holds" {
	local length size
	cc-audit started "$dir"
	size=$(stat -c %s "$log")
	cp "$log" "$BATS_TEST_TMPDIR/first"
	cp "$log.chain" "$BATS_TEST_TMPDIR/chain"
	token=$(new_uuid)
	write_claim flow 1.0.0
	cc-audit started "$dir"
	cp "$log" "$BATS_TEST_TMPDIR/both"
	for ((length = size; length <= 2 * size; length += 7)); do
		head -c "$length" "$BATS_TEST_TMPDIR/both" >"$log"
		cp "$BATS_TEST_TMPDIR/chain" "$log.chain"
		token=$(new_uuid)
		write_claim flow 1.0.0
		cc-audit started "$dir"
		holds
	done
}

@test "eight writers keep one chain" {
	local writer
	local writers=()
	for writer in 1 2 3 4 5 6 7 8; do
		write_fifty "$writer" 3>&- &
		writers+=($!)
	done
	wait "${writers[@]}"
	assert_equal "$(wc -l <"$log")" 400
	assert_equal "$(jq -r .claim_token "$log" | sort -u | wc -l)" 400
	run cc-audit-verify "$log"
	assert_success
	assert_output --partial '400 lines hold, from the first one ever'
}

write_fifty() {
	local i mine=$BATS_TEST_TMPDIR/writer-$1
	for i in $(seq 50); do
		mkdir "$mine-$i"
		sed "s/$token/$(new_uuid)/" "$dir/claim.json" \
		    >"$mine-$i/claim.json"
		cc-audit started "$mine-$i"
	done
}

@test "the log can be checked while it is written" {
	local writer
	for writer in 1 2 3; do
		write_fifty "$writer" 3>&- &
	done
	until_true 30 test -s "$log"
	while [ "$(wc -l <"$log")" -lt 150 ]; do
		holds
	done
	holds
}
