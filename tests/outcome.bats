# SPDX-License-Identifier: Apache-2.0
# lib/build/outcome.c: each row of the verdict's table, and which file overrules
# which. lib/build/classify.c: what cargo says, real and noted down.

load helper

setup_file() {
	build_helper "$BATS_FILE_TMPDIR/verdict" \
	    "$SUITE_ROOT/tests/outcome/verdict.c"
}

setup() {
	dir=$BATS_TEST_TMPDIR/dir
	mkdir "$dir"
}

# put FILE JSON-MEMBERS: a report in the directory.
put() {
	printf '{"version":1,%s}\n' "$2" >"$dir/$1.json"
}

# A directory whose build ended as the members of run.json say.
built() {
	put unpack '"language":"rust","library_name":"flow"'
	put run "$1"
	put sandbox '"level":"bwrap","started":true,"artifact":"missing"'
}

exited() {
	built "\"outcome\":\"exited\",\"exit_status\":$1,\"exit_signal\":null"
}

succeeded() {
	exited 0
	printf artifact >"$dir/artifact"
	put sandbox '"started":true,"artifact":"taken","artifact_bytes":8'
}

# verdict FILTER: a member of the verdict, or what jq makes of it.
verdict() {
	"$BATS_FILE_TMPDIR/verdict" "$dir" | jq -r "$1"
}

# is OUTCOME REASON [STATUS [SIGNAL]]
is() {
	assert_equal "$(verdict .outcome)" "$1"
	assert_equal "$(verdict .reason)" "$2"
	assert_equal "$(verdict .exit_status)" "${3:--1}"
	assert_equal "$(verdict .exit_signal)" "${4:-}"
}

counts() {
	assert_equal "$(verdict .was_killed)" true
}

counts_not() {
	assert_equal "$(verdict .was_killed)" false
}

@test "an empty directory is this host's failure" {
	is internal_error 'the archive was not unpacked'
	counts_not
}

@test "an archive that could not be fetched for good is a failure" {
	put fetch '"refusal":"archive not found in the registry"'
	is failed 'archive not found in the registry'
}

@test "an archive that cannot be had is not the package's failure" {
	put fetch '"unavailable":"cannot open it"'
	is internal_error 'the archive cannot be had: cannot open it'
	counts_not
}

@test "an archive that was refused is a failure" {
	put unpack '"language":"<none>","refusal":"entry \u0027../x\u0027: no"'
	is failed "archive refused: entry '../x': no"
}

@test "what needs no compiler succeeds without an artifact" {
	put unpack '"language":"python","refusal":null'
	is success null
	assert_equal "$(verdict .has_artifact)" false
}

@test "a language that is not known is a failure, and no empty success" {
	local word
	for word in go Rust python3; do
		put unpack "\"language\":\"$word\",\"refusal\":null"
		is failed "language '$word' is not known: rust and python are"
		counts_not
	done
}

@test "a language that is not named is this host's failure" {
	put unpack '"refusal":null'
	is internal_error 'unpack.json names no language'
}

@test "a build that was not run is this host's failure" {
	put unpack '"language":"rust"'
	is internal_error 'the build was not run'
	counts_not
}

@test "a runner that left its unfinished report was killed: it counts" {
	put unpack '"language":"rust"'
	touch "$dir/.run.json.new"
	is internal_error 'the runner of the build was killed'
	counts
}

@test "a build that had begun and has no report of its run counts" {
	put unpack '"language":"rust"'
	put sandbox '"started":false,"error":"no namespace"'
	is internal_error 'the build was not run'
	counts_not
	for artifact in pending missing; do
		put sandbox "\"started\":true,\"artifact\":\"$artifact\""
		is internal_error 'the runner of the build was killed'
		counts
	done
	echo '{' >"$dir/sandbox.json"
	is internal_error 'sandbox.json is damaged'
}

@test "a timeout is timeout_killed, and names the limit" {
	built '"outcome":"timeout","exit_status":null,"exit_signal":"SIGKILL",
	    "timeout_ms":600000,"wall_clock_ms":600017'
	is timeout_killed 'timed out after 600 s' -1 SIGKILL
}

@test "a limit of less than a second is named, too" {
	built '"outcome":"timeout","timeout_ms":500'
	is timeout_killed 'timed out after 0.5 s'
}

