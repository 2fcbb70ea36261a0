#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The compile step alone: which library it takes, and what it is told.

load helper
load packages

setup_file() {
	make_vendor_directory
}

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# build: $package through the chain's middle, in a new directory `dir`.
build() {
	rm -rf dir
	mkdir -m 700 dir
	cc-pack "$package" >dir/package
	cc-unpack dir
	[ -z "${key:-}" ] || echo "$key" >dir/package_key
	cc-compile dir || true
	run cc-verdict dir
}

# The number that the library's function returns.
answer() {
	[ -e call ] || cc -o call -x c - -ldl <<-'EOC'
	#include <dlfcn.h>
	#include <stdio.h>
	int main(void) { void *h = dlopen("dir/artifact", RTLD_NOW);
	unsigned (*f)(void) = h ? (unsigned (*)(void))dlsym(h, "answer") : 0;
	return f ? printf("%u\n", f()) < 0 : 1; }
	EOC
	./call
}

# answers NUMBER: what the source's function is to return.
answers() {
	printf '#[no_mangle]\npub extern "C" fn answer() -> u32 { %s }\n' "$1" \
	    >"$package/src/lib.rs"
}

# ---- what the operator lets in

wrong() {
	run env "$1" cc-compile --check
	assert_failure 100
	assert_output "$2"
}

@test "a path and a variable of the operator's reach the build, and no more" {
	local given='A B\n$(x) "c" *'
	mkdir -p 'tools/a b' other
	echo from-tools >'tools/a b/word'
	echo secret >other/word
	new_crate flow
	with_build_script <<-'EOR'
	let word = std::fs::read_to_string(std::env::var("WORD").unwrap());
	let other = std::fs::read_to_string(std::env::var("OTHER").unwrap());
	panic!("word {:?} other {} given {} home {}", word, other.is_ok(),
	    std::env::var("GIVEN").unwrap(), std::env::var("HOME").unwrap());
	EOR
	export CLOACINA_COMPILER_RO=$'tools/a b\n/usr/share'
	export CLOACINA_COMPILER_SETENV="WORD=$PWD/tools/a b/word
OTHER=$PWD/other/word
GIVEN=$given"
	build
	assert_failure 1
	assert_output --partial \
	    "word Ok(\"from-tools\\n\") other false given $given home /tmp"
	assert_equal "$(jq -r '.ro[0]' dir/sandbox.json)" "$PWD/tools/a b"
	assert_equal "$(jq -r '.setenv[-1]' dir/sandbox.json)" "GIVEN=$given"
}

@test "what would undo a build or show the service is refused at the check" {
	local reason='for --ro: what a build must not see is there' path
	mkdir -p home/.cargo/bin home/.cloacina/build-tmp logs etc tools
	touch home/.cargo/credentials.toml logs/compiler.log etc/url
	export HOME=$PWD/home CLOACINA_COMPILER_AUDIT_LOG=$PWD/logs/compiler.log
	export CLOACINA_COMPILER_DATABASE_URL_FILE=$PWD/etc/url
	for path in home home/.cargo home/.cloacina home/.cloacina/build-tmp \
	    logs etc etc/url "$PWD"; do
		wrong "CLOACINA_COMPILER_RO=$path" \
		    "cc-sandbox: bad value '$(realpath "$path")' $reason"
	done
	wrong CLOACINA_COMPILER_RO=/proc \
	    "cc-sandbox: bad value '/proc' for --ro: a sandbox does not show it"
	for name in HOME CARGO_HOME CARGO_TARGET_DIR TMPDIR; do
		wrong CLOACINA_COMPILER_SETENV=$name=x \
		    "cc-sandbox: bad value '$name' for --setenv: the sandbox sets it"
	done
	for name in DATABASE_URL PGPASSWORD; do
		wrong CLOACINA_COMPILER_SETENV=$name=secret \
		    "cc-compile: bad value '$name' for --setenv: a stranger's code would read it"
	done
	wrong CLOACINA_COMPILER_SETENV=CARGO_BUILD_TARGET=x \
	    "cc-compile: bad value 'CARGO_BUILD_TARGET' for --setenv: say --target among the cargo flags, or the library is not found"
	# A build directory is withheld from its own build, too.
	mkdir -p work/dir
	CLOACINA_COMPILER_RO=$PWD/work run cc-compile work/dir
	assert_failure 100
	assert_output "cc-sandbox: bad value '$PWD/work' $reason"
	# Their neighbours are let in.
	CLOACINA_COMPILER_RO=$'tools\nhome/.cargo/bin' \
	    CLOACINA_COMPILER_SETENV=RUSTFLAGS=-Cdebuginfo=0 run cc-compile --check
	assert_success
}

