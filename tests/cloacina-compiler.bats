# SPDX-License-Identifier: Apache-2.0
# The driver: every flag of the guide's table, by flag and by variable.

load helper
load packages

with_database

prepare_file() {
	make_vendor_directory
	export VENDOR=$CLOACINA_COMPILER_VENDOR_DIR
	unset CLOACINA_COMPILER_VENDOR_DIR
}

setup() {
	new_queue
	home=$BATS_TEST_TMPDIR/home
	CLOACINA_COMPILER_AUDIT_LOG=$home/logs/compiler.log
	driver=
}

teardown() {
	[ -z "$driver" ] || kill "$driver" 2>/dev/null || true
}

start_driver() {
	cloacina-compiler --home "$home" "$@" >"$BATS_TEST_TMPDIR/out" \
	    2>"$BATS_TEST_TMPDIR/err" 3>&- &
	driver=$!
}

stop_driver() {
	kill "$driver"
	wait "$driver"
	driver=
}

is_status() {
	case " $1 " in *" $(row build_status) "*) return 0 ;; esac
	return 1
}

# drive FLAG...: the driver until the package of $id is no longer pending or
# building.
drive() {
	start_driver "$@"
	until_true 120 is_status 'success failed' || {
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
	stop_driver
}

# A package whose build script fails with what the kernel says of its limits.
queue_limits_printer() {
	new_crate printer
	with_build_script <<-'EOF'
	eprintln!("{}", std::fs::read_to_string("/proc/self/limits").unwrap());
	std::process::exit(1);
	EOF
	queue_package
}

# The soft limit of a name in the printed table.
limit() {
	row build_error | sed -n "s/^ *Max $1  *\([0-9a-z]*\) .*/\1/p"
}

@test "the guide's defaults are the limits of a build" {
	queue_limits_printer
	drive
	assert_equal "$(limit 'cpu time')" 600
	assert_equal "$(limit 'address space')" $((4 << 30))
	assert_equal "$(limit 'open files')" 1024
	assert_equal "$(limit processes)" 256
}

@test "the limits' flags reach the build" {
	queue_limits_printer
	drive --build-rlimit-cpu 77 --build-rlimit-mem 3G \
	    --build-rlimit-files=512 --build-rlimit-procs 200
	assert_equal "$(limit 'cpu time')" 77
	assert_equal "$(limit 'address space')" $((3 << 30))
	assert_equal "$(limit 'open files')" 512
	assert_equal "$(limit processes)" 200
}

@test "the limits' variables reach the build, and a flag wins" {
	queue_limits_printer
	export CLOACINA_COMPILER_BUILD_TIMEOUT_S=88
	export CLOACINA_COMPILER_BUILD_RLIMIT_CPU=66
	export CLOACINA_COMPILER_BUILD_RLIMIT_MEM=2G
	export CLOACINA_COMPILER_BUILD_RLIMIT_FILES=300
	export CLOACINA_COMPILER_BUILD_RLIMIT_PROCS=150
	drive --build-rlimit-files 400
	assert_equal "$(limit 'cpu time')" 66
	assert_equal "$(limit 'address space')" $((2 << 30))
	assert_equal "$(limit 'open files')" 400
	assert_equal "$(limit processes)" 150
}

@test "--ro and --setenv reach the build and the event, and replace the variables" {
	mkdir "$BATS_TEST_TMPDIR/tools"
	echo 42 >"$BATS_TEST_TMPDIR/tools/number"
	new_crate printer
	with_build_script <<-'EOF'
	panic!("number {:?} first {:?} second {:?} old {:?}",
	    std::fs::read_to_string(std::env::var("NUMBER").unwrap()),
	    std::env::var("FIRST"), std::env::var("NUMBER").is_ok(),
	    std::env::var("OLD"));
	EOF
	queue_package
	export CLOACINA_COMPILER_SETENV=OLD=1
	drive --ro "$BATS_TEST_TMPDIR/tools" --setenv FIRST='a b' \
	    --setenv="NUMBER=$BATS_TEST_TMPDIR/tools/number"
	run row build_error
	assert_output --partial \
	    'number Ok("42\n") first Ok("a b") second true old Err(NotPresent)'
	assert_equal "$(event finished sandbox_ro)" "$BATS_TEST_TMPDIR/tools"
	assert_equal "$(event finished sandbox_setenv | grep FIRST)" \
	    "FIRST=sha256:$(printf 'a b' | sha256sum | cut -d' ' -f1)"
	# A wrong one claims nothing.
	run cloacina-compiler --setenv TMPDIR=/x
	assert_failure 100
	assert_output "cc-sandbox: bad value 'TMPDIR' for --setenv: the sandbox sets it"
	run cloacina-compiler --ro $'/opt/a\n/opt/b'
	assert_failure 100
	assert_output 'cloacina-compiler: bad value for --ro: it has more than one line'
}

@test "the CPU limit follows the timeout" {
	queue_limits_printer
	drive --build-timeout-s 99
	assert_equal "$(limit 'cpu time')" 99
}

@test "--build-timeout-s ends a build, and the sweep gives it up" {
	new_crate sleeper
	with_build_script <<-'EOF'
	std::process::Command::new("sleep").arg("3602").status();
	EOF
	queue_package
	drive --build-timeout-s 2 --heartbeat-interval-s 1 \
	    --stale-threshold-s 3 --sweep-interval-s 1 --max-attempts 1
	assert_equal "$(row build_status)" failed
	run row build_error
	assert_output --partial 'given up after 1 attempt'
	assert_equal "$(event finished outcome)" timeout_killed
}

@test "--vendor-dir is the allowlist, by flag and by variable" {
	CLOACINA_COMPILER_VENDOR_DIR=$VENDOR
	new_crate uses-itoa
	printf '[dependencies]\nitoa = "1"\n' >>"$package/Cargo.toml"
	rm "$package/Cargo.lock"
	lock_crate
	queue_package
	unset CLOACINA_COMPILER_VENDOR_DIR
	mkdir "$BATS_TEST_TMPDIR/empty" "$BATS_TEST_TMPDIR/none"
	sed 's|/usr/share/cargo/registry|'"$BATS_TEST_TMPDIR/empty|" \
	    "$VENDOR/config.toml" >"$BATS_TEST_TMPDIR/none/config.toml"
	drive --vendor-dir "$BATS_TEST_TMPDIR/none"
	assert_equal "$(row build_status)" failed
	assert_equal "$(row build_error)" \
	    'dependencies not available offline: itoa'
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	drive --vendor-dir "$VENDOR"
	assert_equal "$(row build_error)" ''
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	CLOACINA_COMPILER_VENDOR_DIR=$VENDOR drive
	assert_equal "$(row build_status)" success
}

@test "--cargo-flag replaces the list, with a warning for what is gone" {
	new_crate profiled
	with_build_script <<-'EOF'
	eprintln!("profile {}.", std::env::var("PROFILE").unwrap());
	std::process::exit(1);
	EOF
	queue_package
	drive --cargo-flag build --cargo-flag --lib --cargo-flag --offline
	run row build_error
	assert_output --partial 'profile debug.'
	run cat "$BATS_TEST_TMPDIR/err"
	assert_output --partial 'warning: the cargo flags lack --frozen'
	refute_output --partial 'lack --offline'
}

@test "a debug build's library is found where cargo puts it" {
	new_crate plain
	queue_package
	drive --cargo-flag build --cargo-flag --lib --cargo-flag --frozen \
	    --cargo-flag --offline
	assert_equal "$(row build_status)" success
	run cat "$BATS_TEST_TMPDIR/err"
	refute_output --partial warning
}

@test "--cargo-extra-flag adds to the list" {
	new_crate featured
	printf '[features]\nloud = []\n' >>"$package/Cargo.toml"
	with_build_script <<-'EOF'
	let loud = std::env::var("CARGO_FEATURE_LOUD").is_ok();
	eprintln!("loud {} {}.", loud, std::env::var("PROFILE").unwrap());
	std::process::exit(1);
	EOF
	queue_package
	drive --cargo-extra-flag --features=loud
	run row build_error
	assert_output --partial 'loud true release.'
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	CLOACINA_COMPILER_CARGO_EXTRA_FLAGS=-q drive
	run row build_error
	assert_output --partial 'loud false release.'
	assert_equal "$(sql 'SELECT count(*) FROM build_claims')" 1
	run cat "$BATS_TEST_TMPDIR/err"
	refute_output --partial warning
}

@test "a list of cargo flags without a subcommand ends it before a claim" {
	new_crate plain
	queue_package
	run cloacina-compiler --home "$home" --cargo-flag=--verbose
	assert_failure 100
	assert_line --partial "cc-compile: cannot use the cargo flags: they begin with '--verbose'"
	assert_line --partial '--cargo-extra-flag'
	assert_equal "$(row build_status)" pending
	drive --cargo-extra-flag=--verbose
	assert_equal "$(row build_status)" success
}

@test "what follows -- in the cargo flags is rustc's, and so no --frozen" {
	new_crate plain
	queue_package
	drive --cargo-flag rustc --cargo-flag --release --cargo-flag --lib \
	    --cargo-flag --offline --cargo-extra-flag -- \
	    --cargo-extra-flag -Copt-level=1 --cargo-extra-flag --cfg \
	    --cargo-extra-flag frozen
	run cat "$BATS_TEST_TMPDIR/err"
	assert_output --partial 'warning: the cargo flags lack --frozen'
	assert_equal "$(row build_status)" success
}

@test "--cargo-target-dir keeps one directory for each package name" {
	local kept=$BATS_TEST_TMPDIR/kept
	mkdir "$kept"
	new_crate first
	queue_package
	drive --cargo-target-dir "$kept"
	assert_equal "$(row build_status)" success
	new_crate second
	queue_package
	drive --cargo-target-dir "$kept"
	assert_equal "$(row build_status)" success
	run find "$kept" -maxdepth 1 -type d -regextype egrep \
	    -regex '.*/[0-9a-f]{64}'
	assert_equal "${#lines[@]}" 2
	run find "$kept" -name 'libfirst.so' -path '*/release/libfirst.so'
	assert_equal "${#lines[@]}" 1
}

@test "--home holds logs and build directories; \$HOME/.cloacina by default" {
	new_crate plain
	queue_package
	drive
	assert [ -s "$home/logs/compiler.log" ]
	assert [ -d "$home/build-tmp" ]
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	HOME=$BATS_TEST_TMPDIR/me
	mkdir "$HOME"
	cloacina-compiler 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	driver=$!
	until_true 60 is_status success
	stop_driver
	assert [ -s "$HOME/.cloacina/logs/compiler.log" ]
}

@test "--database-url, its file and its variable; required" {
	local url=$DATABASE_URL
	unset DATABASE_URL
	run cloacina-compiler --home "$home"
	assert_failure 100
	assert_output 'cloacina-compiler: no database: give --database-url or set DATABASE_URL'
	new_crate plain
	queue_package
	drive --database-url "$url"
	assert_equal "$(row build_status)" success
	sql "UPDATE workflow_packages SET build_status = 'pending'"
	echo "$url" >"$BATS_TEST_TMPDIR/url"
	drive --database-url-file "$BATS_TEST_TMPDIR/url"
	assert_equal "$(row build_status)" success
}

@test "the intervals reach the programs" {
	new_crate plain
	queue_package
	drive --poll-interval-ms 100 --heartbeat-interval-s 2 \
	    --stale-threshold-s 7 --sweep-interval-s 3
	assert_equal "$(row build_status)" success
	run cloacina-compiler --home "$home" --heartbeat-interval-s 60 \
	    --stale-threshold-s 60
	assert_failure 100
	assert_output --partial '--heartbeat-interval-s must be less than'
	run cloacina-compiler --home "$home" --poll-interval-ms 0
	assert_failure 100
	assert_output --partial 'POLL_INTERVAL_MS'
	run cloacina-compiler --home "$home" --sweep-interval-s x
	assert_failure 100
	assert_output --partial 'SWEEP_INTERVAL_S'
}

@test "--tenant-schema builds that schema's packages and no others" {
	sql 'CREATE SCHEMA "Ten ant"'
	psql -qX -v ON_ERROR_STOP=1 -v schema='Ten ant' \
	    -f "$sql_dir/queue.sql" -f "$sql_dir/compiler.sql" >/dev/null
	new_crate public
	queue_package
	local other=$id
	new_crate tenant
	PGOPTIONS='-c search_path="Ten\ ant"' queue_package
	start_driver --tenant-schema 'Ten ant'
	until_true 60 eval '[ "$(sql "SELECT build_status
	    FROM \"Ten ant\".workflow_packages")" = success ]'
	stop_driver
	id=$other
	assert_equal "$(row build_status)" pending
}

