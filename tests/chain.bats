# SPDX-License-Identifier: Apache-2.0
# The whole chain on a real PostgreSQL with real cargo: one claim at a time.

load helper
load packages

with_database

prepare_file() {
	make_vendor_directory
}

setup() {
	new_queue
	export CLOACINA_COMPILER_HOME=$BATS_TEST_TMPDIR/home
	export CLOACINA_COMPILER_AUDIT_LOG=$BATS_TEST_TMPDIR/log/compiler.log
}

# One build in the foreground.
build() {
	run cc-claim --finally cc-build-end -- cc-build
	assert_success
}

assert_nothing_left() {
	run find "$CLOACINA_COMPILER_HOME/build-tmp" -mindepth 1
	assert_output ''
}

@test "a crate with real dependencies becomes a shared library in its row" {
	package=$BATS_TEST_TMPDIR/greeter-1.0.0
	cp -r "$SUITE_ROOT/tests/packages/greeter" "$package"
	lock_crate
	queue_package
	build
	assert_equal "$(row build_status)" success
	assert_equal "$(row build_error)" ''
	sql "SELECT encode(compiled_data, 'base64') FROM workflow_packages" |
	    base64 -d >"$BATS_TEST_TMPDIR/greeter.so"
	cc -o "$BATS_TEST_TMPDIR/call" "$SUITE_ROOT/tests/packages/call.c"
	run "$BATS_TEST_TMPDIR/call" "$BATS_TEST_TMPDIR/greeter.so" \
	    '{"name":"you","times":1}'
	assert_output '{"greeting":"hello you","letters":"9"}'
	assert_equal "$(event finished artifact_sha256)" \
	    "$(sha256sum <"$BATS_TEST_TMPDIR/greeter.so" | cut -d' ' -f1)"
	assert_equal "$(event finished outcome)" success
	assert_equal "$(event finished exit_status)" 0
	assert_equal "$(event finished exit_signal)" '<none>'
	assert_equal "$(event finished failure_reason)" '<none>'
	assert_equal "$(event started cargo_toml_hash)" \
	    "$(sha256sum <"$package/Cargo.toml" | cut -d' ' -f1)"
	assert_equal "$(event started cargo_lock_hash)" \
	    "$(sha256sum <"$package/Cargo.lock" | cut -d' ' -f1)"
	assert_nothing_left
}