# ---- kept target directories

keep() {
	mkdir -p kept
	export CLOACINA_COMPILER_CARGO_TARGET_DIR=$PWD/kept
	key=one
}

# With the flags that --lib is not among, so that other targets come later.
all_targets() {
	export CLOACINA_COMPILER_CARGO_FLAGS=$'build\n--release\n--frozen\n--offline'
}

built() {
	assert_success
	assert_equal "$(answer)" "$1"
}

no_library() {
	assert_failure 1
	assert_line --partial 'libflow.so was not made'
	assert [ ! -e dir/artifact ]
}

@test "a library that is no longer made does not come out of a kept directory" {
	keep
	new_crate flow
	build
	built 42
	new_crate flow 1.1.0
	sed -i 's/cdylib/rlib/' "$package/Cargo.toml"
	build
	no_library
}

@test "a library of the old name is not taken for the renamed one" {
	keep
	new_crate flow
	build
	built 42
	new_crate flow 1.1.0
	sed -i 's/^\[lib\]/&\nname = "other"/' "$package/Cargo.toml"
	answers 43
	build
	built 43
	# Back to a name of which there is an old library, and no new one.
	new_crate flow 1.2.0
	sed -i 's/cdylib/rlib/' "$package/Cargo.toml"
	build
	no_library
}

@test "a version that comes back gets its own library" {
	keep
	new_crate flow
	build
	new_crate flow 1.1.0
	answers 43
	build
	built 43
	package=$BATS_TEST_TMPDIR/flow-1.0.0
	build
	built 42
}

@test "the library of a build that failed late is nobody's" {
	keep
	all_targets
	new_crate flow
	build
	built 42
	new_crate flow 1.1.0
	answers 43
	echo 'fn main() { extern "C" { fn absent(); } unsafe { absent() } }' \
	    >"$package/src/main.rs"
	build
	assert_failure 1
	assert_output --partial 'undefined'
	# The library was there when the program failed: it shows in the next.
	new_crate flow 1.2.0
	sed -i 's/cdylib/rlib/' "$package/Cargo.toml"
	build
	no_library
}

@test "a member of the library's name is not the library" {
	keep
	new_crate flow
	build
	built 42
	new_crate flow 1.1.0
	sed -i 's/cdylib/rlib/' "$package/Cargo.toml"
	printf '[dependencies]\ninner = { path = "inner" }\n' \
	    >>"$package/Cargo.toml"
	mkdir -p "$package/inner/src"
	printf '%s\n' '[package]' 'name = "inner"' 'version = "1.0.0"' '[lib]' \
	    'name = "flow"' 'crate-type = ["cdylib", "rlib"]' \
	    >"$package/inner/Cargo.toml"
	cp "$package/src/lib.rs" "$package/inner/src"
	rm "$package/Cargo.lock"
	lock_crate
	build
	no_library
}

@test "a kept directory that a build spoiled is thrown away, not believed" {
	local release=kept/one/release spoil
	keep
	new_crate flow
	build
	built 42
	answers 43
	for spoil in 'chmod 000 $release' 'chmod 000 kept/one' \
	    'mv $release $release.x; ln -s release.x $release' \
	    'mv $release/deps $release/x; ln -s x $release/deps' \
	    'rm $release/libflow.so; ln -s deps/libflow.so $release' \
	    'rm $release/libflow.so; mkdir -p $release/libflow.so/x' \
	    'rm $release/deps/libflow.so; mkdir -p $release/deps/libflow.so/x' \
	    'rm -r $release; : >$release' 'chmod 000 $release/libflow.so' \
	    'find kept/one -exec touch -h -d 2100-01-01 {} +'; do
		eval "$spoil"
		build
		built 43
	done
}