@test "a build without output is timeout_killed, and what it said is kept" {
	built '"outcome":"idle_timeout","wall_clock_ms":31240'
	echo '   Compiling flow v1.0.0' >"$dir/stderr"
	is timeout_killed \
	    $'timed out after 31.2 s, without output\n   Compiling flow v1.0.0'
}

@test "a timeout before the sandbox stood is a timeout" {
	put unpack '"language":"rust"'
	put run '"outcome":"timeout","timeout_ms":2000'
	is timeout_killed 'timed out after 2 s'
}

@test "limits that could not be set are this host's failure" {
	built '"outcome":"setup_failed","error":"cannot make a pipe"'
	is internal_error 'the limits could not be set: cannot make a pipe'
	counts_not
}

@test "a sandbox that could not be run is this host's failure" {
	built '"outcome":"exec_failed","error":null'
	is internal_error \
	    'the sandbox could not be run: run.json does not say why'
}

@test "a runner that was asked to stop is no failure of the package" {
	built '"outcome":"interrupted"'
	is internal_error 'the runner was asked to stop'
}

@test "a sandbox without a report is this host's failure" {
	exited 101
	rm "$dir/sandbox.json"
	is internal_error 'the sandbox left no report'
	counts_not
}

@test "a sandbox that was killed before its report counts as an attempt" {
	local outcome
	for outcome in signaled cpu_limit; do
		built "\"outcome\":\"$outcome\",\"exit_signal\":\"SIGKILL\""
		rm "$dir/sandbox.json"
		is internal_error 'the sandbox left no report'
		counts
	done
}

@test "a sandbox that could not be set up is this host's failure" {
	exited 1
	put sandbox '"started":false,"error":"cannot make a user namespace"'
	is internal_error \
	    'the sandbox could not be set up: cannot make a user namespace'
	counts_not
}

@test "a sandbox that this package alone can never have is its failure" {
	exited 100
	put sandbox '"started":false,"refused":true,"error":"a copy is too large"'
	is failed 'a copy is too large'
	put sandbox '"started":false,"refused":false,"error":"a copy failed"'
	is internal_error 'the sandbox could not be set up: a copy failed'
}

@test "what used up its CPU time failed" {
	built '"outcome":"cpu_limit","exit_status":null,"exit_signal":"SIGXCPU"'
	is failed 'cargo used up its CPU time' -1 SIGXCPU
}

@test "what ran out of memory failed" {
	built '"outcome":"oom","exit_status":null,"exit_signal":"SIGKILL",
	    "limits":{"cgroup_mem":{"effective":6442450944}}'
	is failed 'out of memory: the build used more than 6G' -1 SIGKILL
	echo 'last words' >"$dir/stderr"
	is failed $'out of memory: the build used more than 6G\nlast words' \
	    -1 SIGKILL
	# The sandbox may have died with the rest.
	rm "$dir/sandbox.json"
	is failed $'out of memory: the build used more than 6G\nlast words' \
	    -1 SIGKILL
}

@test "what died of a signal failed, and the last words are kept" {
	exited 139
	echo 'last words' >"$dir/stderr"
	is failed $'cargo was killed by SIGSEGV\nlast words' -1 SIGSEGV
}

@test "a sandbox that was killed itself, also after its report, counts" {
	succeeded
	put run '"outcome":"signaled","exit_status":null,"exit_signal":"SIGKILL"'
	is internal_error 'the sandbox was killed by SIGKILL' -1 SIGKILL
	counts
}

@test "a cc-unpack that was killed counts as an attempt" {
	is internal_error 'the archive was not unpacked'
	counts_not
	mkdir "$dir/.source.new"
	is internal_error 'cc-unpack was killed'
	counts
	mv "$dir/.source.new" "$dir/source"
	is internal_error 'cc-unpack was killed'
	counts
}

@test "128 + n is a signal's name and no exit status" {
	local n name
	for n in $(seq 1 31); do
		name=SIG$(kill -l "$n")
		[ "$name" != SIGIO ] || name=SIGPOLL # two names for one
		exited $((128 + n))
		is failed "cargo was killed by $name" -1 "$name"
	done
}

@test "neither 128 nor 160 is a signal" {
	exited 128
	is failed 'cargo failed with exit status 128' 128
	exited 160
	is failed 'cargo failed with exit status 160' 160
}

