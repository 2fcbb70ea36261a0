# SPDX-License-Identifier: Apache-2.0

load helper
load packages

setup_file() {
	make_vendor_directory
}

setup() {
	mkdir "$BATS_TEST_TMPDIR/tmp" "$BATS_TEST_TMPDIR/work"
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	cd "$BATS_TEST_TMPDIR/work"
}

teardown() {
	# Whatever happened, nothing is left.
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "a package becomes its library, and its directory stays as it is" {
	new_crate flow
	cp -r "$package" before
	run --separate-stderr cc-build-local -o flow.so "$package"
	assert_success
	assert_output ''
	assert_equal "$stderr" success
	assert_equal "$(head -c 4 flow.so | tail -c 3)" ELF
	cc -o call -x c - -ldl <<-'EOF'
	#include <dlfcn.h>
	int main(void) { void *h = dlopen("./flow.so", RTLD_NOW);
	unsigned (*f)(void) = h ? (unsigned (*)(void))dlsym(h, "answer") : 0;
	return f && f() == 42 ? 0 : 1; }
	EOF
	./call
	diff -r before "$package"
	# Without --output it only says whether it would build.
	cd "$package"
	run cc-build-local .
	assert_success
	assert_equal "$(ls | xargs)" "$(ls ../work/before | xargs)"
}

@test "what fails says why, and leaves an older library alone" {
	new_crate broken
	echo 'pub fn f() -> u32 { "no" }' >"$package/src/lib.rs"
	echo old >flow.so
	run cc-build-local --output=flow.so "$package"
	assert_failure 1
	assert_line --index 0 failed
	assert_output --partial 'mismatched types'
	assert_equal "$(cat flow.so)" old
}

@test "a build script has sockets of its own where it is told that it may" {
	new_crate sockets
	cat >"$package/build.rs" <<-'EOF'
	use std::io::{Read, Write};
	fn main() {
	    let listener = std::net::TcpListener::bind("localhost:0").unwrap();
	    let address = listener.local_addr().unwrap();
	    std::net::TcpStream::connect(address).unwrap().write_all(b"x").unwrap();
	    let mut text = String::new();
	    listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
	    assert_eq!(text, "x");
	    let _kept = std::os::unix::net::UnixListener::bind("/tmp/socket").unwrap();
	    std::os::unix::net::UnixStream::connect("/tmp/socket").unwrap();
	    std::os::unix::net::UnixDatagram::pair().unwrap();
	}
	EOF
	run cc-build-local "$package"
	assert_failure 1
	assert_output --partial 'PermissionDenied'
	run cc-build-local --allow-local-sockets yes "$package"
	assert_success
	CLOACINA_COMPILER_ALLOW_LOCAL_SOCKETS=yes run cc-build-local "$package"
	assert_success
	run cc-build-local --allow-local-sockets no "$package"
	assert_failure 1
}

@test "what works by the package's own config fails, and is told why" {
	new_crate config
	mkdir "$package/.cargo"
	printf '[env]\nANSWER = "42"\n' >"$package/.cargo/config.toml"
	echo 'pub const ANSWER: &str = env!("ANSWER");' >"$package/src/lib.rs"
	(cd "$package" && CARGO_TARGET_DIR=$TMPDIR/target cargo build -q)
	rm -r "$TMPDIR/target"
	run cc-build-local "$package"
	assert_failure 1
	local said="the package's .cargo/config.toml is not read: its [env], [source] and flags do not count"
	assert_line --index 0 "cc-pack: warning: $said"
	assert_line --index 1 failed
	assert_line --partial 'environment variable `ANSWER` not defined'
	assert_line "note: $said"
}

@test "--ro and --setenv let in what the build needs, a wrong one is 100" {
	new_crate flow
	mkdir tools
	echo 42 >tools/number
	printf '#[no_mangle]\npub extern "C" fn answer() -> u8 { include_bytes!(env!("NUMBER"))[0] }\n' \
	    >"$package/src/lib.rs"
	run cc-build-local "$package"
	assert_failure 1
	run cc-build-local --ro tools --setenv UNUSED=1 \
	    --setenv=NUMBER="$PWD/tools/number" -o flow.so "$package"
	assert_success
	assert_output success
	run cc-build-local --setenv HOME=/x "$package"
	assert_failure 100
	assert_line "cc-sandbox: bad value 'HOME' for --setenv: the sandbox sets it"
	for option in --ro --setenv --toolchain; do
		run cc-build-local $option $'a\nb' "$package"
		assert_failure 100
		assert_output "cc-build-local: bad value for $option: it has more than one line"
	done
}

@test "a build past its time ends with 124" {
	new_crate sleeper
	with_build_script <<<'std::thread::sleep(std::time::Duration::from_secs(600));'
	run cc-build-local --build-timeout-s 2 "$package"
	assert_failure 124
	assert_line --index 0 timeout_killed
	assert_line --index 1 'timed out after 2 s'
}

@test "a package without a compile step has an empty library" {
	mkdir snake
	printf '[package]\nname = "snake"\nversion = "1"\n' >snake/package.toml
	run cc-build-local -o snake.so snake
	assert_success
	assert_output success
	assert_equal "$(stat -c %s snake.so)" 0
}

@test "what is no package is refused before anything is run" {
	run cc-build-local -o - .
	assert_failure 100
	assert_output "cc-build-local: bad value '-' for --output: want a file, which appears whole or not at all"
	mkdir nothing
	run cc-build-local nothing
	assert_failure 100
	assert_output "cc-pack: cannot read 'nothing/package.toml': No such file or directory"
	new_crate linked
	ln -s /etc/passwd "$package/passwd"
	run cc-build-local "$package"
	assert_failure 100
	assert_output "cc-pack: refused: entry 'passwd': it is a symbolic link that is absolute or leads out of the package: put what it points to in its place"
}

@test "a host that cannot confine it says so" {
	new_crate flow
	mkdir bin
	printf '#!/bin/sh\nexit 1\n' >bin/bwrap
	chmod +x bin/bwrap
	PATH=$PWD/bin:$PATH run cc-build-local "$package"
	assert_failure 111
	assert_line internal_error
}

@test "the limits and the sandbox are the service's, by flag and variable" {
	new_crate flow
	run cc-build-local --sandbox nonsense "$package"
	assert_failure 100
	assert_output "cc-unpack: bad value 'nonsense' for \$CLOACINA_COMPILER_SANDBOX: want required, preferred or off"
	CLOACINA_COMPILER_BUILD_RLIMIT_MEM=0 run cc-build-local "$package"
	assert_failure 100
	assert_output --partial "cc-limit-exec: bad value '0' for --rlimit-mem"
	CLOACINA_COMPILER_CARGO_FLAGS=--verbose run cc-build-local "$package"
	assert_failure 100
	assert_output "cc-compile: cannot use the cargo flags: they begin with '--verbose' and not with cargo's subcommand, as build; one a line; --cargo-extra-flag adds to the usual list"
	for given in '--unpack-entries-max 3' --unpack-entries-max=3; do
		run cc-build-local $given "$package"
		assert_failure 1
		assert_output --partial 'the archive has more than 3 entries'
	done
	CLOACINA_COMPILER_UNPACK_ENTRIES_MAX=3 run cc-build-local "$package"
	assert_failure 1
	assert_output --partial 'the archive has more than 3 entries'
	run cc-build-local --artifact-max 1K "$package"
	assert_failure 1
	assert_output --partial 'larger'
	# A relative directory is one below the caller's.
	mkdir vendor
	with_build_script <<<'panic!("home {:?}", std::env::var("CARGO_HOME"));'
	run cc-build-local --vendor-dir vendor "$package"
	assert_failure 1
}

@test "a kept target directory serves it without a queue" {
	new_crate flow
	CLOACINA_COMPILER_CARGO_TARGET_DIR=kept run cc-build-local -o flow.so \
	    "$package"
	assert_success
	assert_output success
	assert_equal "$(ls -A kept | xargs)" 'local-flow local-flow.lock'
	assert_equal "$(head -c 4 flow.so | tail -c 3)" ELF
	# The next one of the name finds it; another has its own.
	sed -i 's/cdylib/rlib/' "$package/Cargo.toml"
	CLOACINA_COMPILER_CARGO_TARGET_DIR=kept run cc-build-local "$package"
	assert_failure 1
	assert_output --partial 'was not made'
}

@test "a signal ends the build, all of it, and leaves nothing" {
	new_crate endless
	with_build_script <<<'std::process::Command::new("setsid").args(["sleep", "60321"]).status();'
	local signal pid ended
	for signal in TERM:143 INT:130 HUP:129; do
		env --default-signal=INT cc-build-local "$package" 2>said 3>&- &
		pid=$!
		until_true 120 pgrep -u "$(id -u)" -fx 'sleep 60321'
		kill "-${signal%:*}" "$pid"
		ended=0
		wait "$pid" || ended=$?
		assert_equal "$ended" "${signal#*:}"
		run pgrep -u "$(id -u)" -fx 'sleep 60321'
		assert_failure 1
		assert_equal "$(ls -A "$TMPDIR")" ''
	done
}

@test "--output replaces nothing but a regular file" {
	run cc-build-local -o /dev/null /nonexistent
	assert_failure 100
	assert_output "cc-build-local: cannot write '/dev/null': not a regular file"
	mkdir snake
	printf '[package]\nname = "snake"\nversion = "1"\n' >snake/package.toml
	run cc-build-local -o absent/x snake
	assert_failure 111
}

@test "--output writes through no link, neither at its place nor beside it" {
	mkdir snake
	printf '[package]\nname = "snake"\nversion = "1"\n' >snake/package.toml
	echo precious >kept
	ln -s kept snake.so.new
	ln -s kept snake.so
	(umask 027 && cc-build-local -o snake.so snake)
	assert_equal "$(cat kept)" precious
	assert [ -L snake.so.new ]
	assert_equal "$(stat -c '%F %a' snake.so)" 'regular empty file 640'
	assert_equal "$(ls | xargs)" 'kept snake snake.so snake.so.new'
	# A name with a dash in front is a name.
	cc-build-local -o -lib.so snake
	assert [ -f ./-lib.so ]
}

@test "a library that cannot be put in its place leaves nothing beside it" {
	mkdir snake bin
	printf '[package]\nname = "snake"\nversion = "1"\n' >snake/package.toml
	printf '#!/bin/sh\nexit 1\n' >bin/mv
	chmod +x bin/mv
	PATH=$PWD/bin:$PATH run cc-build-local -o snake.so snake
	assert_failure 111
	assert_equal "$(ls | xargs)" 'bin snake'
}

@test "options and operands" {
	run cc-build-local
	assert_failure 100
	assert_output 'usage: cc-build-local [options] dir'
	run cc-build-local a b
	assert_failure 100
	run cc-build-local --database-url x .
	assert_failure 100
	assert_output "cc-build-local: bad option '--database-url'"
	run cc-build-local --output
	assert_failure 100
	assert_output "cc-build-local: option '--output' needs a value"
	run cc-build-local --help
	assert_success
	assert_line --index 0 'usage: cc-build-local [options] dir'
	run cc-build-local --version
	assert_output --regexp '^cc-build-local [0-9]'
}