@test "a limit that is none, zero or no number ends it before a claim" {
	new_crate plain
	queue_package
	for value in none 0 -1 4X; do
		run cloacina-compiler --home "$home" --build-rlimit-mem "$value"
		assert_failure 100
		assert_output --partial "bad value '$value'"
	done
	run cloacina-compiler --home "$home" --build-timeout-s 0
	assert_failure 100
	run -100 cloacina-compiler --home "$home" --allow-local-sockets maybe
	assert_output --partial "bad value 'maybe' for --allow-local-sockets"
	assert_equal "$(row build_status)" pending
	# No sentinel, but a large value: the kernel's own infinity.
	drive --build-rlimit-mem 18446744073709551615
	assert_equal "$(row build_status)" success
}

# The words of --help that are flags, of the driver or of PROGRAM.
listed() {
	"${1:-cloacina-compiler}" --help | grep -oE '^  --[a-z-]+ [A-Zy]' |
	    cut -d' ' -f3
}

@test "every flag of the list is read, by cc-build-local those of a build" {
	local flag
	assert [ "$(listed | wc -l)" -gt 30 ]
	for flag in $(listed); do
		run cloacina-compiler "$flag"
		assert_failure 100
		assert_output "cloacina-compiler: option '$flag' needs a value"
	done
	assert [ "$(listed cc-build-local | wc -l)" -gt 20 ]
	for flag in $(listed cc-build-local); do
		run cc-build-local "$flag"
		assert_failure 100
		assert_output "cc-build-local: option '$flag' needs a value"
		cloacina-compiler --help | grep -qFx \
		    "$(cc-build-local --help | grep -e "^  $flag ")"
	done
	for flag in '--home DIR' --hom --Home '--home=x' $'--home DIR\n'; do
		run cc-build-local "$flag" x
		assert_failure 100
		assert_output "cc-build-local: bad option '${flag%=x}'"
	done
}