@test "what lies outside of a kept directory stays, whatever points to it" {
	keep
	mkdir -p outside/deps kept/one
	echo mine | tee outside/libflow.so >outside/deps/libflow.so
	ln -s "$PWD/outside" kept/one/release
	new_crate flow
	build
	built 42
	assert_equal "$(cat outside/libflow.so outside/deps/libflow.so | xargs)" \
	    'mine mine'
}

@test "nothing is run where an old library cannot be removed" {
	mkdir -p dir kept/release
	: >kept/release/lib.so
	bwrap --dev-bind / / --ro-bind "$PWD/kept" "$PWD/kept" cc-sandbox \
	    --dir dir --target-dir kept --out target/release/lib.so=dir/a \
	    touch {target}/ran 2>said && return 1
	assert_equal "$(cat said)" \
	    "cc-sandbox: cannot remove an earlier 'target/release/lib.so': Read-only file system"
	assert_equal "$(jq -c '[.started, .artifact]' dir/sandbox.json)" \
	    '[false,"not_asked"]'
	assert [ ! -e kept/ran ]
}

@test "a source whose copy does not fit fails, and says which limit it was" {
	new_crate flow
	head -c 2M /dev/zero >"$package/data"
	export CLOACINA_COMPILER_WRITABLE_SOURCE=yes
	CLOACINA_COMPILER_TARGET_SIZE=1M build
	assert_failure 1
	assert_output --regexp "^failed
a writable copy of the source takes 21[0-9]* bytes of the target directory, and --target-size is 1048576\$"
	build
	built 42
}

# ---- cargo's flags

# flags WORD...: the list.
flags() {
	CLOACINA_COMPILER_CARGO_FLAGS=$(printf '%s\n' "$@")
	export CLOACINA_COMPILER_CARGO_FLAGS
}

@test "the library is found wherever cargo's flags put it" {
	local triple list
	triple=$(rustc -vV | sed -n 's/^host: //p')
	new_crate flow
	printf '[profile.small]\ninherits = "release"\n' >>"$package/Cargo.toml"
	while IFS= read -r list; do
		# shellcheck disable=SC2086 # words
		flags build --lib --frozen --offline $list
		build
		built 42
	done <<-EOF
	--target $triple
	--target=$triple --release
	--profile small
	--profile=small --target=$triple
	--profile dev
	--profile bench
	-r
	EOF
	# The last list's words behind -- are no flags of cargo's.
	flags rustc --lib --frozen --offline -- --cfg release -Cdebuginfo=0
	build
	built 42
}

@test "the manifest is named before --, and by nobody else" {
	new_crate flow
	flags rustc --release --lib --frozen --offline -- -Cpanic=abort
	build
	built 42
	flags build --manifest-path=/etc/Cargo.toml
	build
	assert_output --partial 'the build was not run'
	local flag
	for flag in --manifest-path --target-dir --target-dir=/tmp; do
		flags build --release "$flag"
		run cc-compile dir
		assert_failure 100
		assert_output "cc-compile: bad cargo flag '$flag': every build has its own; --cargo-target-dir keeps them"
	done
	# What rustc does with it is not ours.
	flags rustc --frozen --offline --lib -- --target-dir
	build
	assert_failure 1
}

@test "a list without cargo's subcommand is refused" {
	local first
	mkdir dir
	for first in --verbose +nightly 'build --release'; do
		flags "$first" --lib
		for operand in dir --check; do
			run cc-compile $operand
			assert_failure 100
			assert_output "cc-compile: cannot use the cargo flags: they begin with '$first' and not with cargo's subcommand, as build; one a line; --cargo-extra-flag adds to the usual list"
		done
	done
	assert_equal "$(ls dir)" ''
}

# ---- jobs

# runs_jobs NUMBER [COMMAND WORD...]: as many, of a build started by it.
runs_jobs() {
	local number=$1
	shift
	"$@" cc-compile dir || true
	grep -o 'jobs [0-9]*' dir/stderr
	grep -q "jobs $number\\." dir/stderr
}

