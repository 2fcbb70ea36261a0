# SPDX-License-Identifier: Apache-2.0
# cc-sandbox and Rust: toolchains, cargo homes, and real builds with Debian's
# cargo and crates.

load levels

setup_file() {
	prepare_levels
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -m 700 dir
}



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
	    '"source".x.directory = "a"' $'[source]\ncrates-io = {}' \
	    $'["source"]\nx.directory = "a"' $'[[source]]' $'[[source.x]]' \
	    $'["sou\\u0072ce".x]\nsecret = "a"' '[source.x.y]' \
	    $'[source.x]\ndirectory = ["a"]' $'[source.x]\nsecret = "a"' \
	    $'[source.x]\ndirectory.y = "a"' $'[source.x]\ngit = "a\\u0000"'; do
		echo "$line" >home/config.toml
		run cc-sandbox --cargo-home home true
		assert_failure 100
		assert_output --regexp "^cc-sandbox: cannot use the config of 'home': line [12] is not \\[source.NAME\\] with plain strings$"
	done
	for line in $'[source.x]\ndirectory = "a' '[source.x' $'a = "\x01"' \
	    $'b = [1\n[source.x]\n' $'[source.x] y = "z"' '[source.]'; do
		echo "$line" >home/config.toml
		run cc-sandbox --cargo-home home true
		assert_failure 100
		assert_output --regexp "^cc-sandbox: cannot use the config of 'home': line [123] is not TOML$"
	done
	printf 'a = 1\n\0\n[source.x]\ngit = "y"\n' >home/config.toml
	run cc-sandbox --cargo-home home true
	assert_failure 100
	assert_output --partial 'line 2 is not TOML'
}

@test "a source is one however it is spelled, and none inside a string" {
	mkdir home
	cat >home/config.toml <<-'EOF'
	# comment
	note = """
	[source.inside]
	directory = "/inside"
	"""
	list = [ "a", # comment
	'[source.listed]', { directory = "/listed" } ]
	[ source."git+https://x/y?rev=1" ] # comment
	git = 'https://x/y' # comment
	"rev" = "1"
	replace-with = """
	z"""
	[alias]
	b = ["build"]
	source.x.directory = "/of-another-table"
	["source".crates-io]
	'directory' = "/a\u0020b\"c"
	["source"]
	[registries.'source']
	token = """
	[source.secret]
	git = "x"
	"""
	EOF
	run cc-sandbox --sandbox off --cargo-home home \
	    sh -c 'cat "$CARGO_HOME/config.toml"'
	assert_success
	assert_output '[source."git+https://x/y?rev=1"]
git = "https://x/y"
rev = "1"
replace-with = "z"
[source."crates-io"]
directory = "/a b\"c"'
}

@test "cargo takes from a quoted table what it would take from a plain one" {
	mkdir -p home
	printf '["source".crates-io]\nreplace-with = "v"\n[source."v"]\ndirectory = "/usr/share/cargo/registry"\n' \
	    >home/config.toml
	small_package
	printf '[dependencies]\nlibc = "0.2"\n' >>small/Cargo.toml
	CARGO_HOME=$PWD/home cargo generate-lockfile --offline \
	    --manifest-path small/Cargo.toml 2>/dev/null
	cargo_at bwrap small --cargo-home home
	assert_success
	assert_output --partial 'Compiling libc'
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

@test "what a package says to cargo in its own directory changes nothing" {
	small_package
	mkdir small/.cargo
	printf '[build]\nrustc-wrapper = "/absent"\ntarget-dir = "/absent"\n' \
	    >small/.cargo/config.toml
	echo absent >small/rust-toolchain
	for level in $levels; do
		cargo_at $level small
		assert_success
		assert_equal "$(report .artifact)" taken
	done
}

# small_version NUMBER: a version that returns it, as old as every other.
small_version() {
	sed -i "s/^version = \"1.*/version = \"1.0.$1\"/" small/Cargo.*
	echo "#[no_mangle] pub extern \"C\" fn run() -> i32 { $1 }" \
	    >small/src/lib.rs
	find small -exec touch -d 2001-01-01 {} +
	rm -f dir/artifact
	cargo_at bwrap small --target-dir kept
	assert_success
	assert_equal "$(report .artifact)" taken
	cp dir/artifact "$1.so"
}

@test "cargo brings no version's library back that it believes to be fresh" {
	mkdir kept
	small_package
	small_version 1
	small_version 2
	cp 1.so first.so
	run cmp 1.so 2.so
	assert_failure
	small_version 1
	cmp 1.so first.so
	# What is fresh indeed is linked anew.
	small_version 1
	assert_output --partial 'Compiling small'
	cmp 1.so first.so
}