@test "the defaults that --help names are those of compiler.env" {
	local line flag
	while IFS= read -r line; do
		flag=$(tr A-Z_ a-z- <<<"${line%%=*}")
		run grep -E "^  --$flag .*default ${line#*=}\\)?\$" \
		    <(cloacina-compiler --help)
		assert_success
	done < <(sed -n 's/^#CLOACINA_COMPILER_\([A-Z_]*=[a-z0-9MG]\)/\1/p' \
	    "$SUITE_ROOT/units/compiler.env" | grep -vE 'AUDIT_TEE|RLIMIT_CPU')
}

@test "a wrong call says what is wrong in one line" {
	run cloacina-compiler --no-such-flag
	assert_failure 100
	assert_output "cloacina-compiler: bad option '--no-such-flag'"
	run cloacina-compiler --home
	assert_failure 100
	assert_output "cloacina-compiler: option '--home' needs a value"
	run cloacina-compiler --home ''
	assert_failure 100
	assert_output 'cloacina-compiler: empty value for --home'
	run cloacina-compiler now
	assert_failure 100
	assert_output "cloacina-compiler: bad operand 'now'"
	run cloacina-compiler --version
	assert_success
	assert_output --regexp '^cloacina-compiler [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "SIGTERM gives the running build back at once and ends with 0" {
	local nap=$((3000000 + $$))
	new_crate endless
	with_build_script <<-EOF
	std::process::Command::new("sleep").arg("$nap").status();
	EOF
	queue_package
	start_driver
	until_true 60 eval 'pgrep -fx "sleep $nap" >/dev/null'
	kill "$driver"
	wait "$driver"
	driver=
	assert_equal "$(row build_status)" pending
	assert_equal "$(sql 'SELECT attempts FROM build_claims')" 0
	run pgrep -fx "sleep $nap"
	assert_failure 1
	assert_equal "$(event finished outcome)" internal_error
}