@test "cargo has the jobs for which there are processors and processes" {
	new_crate flow
	with_build_script <<<'panic!("jobs {}.", std::env::var("NUM_JOBS").unwrap());'
	build
	# nproc(1) takes another number from there.
	export OMP_NUM_THREADS=64
	runs_jobs 32 env
	runs_jobs 64 env CLOACINA_COMPILER_BUILD_RLIMIT_PROCS=4096
	runs_jobs 3 env CLOACINA_COMPILER_BUILD_RLIMIT_PROCS=24
	unset OMP_NUM_THREADS
	runs_jobs 1 taskset -c "$(taskset -cp $$ | sed 's/.* //;s/[,-].*//')"
	flags build --lib --release --frozen --offline -j 5
	runs_jobs 5 env
}

@test "cargo has no more jobs than a quota of processor time" {
	new_crate flow
	with_build_script <<<'panic!("jobs {}.", std::env::var("NUM_JOBS").unwrap());'
	build
	export OMP_NUM_THREADS=64
	# A cgroup of one's own cannot be had everywhere, its files can.
	local within=(bwrap --dev-bind / / --bind "$PWD/cgroup" /sys/fs/cgroup)
	mkdir cgroup
	echo '650000 100000' >cgroup/cpu.max
	runs_jobs 7 "${within[@]}"
	echo 'max 100000' >cgroup/cpu.max
	runs_jobs 32 "${within[@]}"
	mkdir -p "cgroup/$(sed -n 's/^0:://p' /proc/self/cgroup)"
	echo '10000 100000' >"cgroup/$(sed -n 's/^0:://p' /proc/self/cgroup)/cpu.max"
	runs_jobs 1 "${within[@]}"
}

@test "many crates at once fit into the processes of the default" {
	new_crate flow
	printf '[dependencies]\n' >>"$package/Cargo.toml"
	local i
	for i in $(seq 40); do
		mkdir -p "$package/c$i/src"
		printf '[package]\nname = "c%s"\nversion = "1.0.0"\n' "$i" \
		    >"$package/c$i/Cargo.toml"
		echo 'pub fn f(s: &str) -> String { format!("{:?}", s) }' \
		    >"$package/c$i/src/lib.rs"
		printf 'c%s = { path = "c%s" }\n' "$i" "$i" >>"$package/Cargo.toml"
	done
	rm "$package/Cargo.lock"
	lock_crate
	OMP_NUM_THREADS=64 build
	built 42
}

# ---- --check

# told STATUS TEXT NAME=VALUE...: what --check says of these variables, whole
# or, with TEXT ending in *, at its beginning; nothing is left of it.
told() {
	local status=$1 text=$2
	shift 2
	mkdir -p tmp
	run env "${@/#/CLOACINA_COMPILER_}" TMPDIR="$PWD/tmp" cc-compile --check
	assert_failure "$status"
	case $text in
	*\*) assert_output --partial "${text%?}" ;;
	*) assert_output "$text" ;;
	esac
	assert [ "${#lines[@]}" -le 2 ]
	assert_equal "$(ls -A tmp)" ''
}

usual=$'build\n--release\n--lib\n--frozen\n--offline'
smallest='cc-compile: cannot build the smallest crate: '

@test "--check builds the smallest crate as configured, and leaves nothing" {
	mkdir tmp
	export TMPDIR=$PWD/tmp
	run cc-compile --check
	assert_success
	refute_output
	CLOACINA_COMPILER_WRITABLE_SOURCE=yes run cc-compile --check
	assert_success
	refute_output
	# Words of a package's own say nothing of this host.
	flags build --lib --offline --features=loud -F soft -p flow
	run cc-compile --check
	assert_success
	assert_equal "$(ls -A tmp)" ''
	keep
	run cc-compile --check
	assert_success
	run cc-compile --check
	assert_success
	assert_equal "$(ls kept | xargs)" 'check check.lock'
}