@test "an exit status other than 0 is a failure, with cargo's words" {
	exited 101
	printf 'warning: x\nerror: could not compile `flow`\n\n' >"$dir/stderr"
	is failed $'warning: x\nerror: could not compile `flow`' 101
}

@test "a failure without words names the exit status" {
	exited 101
	: >"$dir/stderr"
	is failed 'cargo failed with exit status 101' 101
	rm "$dir/stderr"
	is failed 'cargo failed with exit status 101' 101
}

@test "exit status 0 and an artifact are a success" {
	succeeded
	is success null 0
	assert_equal "$(verdict .has_artifact)" true
}

@test "an artifact that is not what came out is this host's failure" {
	succeeded
	echo more >>"$dir/artifact"
	is internal_error 'the artifact is not what was brought out' 0
	rm "$dir/artifact"
	is internal_error 'the artifact is not what was brought out' 0
	ln -s unpack.json "$dir/artifact"
	is internal_error 'the artifact is not what was brought out' 0
}

@test "each kind of bad artifact fails with its own reason" {
	exited 0
	is failed 'libflow.so was not made: either Cargo.toml has no [lib] crate-type = ["cdylib"], or the worker'"'s cargo flags build no library" 0
	put sandbox '"started":true,"artifact":"not_regular"'
	is failed 'libflow.so is not a readable regular file' 0
	put sandbox '"started":true,"artifact":"too_large"'
	is failed 'libflow.so is larger than an artifact may be' 0
	truncate -s 1023M "$dir/artifact"
	put sandbox '"started":true,"artifact":"taken","artifact_bytes":1072693248'
	assert_equal "$(verdict .outcome)" success
	truncate -s $(((1023 << 20) + 1)) "$dir/artifact"
	put sandbox '"started":true,"artifact":"taken","artifact_bytes":1072693249'
	is failed 'the library has 1072693249 bytes, PostgreSQL holds 1072693248 at the most' 0
	rm "$dir/artifact"
	put sandbox '"started":true,"artifact":"not_library"'
	is failed 'libflow.so is not an ELF shared object of this machine' 0
}

@test "a failure says what the package brought along and the build ignored" {
	exited 101
	echo 'error: cannot find OPENSSL_DIR' >"$dir/stderr"
	put unpack '"language":"rust","library_name":"flow",
	    "ignored":["its config is not read","its\u001b crates"]'
	is failed $'error: cannot find OPENSSL_DIR\nnote: its config is not read\nnote: its\ufffd crates' 101
	echo 'error: no matching package named `absent` found' >"$dir/stderr"
	is failed $'dependencies not available offline: absent\nnote: its config is not read\nnote: its\ufffd crates' 101
	# However long the output: the notes are at its end.
	head -c 100000 /dev/zero | tr '\0' x >"$dir/stderr"
	assert_equal "$(verdict .reason | tail -n 2 | head -n 1)" \
	    'note: its config is not read'
	# Where no library was made a setting of the config may be why.
	put run '"outcome":"exited","exit_status":0,"exit_signal":null'
	assert_equal "$(verdict .reason | sed -n 2p)" \
	    'note: its config is not read'
	# It is no reason of a timeout, and a damaged list is none.
	rm "$dir/stderr"
	put run '"outcome":"timeout","timeout_ms":2000'
	is timeout_killed 'timed out after 2 s'
	put run '"outcome":"exited","exit_status":101,"exit_signal":null'
	echo 'error: x' >"$dir/stderr"
	put unpack '"language":"rust","library_name":"flow","ignored":[1,{}]'
	is failed 'error: x' 101
	put unpack '"language":"rust","library_name":"flow","ignored":"x"'
	is failed 'error: x' 101
}

@test "an artifact that could not be copied is this host's failure" {
	exited 0
	put sandbox '"started":true,"artifact":"failed",
	    "artifact_error":"No space left on device"'
	is internal_error \
	    'the artifact could not be brought out: No space left on device' 0
	put sandbox '"started":true,"artifact":"not_asked"'
	is internal_error 'the artifact could not be brought out: not_asked' 0
}

