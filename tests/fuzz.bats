# SPDX-License-Identifier: Apache-2.0
# The readers of hostile text on mutated input, a bounded number of times, the
# same each time, under AddressSanitizer and UndefinedBehaviorSanitizer.

load helper

setup() {
	fuzz=$SUITE_ROOT/tests/fuzz
	cd "$BATS_TEST_TMPDIR" || return
	export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1
}

# compile NAME SOURCE... [-lLIB...]: sources below the suite's root, without .c
compile() {
	local name=$1 sources=() part
	shift
	for part; do
		case $part in
		-l*) sources+=("$part") ;;
		*) sources+=("$SUITE_ROOT/$part.c") ;;
		esac
	done
	cc -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined \
	    -fno-sanitize-recover=all -I"$SUITE_ROOT/lib" \
	    -I"$SUITE_ROOT/bin" -o fuzz \
	    "$fuzz/driver.c" "$fuzz/$name.c" "$SUITE_ROOT/lib/base/files.c" \
	    "$SUITE_ROOT/lib/base/fault.c" "${sources[@]}"
}

@test "the TOML reader survives 50,000 mutated documents" {
	compile toml lib/toml/{toml,toml_strings,toml_quoted,toml_scalar,toml_scan} \
	    lib/base/text
	run ./fuzz 50000 "$fuzz"/seeds/*.toml
	assert_success
	refute_output
}

@test "the sources of 30,000 mutated cargo configs are copied as strings" {
	printf '%s\n' '[source.x]' 'replace-with = "v\u00e9"' \
	    '[source."v\"\n]"] # c' 'directory = "a/b"' \
	    "local-registry = '/c\\'" '[other.source]' 'git = ["x", {a = 1}]' \
	    >seed1
	printf '%s\n' 'n = """' '[source.x]' '"""' '["source".x]' \
	    'git = """' 'https://x"""' 'rev="\u007f"' '[source]' >seed2
	compile sources lib/toml/{toml,toml_quoted,toml_scalar,toml_scan} \
	    lib/base/{arguments,text} bin/cc-sandbox/cargo_sources
	run ./fuzz 30000 seed*
	assert_success
	refute_output
}

@test "the path rules hold for 200,000 mutated names" {
	local i=0 name
	for name in p-1/src/lib.rs ./p-1/a/ ../../etc/passwd /a//b é/日本/😀 \
	    p-1/./a/../b $'p\n/\e[2J' "$(printf 'a/%.0s' {1..8})" \
	    "$(printf 'x%.0s' {1..255})/$(printf 'y%.0s' {1..40})"; do
		printf %s "$name" >"seed$((i++))"
	done
	compile path lib/archive/{entry_path,refusal} lib/base/text
	run ./fuzz 60000 seed*
	assert_success
	refute_output
}

@test "the unpacker holds its promise for 7,000 mutated archives" {
	local tar=$SUITE_ROOT/tests/archives/tar
	# The first byte, odd, asks for checksums that fit.
	{ printf 1; "$tar" package 'file|p-1/src/a|data=x' 'dir|p-1/d/' \
	    'file|p-1/b|mode=755|data=yy'; } >seed0
	{ printf 1; "$tar" 'file|x|pax=path=p-1/long|pax=size=3|data=abc' \
	    'file|x|gnu=p-1/longer|data=z' 'file|p-1/g|global=comment=x'; } >seed1
	{ printf 1; "$tar" 'v7|p-1/d/|magic=' '2|p-1/l|link=/etc' \
	    '1|p-1/h|link=p-1/a' 'sparse|p-1/s|data=x|magic=ustar  '; } >seed2
	{ printf 1; "$tar" 'file|b|prefix=p-1/a' \
	    'file|p-1/c|data=x|size_raw=\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01'
	} >seed3
	{ printf 1; "$tar" \
	    'sparse|p-1/s|magic=ustar  |map=512:3,2000:0|real=2000|data=abc' \
	    'sparse|p-1/t|magic=ustar  |map=0:0,1:0,2:0,3:0,4:0,5:0|real=5' \
	    'file|p-1/a|data=x'; } >seed6
	{ printf 0; "$tar" package | bzip2; } >seed4
	{ printf 0; "$tar" package | gzip; } >seed5
	compile unpack bin/cc-unpack/{source_tree,unpack} \
	    lib/archive/{archive_limits,archive_stream,entry_path,ignored,name_set} \
	    lib/archive/{refusal,tar_extended,tar_header,tar_reader,tar_sparse} \
	    lib/base/{list,remove_tree,sha256,text} -larchive -lcrypto
	run ./fuzz 7000 seed*
	assert_success
	refute_output
	assert [ ! -e root ]
}