@test "the driver ends when nobody sweeps any more" {
	start_driver
	until_true 30 eval 'pgrep -P "$(pgrep -P "$driver" -d, )" -x cc-sweep \
	    >"$BATS_TEST_TMPDIR/sweep"'
	kill -KILL "$(cat "$BATS_TEST_TMPDIR/sweep")"
	local ended=0
	wait "$driver" || ended=$?
	driver=
	assert_not_equal "$ended" 0
	run grep -v '^cc-claim: ' "$BATS_TEST_TMPDIR/err"
	assert_output 'cloacina-compiler: cc-sweep has ended, so does the worker'
	run pgrep -u "$(id -u)" -f -- "--home $home"
	assert_failure 1
}

@test "the driver's end has no word about children that are gone before it" {
	local sweep sweeper
	start_driver
	until_true 30 eval 'pgrep -P "$(pgrep -P "$driver" -d, )" -x cc-sweep \
	    >"$BATS_TEST_TMPDIR/sweep"'
	sweep=$(<"$BATS_TEST_TMPDIR/sweep")
	sweeper=$(ps -o ppid= -p "$sweep" | tr -d ' ')
	# Both are asked to end, as by a service manager; the sweep is faster.
	kill -STOP "$sweeper"
	kill -TERM "$sweep"
	until_true 20 eval 'ps -o stat= -p "$sweep" | grep -q Z'
	kill -TERM "$sweeper" "$driver"
	kill -CONT "$sweeper"
	wait "$driver"
	driver=
	run grep -v '^cc-claim: ' "$BATS_TEST_TMPDIR/err"
	refute_output
}

@test "the starting line carries the instance of every event" {
	new_crate plain
	queue_package
	drive
	run jq -r 'select(.event_type == "compiler.starting")
	    | .message + " " + .compiler_instance_id' \
	    "$home/logs/compiler.log"
	assert_output "cloacina-compiler starting $(event finished compiler_instance_id)"
}

@test "a host without the cgroup that is required takes no build" {
	cc-limit-exec --cgroup auto --report "$BATS_TEST_TMPDIR/r" true
	[ "$(jq -r .cgroup "$BATS_TEST_TMPDIR/r")" = none ] ||
	    skip 'this user has a cgroup of its own'
	run -111 cloacina-compiler --home "$home" --cgroup required
	assert_output --partial 'no cgroup as required: '
	run -100 cloacina-compiler --home "$home" --build-memory-max much
	assert_output --partial "bad value 'much' for --cgroup-mem"
}
