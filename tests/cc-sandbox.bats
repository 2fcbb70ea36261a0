# SPDX-License-Identifier: Apache-2.0
# cc-sandbox: its options, messages and reports, what a command sees at each
# level, and what comes out.

setup_file() {
	load helper
	cc -D_GNU_SOURCE -O1 -o "$BATS_FILE_TMPDIR/attempt" \
	    "$SUITE_ROOT/tests/confine/attempt.c" -lseccomp
	echo 'int answer(void) { return 42; }' >"$BATS_FILE_TMPDIR/lib.c"
	cc -shared -fPIC -o "$BATS_FILE_TMPDIR/lib.so" "$BATS_FILE_TMPDIR/lib.c"
	export attempt=$BATS_FILE_TMPDIR/attempt library=$BATS_FILE_TMPDIR/lib.so
	# A PATH on which there is no bubblewrap: level bwrap cannot be had.
	mkdir "$BATS_FILE_TMPDIR/no-bwrap"
	ln -s /usr/bin/* "$BATS_FILE_TMPDIR/no-bwrap"
	rm "$BATS_FILE_TMPDIR/no-bwrap/bwrap"
	export no_bwrap=$SUITE_ROOT/build/bin:$BATS_FILE_TMPDIR/no-bwrap
}

setup() {
	load helper
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -m 700 dir
	out=(--dir dir --out target/lib.so=dir/artifact)
}

bwrap_level() {
	cc-sandbox --ro "$BATS_FILE_TMPDIR" "$@"
}

# The warning about the weaker level has a test of its own.
landlock_level() {
	local status=0
	PATH=$no_bwrap cc-sandbox --sandbox preferred \
	    --ro "$BATS_FILE_TMPDIR" "$@" 2>"$BATS_TEST_TMPDIR/warnings" ||
	    status=$?
	grep -v 'no sandbox of level bwrap' "$BATS_TEST_TMPDIR/warnings" >&2 ||
	    true
	return $status
}

none_level() {
	cc-sandbox --sandbox off "$@"
}

levels='bwrap landlock none'

report() {
	jq -r "$1" dir/sandbox.json
}

# Inside an outer sandbox of bubblewrap, as in a container.
in_container() {
	bwrap --dev-bind / / "$@"
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
	for value in lib.so=x target/=x target/lib.so target/lib.so= /etc/x=y; do
		run cc-sandbox --out "$value" true
		assert_failure 100
		assert_output 'cc-sandbox: bad value for --out: want target/PATH=FILE'
	done
	for value in NAME =x; do
		run cc-sandbox --setenv "$value" true
		assert_failure 100
		assert_output 'cc-sandbox: bad value for --setenv: want NAME=VALUE'
	done
	for option in artifact-max target-size tmp-size rlimit-procs; do
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
	for path in / /proc /proc/sys; do
		run cc-sandbox --ro $path true
		assert_failure 100
		assert_output "cc-sandbox: bad value '$path' for --ro: a sandbox does not show it"
	done
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
		run jq -cS 'del(.error)' dir/sandbox.json
		assert_output "{\"artifact\":\"not_asked\",\"artifact_bytes\":0,\"artifact_error\":null,\"level\":\"$level\",\"started\":true,\"version\":1}"
		assert_equal "$(stat -c %a dir/sandbox.json)" 600
	done
}

@test "a report that cannot be written is a failure" {
	chmod 500 dir
	run cc-sandbox --dir dir true
	chmod 700 dir
	assert_failure 111
	assert_output "cc-sandbox: cannot write 'sandbox.json': Permission denied"
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
		assert_output 'A CARGO_HOME CARGO_TARGET_DIR HOME LANG PATH PWD TERM TMPDIR'
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
	run bwrap_level cat /etc/passwd
	assert_output 'build:x:1000:1000:build:/tmp:/usr/sbin/nologin'
	run bwrap_level id -un
	assert_output build
	run bwrap_level cc --version
	assert_success
}

@test "the root, /dev and /usr are read-only; target and /tmp are not" {
	for path in / /dev /dev/shm /usr /build /etc /proc /build/source; do
		mkdir -p source
		run bwrap_level --source source touch "$path/x"
		assert_failure
		assert_output --regexp 'Read-only file system|Permission denied|No such file'
	done
	run bwrap_level sh -c 'touch {target}/x /tmp/x $CARGO_HOME/x'
	assert_success
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

@test "there is no network, not even a loopback that is up" {
	run bwrap_level cat /proc/net/dev
	assert_equal "$(grep -c : <<<"$output")" 1
	assert_output --partial 'lo:'
	run bwrap_level "$attempt" socket 2 1
	assert_output EPERM
	run "$attempt" socket 2 1
	assert_output ok
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
			assert_output --partial 'cc-sandbox: cannot take the file of --out: '
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
	assert_failure 111
	refute_line began
	assert_equal "$(report .started)" false
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

# ---- toolchain

# A directory with a bin/rustc that says which it is.
toolchain() {
	mkdir -p "$1/bin"
	printf '#!/bin/sh\necho rustc of %s $RUSTUP_TOOLCHAIN\n' "${1##*/}" \
	    >"$1/bin/rustc"
	chmod +x "$1/bin/rustc"
}