@test "a sandbox's report of its beginning is no report of its end" {
	exited 0
	put sandbox '"started":true,"artifact":"pending"'
	is internal_error 'the sandbox left no report'
	counts
	put run '"outcome":"exited","exit_status":111,"stragglers":2'
	put sandbox '"started":true,"artifact":"pending",
	    "error":"cannot end all processes"'
	is internal_error \
	    'the sandbox left no report: cannot end all processes'
	counts
	# Nor is one from before it.
	put sandbox '"started":false,"artifact":"pending"'
	is internal_error 'the sandbox left no report'
	counts_not
	put run '"outcome":"signaled","exit_status":null,"exit_signal":"SIGKILL"'
	is internal_error 'the sandbox left no report'
	counts
	put run '"outcome":"timeout","timeout_ms":2000'
	is timeout_killed 'timed out after 2 s'
}

@test "a superseded build failed, whatever it did" {
	succeeded
	put ended '"why":"superseded","signal":null'
	is failed 'superseded by a newer version'
}

@test "a chain that was killed counts as an attempt" {
	succeeded
	put ended '"why":"killed","signal":"SIGSEGV"'
	is internal_error "the build's chain was killed by SIGSEGV"
	counts
}

@test "a worker that was asked to stop retries at once, uncounted" {
	put ended '"why":"interrupted","signal":null'
	is internal_error 'the worker was asked to stop'
	counts_not
	assert_equal "$(verdict .interrupted)" true
}

@test "a lost claim is not the package's failure" {
	exited 101
	put ended '"why":"lost","signal":null'
	is internal_error 'claim lost'
	counts_not
}

@test "what is written overrules all else" {
	succeeded
	put ended '"why":"killed","signal":"SIGKILL"'
	put record '"answer":"failed","outcome":"failed","exit_status":101,
	    "exit_signal":null,"reason":"it was so"'
	is failed 'it was so' 101
	assert_equal "$(verdict .is_written)" true
}

@test "what was not written overrules nothing" {
	local answer
	exited 101
	for answer in lost swept given_up superseded unreachable success; do
		put record "\"answer\":\"$answer\",\"outcome\":\"failed\",
		    \"reason\":\"it was so\""
		is failed 'cargo failed with exit status 101' 101
		assert_equal "$(verdict .is_written)" false
	done
}

@test "a build given back is written when it was released" {
	put record '"answer":"released","outcome":"internal_error",
	    "exit_status":null,"exit_signal":null,"reason":"disk full"'
	is internal_error 'disk full'
	assert_equal "$(verdict .is_written)" true
}

@test "a damaged file is this host's failure, whichever it is" {
	local name damage
	for name in record ended fetch unpack run sandbox; do
		for damage in '' '{' '[]' '{}' '{"version":2}' 'x' '{"a":1,"a":2}'; do
			exited 101
			printf '%s' "$damage" >"$dir/$name.json"
			is internal_error "$name.json is damaged"
			rm "$dir/$name.json"
		done
		exited 101
		rm -f "$dir/$name.json"
		mkfifo "$dir/$name.json"
		is internal_error "$name.json is damaged"
		rm "$dir/$name.json"
	done
}

@test "a run that ended as nobody knows is this host's failure" {
	built '"outcome":"evaporated"'
	is internal_error 'run.json is damaged'
	built '"outcome":"exited"'
	is internal_error 'run.json is damaged'
	built '"outcome":"exited","exit_status":4294967296'
	is internal_error 'run.json is damaged'
	built '"outcome":7'
	is internal_error 'run.json is damaged'
}

@test "an end that nobody knows is this host's failure" {
	exited 101
	put ended '"why":"bored"'
	is internal_error 'ended.json is damaged'
}

@test "a signal's name is only taken where it is one" {
	built '"outcome":"exited","exit_status":7,"exit_signal":"\u001b[31m"'
	is failed 'cargo failed with exit status 7' 7
	built '"outcome":"exited","exit_status":7,
	    "exit_signal":"SIGABCDEFGHIJKLMNOP"'
	is failed 'cargo failed with exit status 7' 7
}

@test "ten megabytes of junk become at most 64 KiB of clean text" {
	exited 101
	openssl enc -aes-128-ctr -pass pass:junk -nosalt -pbkdf2 \
	    </dev/zero 2>/dev/null | head -c 10000000 >"$dir/stderr"
	verdict .reason | head -c -1 >"$BATS_TEST_TMPDIR/reason"
	run stat -c %s "$BATS_TEST_TMPDIR/reason"
	assert [ "$output" -le 65536 ]
	assert [ "$output" -ge 65500 ]
	run iconv -f UTF-8 -t UTF-8 "$BATS_TEST_TMPDIR/reason"
	assert_success
	run grep -cP '[\x00-\x08\x0b-\x1f\x7f]' "$BATS_TEST_TMPDIR/reason"
	assert_output 0
}