@test "--check says which flag of cargo's is wrong" {
	told 100 "${smallest}error: Found argument '--relase' which wasn't expected, or isn't valid in this context; change the cargo flags: build --release --lib --frozen --offline --relase" \
	    CARGO_FLAGS="$usual"$'\n--relase'
	told 100 "${smallest}error: no such subcommand: \`biuld\`; change the cargo flags: biuld --release" \
	    CARGO_FLAGS=$'biuld\n--release'
	told 100 "${smallest}libcc_check.so was not made*" \
	    CARGO_FLAGS=$'check\n--release'
	assert_output --regexp '; change the cargo flags: check --release$'
	told 100 "change the cargo flags: build --target=wasm32-wasi*" \
	    CARGO_FLAGS=$'build\n--target=wasm32-wasi'
}

@test "--check says which limit is too small" {
	told 100 'raise --build-rlimit-mem*' BUILD_RLIMIT_MEM=64M
	told 100 'raise --build-rlimit-files*' BUILD_RLIMIT_FILES=16
	told 111 'cc-compile: raise --build-rlimit-files*' BUILD_RLIMIT_FILES=8
	told 100 'raise --build-rlimit-procs*' BUILD_RLIMIT_PROCS=4
	told 100 'raise --target-size*' TARGET_SIZE=64K
	told 100 'cc-compile: raise --target-size*' TARGET_SIZE=8K \
	    WRITABLE_SOURCE=yes
	told 100 'raise --artifact-max*' ARTIFACT_MAX=1K
	told 100 'ms of a processor; raise --build-timeout-s*' \
	    BUILD_TIMEOUT_S=0.02
	told 100 "cc-limit-exec: bad value '0' for --timeout-s*" \
	    BUILD_TIMEOUT_S=0
	told 100 "cc-limit-exec: bad value 'x' for --rlimit-cpu*" \
	    BUILD_RLIMIT_CPU=x
}

@test "--check says what a directory lacks" {
	mkdir -p crates/one empty home
	echo '{}' >crates/one/.cargo-checksum.json
	told 100 "cc-compile: bad value '/absent' for --vendor-dir: no such directory" \
	    VENDOR_DIR=/absent
	told 100 "cc-compile: bad value 'crates' for --vendor-dir: it holds crates and is no CARGO_HOME, whose config.toml names it as [source.NAME] directory" \
	    VENDOR_DIR=crates
	told 100 "cc-compile: bad value '/absent' for --toolchain: no such directory" \
	    TOOLCHAIN=/absent
	told 100 "cc-sandbox: no Rust toolchain in '$PWD/empty'" TOOLCHAIN=empty
	told 111 "cc-compile: cannot write to --cargo-target-dir '/proc/x'" \
	    CARGO_TARGET_DIR=/proc/x
	mkdir -p kept/check.lock
	told 111 "cc-compile: cannot write to --cargo-target-dir 'kept'" \
	    CARGO_TARGET_DIR=kept
	# One without crates allows none, which is no fault.
	CLOACINA_COMPILER_VENDOR_DIR=empty run cc-compile --check
	assert_success
	# Crates that are named and are not there.
	sed 's|/usr/share/cargo/registry|/absent|' \
	    "$CLOACINA_COMPILER_VENDOR_DIR/config.toml" >home/config.toml
	told 111 '/absent*' VENDOR_DIR=home
	assert_line "cc-compile: correct what --vendor-dir names: home"
}

@test "--check says what the host lacks" {
	told 111 "${smallest}error: linker \`absent\` not found; install a linker: apt-get install gcc" \
	    CARGO_FLAGS="rustc${usual#build}"$'\n--\n-Clinker=absent'
	mkdir bin
	ln -s /usr/bin/* bin
	rm bin/cargo
	PATH=$SUITE_ROOT/build/bin:$PWD/bin told 111 \
	    "cc-sandbox: cannot run 'cargo': No such file or directory"$'\n'"cc-compile: install cargo, or name a rustup home by --toolchain"
}

@test "--check that is ended leaves nothing, though it waits for a lock" {
	keep
	mkdir tmp
	exec 7>kept/check.lock
	flock 7
	TMPDIR=$PWD/tmp cc-compile --check 3>&- 7>&- &
	local pid=$! ended=0
	until_true 60 eval '[ -n "$(ls -A tmp)" ] && pgrep -P "$pid" >/dev/null'
	kill "$pid"
	wait "$pid" || ended=$?
	exec 7>&-
	assert_equal "$ended" 143
	assert_equal "$(ls -A tmp)" ''
}