@test "a toolchain is found in a rustup home, or is the directory itself" {
	toolchain home/toolchains/one
	for level in $levels; do
		run ${level}_level --toolchain home rustc
		assert_output 'rustc of one one'
		run ${level}_level --toolchain home/toolchains/one rustc
		assert_output 'rustc of one'
	done
	toolchain home/toolchains/two
	run cc-sandbox --toolchain home rustc
	assert_failure 100
	assert_output "cc-sandbox: several toolchains in 'home': name one of 'home/toolchains/'"
	echo 'default_toolchain = "two"' >home/settings.toml
	run cc-sandbox --toolchain home rustc
	assert_output 'rustc of two two'
	run cc-sandbox --toolchain dir rustc
	assert_failure 100
	assert_output "cc-sandbox: no Rust toolchain in 'dir'"
	run bwrap_level --toolchain home touch "$PWD/home/x"
	assert_failure
}

# ---- real cargo

# A vendor directory as the guide has it, but for its relative path, beside
# what a build must never see.
vendor_directory() {
	mkdir -p "$1"
	cat >"$1/config.toml" <<-EOF
	[source.crates-io]
	replace-with = "vendored-sources"

	[source.vendored-sources]
	directory = "${2:-/usr/share/cargo/registry}"

	[registry]
	token = "secret"

	[build]
	rustc-wrapper = "/absent"
	EOF
	echo '[registry]' >"$1/credentials.toml"
}

# A package with a crate that has a build script, a C file of its own, and a
# dependency with the line that uses it.
real_package() {
	mkdir -p real/src
	cat >real/Cargo.toml <<-EOF
	[package]
	name = "real"
	version = "1.0.0"
	edition = "2021"
	[lib]
	crate-type = ["cdylib"]
	[dependencies]
	libc = "0.2"
	${1:-}
	[build-dependencies]
	cc = "1"
	EOF
	cat >real/build.rs <<-'EOF'
	fn main() { cc::Build::new().file("src/x.c").compile("x"); }
	EOF
	echo 'int answer(void) { return 42; }' >real/src/x.c
	cat >real/src/lib.rs <<-EOF
	${2:-}
	extern "C" { fn answer() -> libc::c_int; }
	#[no_mangle]
	pub extern "C" fn run() -> libc::c_int { unsafe { answer() } }
	EOF
	CARGO_HOME=$PWD/vendor cargo generate-lockfile --offline \
	    --manifest-path real/Cargo.toml 2>/dev/null
}

# A package without dependencies.
small_package() {
	mkdir -p small/src
	cat >small/Cargo.toml <<-'EOF'
	[package]
	name = "small"
	version = "1.0.0"
	edition = "2021"
	[lib]
	crate-type = ["cdylib"]
	EOF
	echo '#[no_mangle] pub extern "C" fn run() -> i32 { 42 }' >small/src/lib.rs
	cat >small/Cargo.lock <<-'EOF'
	version = 3

	[[package]]
	name = "small"
	version = "1.0.0"
	EOF
}

# cargo LEVEL PACKAGE [OPTION ...]
cargo_at() {
	local level=$1 package=$2
	shift 2
	run ${level}_level --dir dir --source "$package" \
	    --out "target/debug/lib$package.so=dir/artifact" "$@" \
	    cargo build --lib --frozen --offline \
	    --manifest-path '{source}/Cargo.toml'
}

# At level bwrap with serde_derive, which takes its time.
build_real() {
	rm -f dir/artifact
	cargo_at "$1" real --cargo-home vendor
	assert_success
	assert_equal "$(report .artifact)" taken
	run nm -D dir/artifact
	assert_output --partial ' T run'
}

@test "a proc macro, a build script and a C file build at level bwrap" {
	vendor_directory vendor
	real_package 'serde = { version = "1", features = ["derive"] }' \
	    '#[derive(serde::Serialize)] pub struct S { pub number: i32 }'
	build_real bwrap
}