@test "a long output keeps its tail, and the line of ours before it" {
	exited 137
	{ yes 'x' | head -c 200000; printf END; } >"$dir/stderr"
	verdict .reason | head -c -1 >"$BATS_TEST_TMPDIR/reason"
	assert_equal "$(stat -c %s "$BATS_TEST_TMPDIR/reason")" 65536
	assert_equal "$(head -1 "$BATS_TEST_TMPDIR/reason")" \
	    'cargo was killed by SIGKILL'
	assert_equal "$(tail -c 3 "$BATS_TEST_TMPDIR/reason")" END
}

@test "a character is never cut in two" {
	local pad
	exited 101
	for pad in '' x xx xxx; do
		{ yes '€' | tr -d '\n' | head -c 90000; printf %s "$pad"; } \
		    >"$dir/stderr"
		verdict .reason | head -c -1 >"$BATS_TEST_TMPDIR/reason"
		run grep -q $'\xef\xbf\xbd' "$BATS_TEST_TMPDIR/reason"
		assert_failure
		run iconv -f UTF-8 -t UTF-8 "$BATS_TEST_TMPDIR/reason"
		assert_success
	done
}

@test "each message of cargo 1.65 and 1.95 gives its reason" {
	local message count=0
	exited 101
	for message in "$SUITE_ROOT"/tests/outcome/messages/*; do
		tail -n +2 "$message" >"$dir/stderr"
		is failed "$(head -1 "$message")" 101
		count=$((count + 1))
	done
	assert [ "$count" -ge 28 ]
}

@test "all missing crates are named once, in their order" {
	local name
	exited 101
	for name in zeta alpha zeta b_c; do
		echo "error: no matching package named \`$name\` found"
	done >"$dir/stderr"
	is failed 'dependencies not available offline: zeta, alpha, b_c' 101
}

@test "a hundred missing crates are named, and that there are more" {
	exited 101
	seq -f 'error: no matching package named `c%g` found' 150 >"$dir/stderr"
	verdict .reason >"$BATS_TEST_TMPDIR/reason"
	run grep -o ', ' "$BATS_TEST_TMPDIR/reason"
	assert_equal "${#lines[@]}" 100
	run cat "$BATS_TEST_TMPDIR/reason"
	assert_output --regexp ', c100, \.\.\.$'
}

@test "a name that is none is shown escaped and cut" {
	exited 101
	printf 'error: no matching package named `a\e[31m\xff\t%0300d` found\n' \
	    0 >"$dir/stderr"
	verdict .reason >"$BATS_TEST_TMPDIR/reason"
	run cat "$BATS_TEST_TMPDIR/reason"
	assert_output --regexp \
	    '^dependencies not available offline: a\\x1b\[31m\\xff\\t0+\.\.\.$'
	assert [ "${#output}" -lt 260 ]
}

@test "an unfinished line of cargo's is only a tail" {
	exited 101
	printf 'error: no matching package named `half' >"$dir/stderr"
	is failed 'error: no matching package named `half' 101
	printf 'error: no matching package named `` found' >"$dir/stderr"
	is failed 'error: no matching package named `` found' 101
}

@test "an older cargo that may not download names the crate" {
	exited 101
	printf '%s\n\n%s\n  %s\n' 'error: failed to download `libc v0.2.1`' \
	    'Caused by:' \
	    'attempting to make an HTTP request, but --offline was specified' \
	    >"$dir/stderr"
	is failed 'dependencies not available offline: libc v0.2.1' 101
}

@test "a path dependency that is missing keeps cargo's words" {
	exited 101
	printf '%s\n\n%s\n  %s\n' 'error: failed to get `x` as a dependency' \
	    'Caused by:' 'failed to load source for dependency `x`' \
	    >"$dir/stderr"
	run verdict .reason
	assert_line --index 0 'error: failed to get `x` as a dependency'
}

# ---- real cargo ----

# crate [DEPENDENCY-LINE]: a crate, with a vendor directory that holds itoa.
crate() {
	mkdir -p "$BATS_TEST_TMPDIR/vendor" "$BATS_TEST_TMPDIR/crate/src" \
	    "$BATS_TEST_TMPDIR/home"
	cp -rL /usr/share/cargo/registry/itoa-1* "$BATS_TEST_TMPDIR/vendor/itoa"
	cat >"$BATS_TEST_TMPDIR/home/config.toml" <<-EOF
	[source.crates-io]
	replace-with = "vendored"
	[source.vendored]
	directory = "$BATS_TEST_TMPDIR/vendor"
	EOF
	printf '%s\n' '[package]' 'name = "flow"' 'version = "1.0.0"' \
	    '[dependencies]' "${1:-}" >"$BATS_TEST_TMPDIR/crate/Cargo.toml"
	: >"$BATS_TEST_TMPDIR/crate/src/lib.rs"
}

in_cargo() {
	env -i PATH=/usr/bin:/bin HOME="$BATS_TEST_TMPDIR" \
	    CARGO_HOME="$BATS_TEST_TMPDIR/home" \
	    CARGO_TARGET_DIR="$BATS_TEST_TMPDIR/target" \
	    /usr/bin/cargo "$@" --offline \
	    --manifest-path "$BATS_TEST_TMPDIR/crate/Cargo.toml"
}

# Builds as the chain does; what came of it is in the directory.
compile() {
	local status=0
	in_cargo build --release --lib --frozen 2>"$dir/stderr" || status=$?
	exited "$status"
}

@test "real cargo: a missing crate" {
	crate 'no-such-crate = "1"'
	compile
	is failed 'dependencies not available offline: no-such-crate' 101
}

@test "real cargo: a version that is not vendored" {
	crate 'itoa = "77"'
	compile
	is failed 'dependencies not available offline: `itoa = "^77"`' 101
}

@test "real cargo: no lock file" {
	crate
	compile
	is failed 'Cargo.lock is missing or needs an update, and --frozen forbids it: commit an up-to-date Cargo.lock' 101
}

@test "real cargo: a git source" {
	crate 'x = { git = "https://example.com/x.git" }'
	compile
	is failed 'git dependencies are not available offline: https://example.com/x.git' 101
}

@test "real cargo: a vendored file that was changed" {
	crate 'itoa = "1"'
	in_cargo generate-lockfile
	jq -c '.files = {"src/lib.rs": ("0" * 64)}' \
	    "$BATS_TEST_TMPDIR/vendor/itoa/.cargo-checksum.json" \
	    >"$BATS_TEST_TMPDIR/sums"
	mv "$BATS_TEST_TMPDIR/sums" \
	    "$BATS_TEST_TMPDIR/vendor/itoa/.cargo-checksum.json"
	compile
	is failed "vendored file was changed, its checksum differs: $BATS_TEST_TMPDIR/vendor/itoa/src/lib.rs" 101
}

@test "real cargo: a lock file with another checksum" {
	crate 'itoa = "1"'
	in_cargo generate-lockfile
	sed -i 's/^checksum = ".*"/checksum = "'"$(printf %064d 0)"'"/' \
	    "$BATS_TEST_TMPDIR/crate/Cargo.lock"
	compile
	run verdict .reason
	assert_output --regexp \
	    "^vendored crate's checksum differs from Cargo.lock's: itoa v1"
}

@test "real cargo: no vendor directory" {
	crate 'itoa = "1"'
	in_cargo generate-lockfile
	rm -r "$BATS_TEST_TMPDIR/vendor"
	compile
	is failed "vendor directory cannot be read: $BATS_TEST_TMPDIR/vendor" 101
}

@test "real cargo: code that does not compile keeps rustc's words" {
	crate
	echo 'fn f() -> u8 { "no" }' >"$BATS_TEST_TMPDIR/crate/src/lib.rs"
	in_cargo generate-lockfile
	compile
	run verdict .reason
	assert_output --partial 'mismatched types'
	assert_output --partial 'could not compile `flow`'
}

@test "real cargo: what a build script prints only labels its own failure" {
	crate
	cat >"$BATS_TEST_TMPDIR/crate/build.rs" <<-'EOF'
	fn main() {
	    eprintln!("error: no matching package named `liar` found");
	    std::process::exit(1)
	}
	EOF
	in_cargo generate-lockfile
	compile
	is failed 'dependencies not available offline: liar' 101
}
