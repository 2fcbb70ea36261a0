# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Packages for the tests that build: made, archived, queued, looked up.

# The vendor directory: what Debian packages as librust-*-dev.
make_vendor_directory() {
	export CLOACINA_COMPILER_VENDOR_DIR=$BATS_FILE_TMPDIR/vendor
	mkdir -p "$CLOACINA_COMPILER_VENDOR_DIR"
	cat >"$CLOACINA_COMPILER_VENDOR_DIR/config.toml" <<-'EOF'
	[source.crates-io]
	replace-with = "vendored-sources"
	[source.vendored-sources]
	directory = "/usr/share/cargo/registry"
	EOF
}

# new_crate NAME [VERSION]: a cdylib without dependencies, with a lock file,
# in $BATS_TEST_TMPDIR/NAME-VERSION, which becomes $package.
new_crate() {
	local name=$1 version=${2:-1.0.0}
	package=$BATS_TEST_TMPDIR/$name-$version
	mkdir -p "$package/src"
	printf '[package]\nname = "%s"\nversion = "%s"\n' "$name" "$version" |
	    tee "$package/Cargo.toml" >"$package/package.toml"
	printf '[metadata]\nlanguage = "rust"\n' >>"$package/package.toml"
	printf 'edition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n' \
	    >>"$package/Cargo.toml"
	cat >"$package/src/lib.rs" <<-'EOF'
	#[no_mangle]
	pub extern "C" fn answer() -> u32 { 42 }
	EOF
	printf 'version = 3\n\n[[package]]\nname = "%s"\nversion = "%s"\n' \
	    "$name" "$version" >"$package/Cargo.lock"
}

# with_build_script <<EOF: the body of build.rs's main.
with_build_script() {
	{ echo 'fn main() {'; cat; echo '}'; } >"$package/build.rs"
}

lock_crate() {
	CARGO_HOME=$CLOACINA_COMPILER_VENDOR_DIR cargo generate-lockfile \
	    --offline --manifest-path "$package/Cargo.toml"
}

# queue_archive FILE NAME [VERSION]: prints the row's id.
queue_archive() {
	base64 -w0 "$1" >"$BATS_TEST_TMPDIR/archive.base64"
	psql -qXAt -v ON_ERROR_STOP=1 -v name="$2" \
	    -v version="${3:-1.0.0}" <<-EOF
	WITH archive AS (
	  INSERT INTO workflow_registry (data)
	  VALUES (decode('$(cat "$BATS_TEST_TMPDIR/archive.base64")', 'base64'))
	  RETURNING id)
	INSERT INTO workflow_packages (registry_id, package_name, version)
	SELECT id, :'name', :'version' FROM archive RETURNING id;
	EOF
}

# Archives $package and queues it; its row's id becomes $id.
queue_package() {
	local base=${package##*/}
	tar -C "${package%/*}" -cjf "$BATS_TEST_TMPDIR/archive" "$base"
	id=$(queue_archive "$BATS_TEST_TMPDIR/archive" "${base%-*}" \
	    "${base##*-}")
}

# The row's column of $id.
row() {
	sql "SELECT $1 FROM workflow_packages WHERE id = '$id'"
}

# A member of the newest event of a type of $id, from the log.
event() {
	grep "\"build_claim_id\":\"$id\"" "$CLOACINA_COMPILER_AUDIT_LOG" |
	    grep "\"event_type\":\"compiler.build.$1\"" | tail -n 1 |
	    jq -r ".$2"
}