@test "a build script and a C file build at the weaker levels" {
	vendor_directory vendor
	real_package
	build_real landlock
	build_real none
}

@test "a read-only cargo home builds: one that could not be written broke cargo" {
	vendor_directory vendor
	small_package
	chmod -R a-w vendor
	for level in $levels; do
		cargo_at $level small --cargo-home vendor
		assert_success
	done
	chmod -R u+w vendor
	assert_equal "$(ls -A vendor | xargs)" 'config.toml credentials.toml'
}

@test "of the cargo home only the sources come in, never a token" {
	vendor_directory vendor
	for level in $levels; do
		run ${level}_level --cargo-home vendor -- sh -c 'cat "$CARGO_HOME"/*
		    ls -A "$CARGO_HOME" "$0"' "$PWD/vendor"
		assert_line 'directory = "/usr/share/cargo/registry"'
		assert_line config.toml
		refute_output --partial secret
		refute_output --partial rustc-wrapper
		[ $level = none ] || refute_output --partial credentials
	done
}

@test "relative directories start where cargo has them start" {
	ln -s /usr/share/cargo/registry crates
	vendor_directory home/cargo ../crates
	for level in $levels; do
		run ${level}_level --cargo-home home/cargo \
		    sh -c 'cat "$CARGO_HOME/config.toml"'
		assert_line "directory = \"$PWD/home/../crates\""
		run ${level}_level --cargo-home home/cargo \
		    ls "$PWD/home/../crates/"
		assert_line --regexp '^libc-'
	done
}

@test "a source that is not understood is refused, never left out" {
	mkdir home
	local line
	for line in 'source.crates-io.replace-with = "x"' 'source = {}' \
	    $'[source.x]\ndirectory = ["a"]' $'[source.x]\nsecret = "a"' \
	    $'[source.x]\ndirectory = "a\\\\b"' $'[source.x]\ndirectory = "a' \
	    $'[source.x'; do
		echo "$line" >home/config.toml
		run cc-sandbox --cargo-home home true
		assert_failure 100
		assert_output --regexp "^cc-sandbox: cannot use the config of 'home': line [12] is not \\[source.NAME\\] with plain strings$"
	done
	cat >home/config.toml <<-'EOF'
	# comment
	[ source."git+https://x/y?rev=1" ] # comment
	git = 'https://x/y' # comment
	rev = "1"
	replace-with = "z"
	[alias]
	b = ["build"]
	EOF
	run cc-sandbox --cargo-home home sh -c 'cat "$CARGO_HOME/config.toml"'
	assert_success
	assert_output '[ source."git+https://x/y?rev=1" ]
git = "https://x/y"
rev = "1"
replace-with = "z"'
}

# A registry with one crate in it, in the form of cargo 1.65.
registry() {
	local crate sum
	mkdir -p index/it/oa itoa-1.0.1 dl
	crate=$(ls -d /usr/share/cargo/registry/itoa-*)
	cp -R "$crate/." itoa-1.0.1
	rm itoa-1.0.1/.cargo-checksum.json
	sed -i 's/^version = .*/version = "1.0.1"/;T;:a;n;ba' itoa-1.0.1/Cargo.toml
	tar czf dl/itoa.crate itoa-1.0.1
	sum=$(sha256sum dl/itoa.crate | cut -d' ' -f1)
	echo "{\"dl\":\"file://$PWD/dl/{crate}.crate\"}" >index/config.json
	echo "{\"name\":\"itoa\",\"vers\":\"1.0.1\",\"deps\":[],\"cksum\":\"$sum\",\"features\":{},\"yanked\":false}" \
	    >index/it/oa/itoa
	git -C index init -q
	git -C index add .
	git -C index -c user.name=x -c user.email=x@x commit -qm x
}

@test "a plain cargo home with a registry of downloaded crates builds" {
	registry
	mkdir home
	cat >home/config.toml <<-EOF
	[source.crates-io]
	replace-with = "mirror"
	[source.mirror]
	registry = "file://$PWD/index"
	EOF
	small_package
	printf '[dependencies]\nitoa = "1"\n' >>small/Cargo.toml
	rm small/Cargo.lock
	CARGO_HOME=$PWD/home cargo fetch --manifest-path small/Cargo.toml \
	    2>/dev/null
	for level in $levels; do
		cargo_at $level small --cargo-home home
		assert_success
		assert_output --partial 'Compiling itoa'
	done
	# cargo unpacks for itself what was only downloaded.
	rm -r home/registry/src
	cargo_at bwrap small --cargo-home home
	assert_success
	assert_equal "$(ls home/registry | xargs)" 'CACHEDIR.TAG cache index'
}