# weaken LEVEL: no more than that can be had from here on.
weaken() {
	case $1 in
	landlock)
		mkdir "$BATS_TEST_TMPDIR/no-bwrap"
		ln -s /usr/bin/* "$BATS_TEST_TMPDIR/no-bwrap/"
		rm "$BATS_TEST_TMPDIR/no-bwrap/bwrap"
		PATH=$SUITE_ROOT/build/bin:$BATS_TEST_TMPDIR/no-bwrap
		# From here on it counts the user's, other tests' too.
		export CLOACINA_COMPILER_BUILD_RLIMIT_PROCS=4096
		export CLOACINA_COMPILER_SANDBOX=preferred ;;
	none) export CLOACINA_COMPILER_SANDBOX=off ;;
	esac
}

@test "the same packages end in the same way at every level" {
	local level name
	declare -A reasons=([greeter]='^$' [broken]='mismatched types'
	    [missing-crate]='^dependencies not available offline: ')
	for name in "${!reasons[@]}"; do
		package=$BATS_TEST_TMPDIR/$name-1.0.0
		cp -r "$SUITE_ROOT/tests/packages/$name" "$package"
		[ "$name" = missing-crate ] || lock_crate
	done
	for level in bwrap landlock none; do
		weaken "$level"
		for name in "${!reasons[@]}"; do
			sql 'DELETE FROM workflow_packages'
			package=$BATS_TEST_TMPDIR/$name-1.0.0
			queue_package
			build
			assert_equal "$(event finished sandbox_level)" "$level"
			[[ $(row build_error) =~ ${reasons[$name]} ]]
		done
	done
}

@test "where no sandbox can be had nothing is compiled, the row is given back" {
	new_crate flow
	with_build_script <<<"std::fs::write(\"$BATS_TEST_TMPDIR/ran\", \"\").unwrap();"
	queue_package
	weaken landlock
	CLOACINA_COMPILER_SANDBOX=required build
	assert_equal "$(row build_status)" pending
	assert_equal "$(event finished outcome)" internal_error
	run event finished failure_reason
	assert_output --partial 'the sandbox could not be set up: cannot run '"'bwrap'"
	assert_equal "$(sql 'SELECT attempts FROM build_claims')" 0
	assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
	# The same package is welcome on a host that has one.
	sql "UPDATE build_claims SET not_before = '-infinity'"
	PATH=$SUITE_ROOT/build/bin:/usr/bin build
	assert_equal "$(event finished outcome)" failed
	assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

# What makes each of them bad is the submitter's to choose.
queue_bad_packages() {
	sql "SET ROLE cloacina_submit;
	INSERT INTO workflow_packages (registry_id, package_name, version,
	    storage_type)
	SELECT gen_random_uuid(), 'bad' || n, '1', CASE n % 5
	    WHEN 0 THEN 'elsewhere' WHEN 1 THEN 'database' ELSE 'filesystem' END
	FROM generate_series(1, 90) n;
	WITH archive AS (
		INSERT INTO workflow_registry (id, data)
		SELECT gen_random_uuid(), 'no archive'
		FROM generate_series(1, 10) RETURNING id
	)
	INSERT INTO workflow_packages (registry_id, package_name, version)
	SELECT id, 'bad' || id, '1' FROM archive"
}

@test "a hundred bad packages in front do not keep a good one waiting" {
	queue_bad_packages
	new_crate good
	queue_package
	cc-claim --forever --check cc-compile --finally cc-build-end -- cc-build \
	    >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	claim=$!
	until_true 200 eval '[ "$(sql "SELECT build_status
	    FROM workflow_packages WHERE package_name = '\''good'\''")" != pending ]'
	until_true 100 eval '[ "$(sql "SELECT build_status
	    FROM workflow_packages WHERE package_name = '\''good'\''")" = success ]'
	kill "$claim"
	wait "$claim" || true
	echo 'no rest, and each of them was tried once before it, none twice'
	run grep 'next build in' "$BATS_TEST_TMPDIR/said"
	refute_output
	run sql "SELECT count(*), count(DISTINCT build_claim_id) FROM build_audit
	    WHERE event_type = 'compiler.build.finished' AND id <
	    (SELECT id FROM build_audit WHERE event_type =
	        'compiler.build.started'
	        AND event ->> 'package_name' = 'good')"
	assert_output '100|100'
}

@test "a crate that the vendor directory lacks is named in the reason" {
	new_crate absent
	printf '[dependencies]\nfoo-that-is-not-there = "1"\n' \
	    >>"$package/Cargo.toml"
	rm "$package/Cargo.lock"
	queue_package
	build
	assert_equal "$(row build_status)" failed
	assert_equal "$(row build_error)" \
	    'dependencies not available offline: foo-that-is-not-there'
	assert_equal "$(event finished failure_reason)" "$(row build_error)"
	assert_equal "$(event finished cargo_lock_hash)" '<none>'
}

@test "a missing lock file is named as what fails, its presence builds" {
	new_crate unlocked
	rm "$package/Cargo.lock"
	queue_package
	build
	assert_equal "$(row build_status)" failed
	run row build_error
	assert_output --partial 'Cargo.lock'
	new_crate locked
	queue_package
	build
	assert_equal "$(row build_status)" success
}

@test "the compiler's words are the reason of a crate that does not compile" {
	new_crate broken
	echo 'pub fn f() -> u32 { "no" }' >"$package/src/lib.rs"
	queue_package
	build
	assert_equal "$(row build_status)" failed
	run row build_error
	assert_output --partial 'mismatched types'
	assert_equal "$(event finished outcome)" failed
	assert_equal "$(event finished exit_status)" 101
}

@test "a Python package succeeds with an empty artifact and without cargo" {
	package=$BATS_TEST_TMPDIR/snake-2.0.0
	mkdir "$package"
	printf '[package]\nname = "snake"\nversion = "2.0.0"\n' \
	    >"$package/package.toml"
	echo 'print()' >"$package/snake.py"
	queue_package
	build
	assert_equal "$(row build_status)" success
	assert_equal "$(row 'length(compiled_data)')" 0
	assert_equal "$(event finished cargo_toml_hash)" '<absent>'
	assert_equal "$(event finished exit_status)" '<none>'
	assert_equal "$(event finished outcome)" success
}

@test "a refused archive fails its row, with both events" {
	mkdir "$BATS_TEST_TMPDIR/evil-1.0.0"
	ln -s /etc/passwd "$BATS_TEST_TMPDIR/evil-1.0.0/passwd"
	package=$BATS_TEST_TMPDIR/evil-1.0.0
	queue_package
	build
	assert_equal "$(row build_status)" failed
	run row build_error
	assert_output --partial 'evil-1.0.0/passwd'
	assert_equal "$(event started cargo_toml_hash)" '<absent>'
	assert_equal "$(event started cargo_lock_hash)" '<none>'
	assert_equal "$(event finished outcome)" failed
	assert_nothing_left
}

@test "a build past its timeout leaves the row to the sweep" {
	local nap=$((1000000 + $$))
	new_crate sleeper
	with_build_script <<-EOF
	std::process::Command::new("setsid").args(["sleep", "$nap"]).status();
	EOF
	queue_package
	CLOACINA_COMPILER_BUILD_TIMEOUT_S=3 build
	assert_equal "$(row build_status)" building
	assert_equal "$(event finished outcome)" timeout_killed
	assert_equal "$(event finished sandbox_level)" bwrap
	run event finished failure_reason
	assert_output --partial 'timed out after 3 s'
	sql "UPDATE workflow_packages
	    SET build_claimed_at = build_claimed_at - interval '1 hour'"
	sql "UPDATE build_claims SET claimed_at = claimed_at - interval '1 hour'"
	run --separate-stderr cc-sweep
	assert_success
	assert_equal "$(row build_status)" pending
	assert_equal "$(row build_error)" '(reset after stale heartbeat)'
	# The sleeper had a session of its own and is gone all the same.
	run pgrep -fx "sleep $nap"
	assert_failure 1
}

foreign_variables() {
	sed -n 's/^ *variable \(.*\)\.$/\1/p' |
	    grep -vE '^(CARGO(_.*)?|DEBUG|HOST|NUM_JOBS|OPT_LEVEL|OUT_DIR)$' |
	    grep -vE '^(PROFILE|RUSTC|RUSTDOC|RUSTC_LINKER|TARGET)$' |
	    grep -vE '^(PATH|HOME|USER|LOGNAME|TERM|LANG|TMPDIR|LD_LIBRARY_PATH)$' |
	    grep -vE '^(RUSTUP_HOME|RUSTUP_TOOLCHAIN|PWD|SSL_CERT_.*)$'
}

@test "a build sees no variable outside the allowlist and no descriptor" {
	export PGPASSWORD=hidden SECRET_TOKEN=hidden LD_LIBRARY_PATH=/hidden
	export MAKEFLAGS=-j9 RUSTFLAGS=-Copt-level=0
	new_crate curious
	with_build_script <<-'EOF'
	for (name, value) in std::env::vars() {
	    eprintln!("variable {}.", name);
	    if value.contains("hidden") { eprintln!("leaked {}", name) }
	}
	for entry in std::fs::read_dir("/proc/self/fd").unwrap() {
	    let path = entry.unwrap().path();
	    eprintln!("descriptor {:?} {:?}", path, std::fs::read_link(&path));
	}
	std::process::exit(1);
	EOF
	queue_package
	build
	assert_equal "$(row build_status)" failed
	run row build_error
	assert_output --partial 'variable CARGO_HOME.'
	refute_output --partial DATABASE_URL
	refute_output --partial 'variable PG'
	refute_output --partial SECRET_TOKEN
	refute_output --partial 'variable MAKEFLAGS'
	refute_output --partial leaked
	refute_output --partial 'variable RUSTFLAGS.'
	refute_output --partial CLOACINA
	# cargo's own: a pair of sockets and the pipe of its job server.
	assert [ "$(grep -c 'descriptor.*socket:' <<<"$output")" -le 2 ]
	refute_output --regexp 'descriptor [^ ]* Ok\("/(home|tmp|var|root)'
	# Beyond cargo's own, only what the guide's allowlist names.
	run foreign_variables <<<"$output"
	assert_output ''
}

@test "a package's own cargo configuration changes nothing" {
	new_crate configured
	mkdir "$package/.cargo"
	cat >"$package/.cargo/config.toml" <<-'EOF'
	[build]
	rustc-wrapper = "/bin/false"
	[source.crates-io]
	replace-with = "elsewhere"
	[source.elsewhere]
	directory = "/nonexistent"
	EOF
	echo 'no-such-toolchain' >"$package/rust-toolchain"
	queue_package
	build
	assert_equal "$(row build_error)" ''
	assert_equal "$(row build_status)" success
}

@test "cargo killed by a signal is found by the guide's recipe" {
	new_crate killer
	with_build_script <<-'EOF'
	let cargo = std::os::unix::process::parent_id().to_string();
	std::process::Command::new("kill").args(["-KILL", &cargo]).status();
	EOF
	queue_package
	build
	assert_equal "$(row build_status)" failed
	assert_equal "$(event finished exit_signal)" SIGKILL
	assert_equal "$(event finished exit_status)" '<none>'
}

@test "the guide's three recipes work as printed" {
	new_crate my-workflow 1.2.3
	with_build_script <<-'EOF'
	let cargo = std::os::unix::process::parent_id().to_string();
	std::process::Command::new("kill").args(["-ABRT", &cargo]).status();
	EOF
	queue_package
	build
	mkdir "$BATS_TEST_TMPDIR/var"
	cp -r "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/var/cloacina"
	cat >"$BATS_TEST_TMPDIR/recipes" <<-EOF
	echo "claim \$(grep '"build_claim_id":"$id"' /var/log/cloacina/compiler.log | wc -l)"
	echo "kills \$(grep '"event_type":"compiler.build.finished"' /var/log/cloacina/compiler.log \\
	  | grep '"outcome":"failed"' \\
	  | grep -E '"exit_signal":"(SIGKILL|SIGSEGV|SIGABRT)"' | wc -l)"
	echo "version \$(grep '"event_type":"compiler.build.finished"' /var/log/cloacina/compiler.log \\
	  | grep '"package_name":"my-workflow"' \\
	  | grep '"package_version":"1.2.3"' | wc -l)"
	EOF
	run bwrap --dev-bind / / --bind "$BATS_TEST_TMPDIR/var" /var/log \
	    sh "$BATS_TEST_TMPDIR/recipes"
	assert_line 'claim 2'
	assert_line 'kills 1'
	assert_line 'version 1'
}

# Runs a build whose script blocks, and kills one program of the chain.
kill_in_the_middle() {
	local nap=$((2000000 + $$))
	new_crate endless
	with_build_script <<-EOF
	std::process::Command::new("sleep").arg("$nap").status();
	EOF
	queue_package
	cc-claim --finally cc-build-end -- cc-build \
	    2>"$BATS_TEST_TMPDIR/said" 3>&- &
	claim=$!
	until_true 60 eval 'pgrep -fx "sleep $nap" >/dev/null'
	if [ "$1" = cc-build ]; then
		victim=$(pgrep -P "$claim" -x cc-build)
	else
		victim=$(pgrep -f "^cc-limit-exec .*$CLOACINA_COMPILER_HOME")
	fi
	kill -KILL "$victim"
	wait "$claim"
	run pgrep -fx "sleep $nap"
	assert_failure 1
	assert_equal "$(row build_status)" pending
	assert_equal "$(sql 'SELECT attempts FROM build_claims')" 1
	assert_equal "$(event started build_claim_id)" "$id"
	assert_equal "$(event finished outcome)" internal_error
	assert_equal "$(grep -c build.finished "$CLOACINA_COMPILER_AUDIT_LOG")" 1
	run cc-audit-verify "$CLOACINA_COMPILER_AUDIT_LOG"
	assert_success
	assert_nothing_left
}

@test "SIGKILL of cc-build ends the build, gives it back and is audited" {
	kill_in_the_middle cc-build
}

@test "SIGKILL of cc-limit-exec ends the build, gives it back and is audited" {
	kill_in_the_middle cc-limit-exec
}

@test "hostile names reach neither shell, terminal nor log unescaped" {
	new_crate plain
	tar -C "$BATS_TEST_TMPDIR" -cjf "$BATS_TEST_TMPDIR/archive" plain-1.0.0
	local name=$'x"; $(touch pwned)\n\e[31m\'--'
	id=$(queue_archive "$BATS_TEST_TMPDIR/archive" "$name" $'1\t"')
	build
	refute_output --partial $'\e'
	assert_equal "$(row build_status)" success
	assert_equal "$(event finished package_name)" "$name"
	assert_equal "$(event finished package_version)" $'1\t"'
	assert_equal "$(wc -l <"$CLOACINA_COMPILER_AUDIT_LOG")" 3
	run find / -xdev -name pwned -newer "$package"
	refute_output --partial pwned
}