# ---- what a host can do

@test "--probe finds all levels here, and runs nothing" {
	run cc-sandbox --probe touch "$PWD/made"
	assert_success
	assert_equal "$(jq -c '[.version, .level, .bwrap.works, .landlock.works]' <<<"$output")" \
	    '[1,"bwrap",true,true]'
	assert [ ! -e made ]
	run bash -c 'cc-sandbox --probe >/dev/full'
	assert_failure 111
	assert_output 'cc-sandbox: cannot write to stdout: No space left on device'
}

# The probe's word on level bwrap, and on the mode `required`.
probe() {
	run "$@" --probe
	assert_failure 1
	assert_equal "$(jq -r .level <<<"$output")" landlock
	reason=$(jq -r .bwrap.reason <<<"$output")
	remedy=$(jq -r .bwrap.remedy <<<"$output")
}

@test "without bubblewrap the probe names the package" {
	PATH=$no_bwrap probe cc-sandbox
	assert_equal "$reason" "cannot run 'bwrap': No such file or directory"
	assert_equal "$remedy" 'install bubblewrap: apt-get install bubblewrap'
	# The weaker modes can be had.
	PATH=$no_bwrap run cc-sandbox --sandbox preferred --probe
	assert_success
	PATH=$no_bwrap run cc-sandbox --sandbox off --probe
	assert_success
}

@test "required where it cannot be had: nothing runs, one line says what to do" {
	PATH=$no_bwrap run cc-sandbox --dir dir touch "$PWD/made"
	assert_failure 111
	assert_output "cc-sandbox: no sandbox of level bwrap: cannot run 'bwrap': No such file or directory; install bubblewrap: apt-get install bubblewrap"
	assert [ ! -e made ]
	assert_equal "$(report '.level, .started, .error' | xargs -d '\n')" \
	    "bwrap false cannot run 'bwrap': No such file or directory"
}

@test "in a container that covers /proc the level never falls in silence" {
	mkdir empty
	local container=(in_container --unshare-pid --proc /proc
	    --bind empty /proc/irq -- cc-sandbox)
	run "${container[@]}" --dir dir echo began
	assert_failure 111
	refute_line began
	assert_output --partial 'procMount: Unmasked'
	assert_equal "$(report .started)" false
	run "${container[@]}" --sandbox preferred --dir dir echo began
	assert_success
	assert_line began
	assert_line --partial 'cc-sandbox: no sandbox of level bwrap: '
	assert_equal "$(report .level)" landlock
	assert_equal "$(report '.error | contains("proc")')" true
	probe "${container[@]}"
	assert_equal "$(grep -c systempaths <<<"$remedy")" 1
}

@test "inside another user namespace it works as outside" {
	run in_container -- cc-sandbox sh -c 'id -un; ls /home'
	assert_line build
	assert_line --partial "cannot access '/home'"
	run in_container -- cc-sandbox --probe
	assert_success
}

@test "a system call filter that refuses user namespaces is recognised" {
	probe cc-confine --ro / --rw /tmp --rw "$PWD" -- cc-sandbox
	assert_equal "$(grep -c seccomp=unconfined <<<"$remedy")" 1
}

@test "user namespaces that are used up or switched off are recognised" {
	probe in_container --unshare-user --disable-userns -- cc-sandbox
	assert_equal "$(grep -c max_user_namespaces <<<"$remedy")" 1
	# A filter makes the namespace fail; the settings say why it would.
	mkdir kernel
	cp /proc/sys/kernel/overflow* kernel
	local refused=(in_container --bind kernel /proc/sys/kernel --
	    cc-confine --ro / --rw /tmp --rw "$PWD" -- cc-sandbox)
	echo 0 >kernel/unprivileged_userns_clone
	probe "${refused[@]}"
	assert_equal "$remedy" \
	    'as root: sysctl -w kernel.unprivileged_userns_clone=1'
}

@test "an older bubblewrap is told from a missing one" {
	# What bubblewrap 0.4 says; no such version can be installed here.
	mkdir old
	printf '#!/bin/sh\necho "bwrap: Unknown option --size" >&2\nexit 1\n' \
	    >old/bwrap
	chmod +x old/bwrap
	PATH=$PWD/old:$PATH probe cc-sandbox
	assert_equal "$reason" 'bwrap: Unknown option --size'
	assert_equal "$remedy" \
	    'install bubblewrap 0.8 or newer; this one is too old'
}
