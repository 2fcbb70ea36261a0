# SPDX-License-Identifier: Apache-2.0
# bin/cc-sandbox/artifact.c and bin/cc-sandbox/elf_check.c on trees that hostile code might leave.

load helper

setup_file() {
	local lib=$SUITE_ROOT/lib tests=$SUITE_ROOT/tests/outcome
	cd "$BATS_FILE_TMPDIR"
	build_helper take "$tests/artifact.c" cc-sandbox
	cc -D_GNU_SOURCE -O1 -g -fsanitize=address,undefined \
	    -fno-sanitize-recover=all -I"$lib" -I"$SUITE_ROOT/bin" \
	    -o fuzz "$tests/elf_fuzz.c" \
	    "$SUITE_ROOT/bin/cc-sandbox/elf_check.c" "$lib/base/files.c"
	echo 'int answer(void) { return 42; }' >library.c
	cc -shared -fPIC -o library.so library.c
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir tree out
	cp "$BATS_FILE_TMPDIR/library.so" tree/library.so
}

# take PATH [MOST [TREE]]
take() {
	"$BATS_FILE_TMPDIR/take" "${3:-tree}" "$1" out "${2:-1M}"
}

# refused AS PATH [MOST [TREE]]: and nothing is left of it.
refused() {
	run take "${@:2}"
	assert_success
	assert_output "$1 0"
	assert_equal "$(ls -A out)" ''
}

# patch OFFSET BYTE...: overwrites bytes of the library, as hexadecimal.
patch() {
	local offset=$1
	shift
	printf '%b' "$(printf '\\x%s' "$@")" |
	    dd of=tree/library.so bs=1 seek="$offset" conv=notrunc status=none
}

@test "takes a library, byte for byte, private, whatever its mode" {
	chmod 6755 tree/library.so
	run take library.so
	assert_success
	assert_output "taken $(stat -c %s tree/library.so)"
	assert_equal "$(ls -A out)" artifact
	assert_equal "$(stat -c %a out/artifact)" 600
	cmp tree/library.so out/artifact
}

@test "takes one of several hard links, as cargo makes them" {
	mkdir -p tree/target/release/deps
	mv tree/library.so tree/target/release/deps/
	ln tree/target/release/deps/library.so tree/target/release/
	run take target/release/library.so
	assert_output --regexp '^taken '
}

@test "replaces what an earlier attempt brought out" {
	echo old >out/artifact
	take library.so
	cmp tree/library.so out/artifact
}

@test "what is refused does not replace what is there" {
	echo old >out/artifact
	echo text >tree/library.so
	run take library.so
	assert_output 'not_library 0'
	assert_equal "$(cat out/artifact)" old
}

@test "what is not there is missing" {
	refused missing nothing.so
	refused missing nowhere/library.so
	refused missing library.so/below
	refused missing library.so 1M out
}

@test "a symlink is not followed, wherever in the path" {
	ln -s library.so tree/link.so
	ln -s . tree/here
	ln -s "$PWD/tree" tree/absolute
	ln -s nowhere tree/dangling.so
	refused not_regular link.so
	refused not_regular here/library.so
	refused not_regular absolute/library.so
	refused not_regular dangling.so
	refused not_regular exe 100M /proc/self
}

@test "nothing above the tree is reached" {
	mkdir tree/inner
	refused not_regular ../library.so 1M tree/inner
	refused not_regular ../inner/../library.so 1M tree/inner
	refused not_regular "$PWD/tree/library.so"
	run take inner/../library.so
	assert_output --regexp '^taken '
}

@test "only a regular file is taken, and none of the others is waited for" {
	mkfifo tree/fifo
	perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0);
	    bind(S, sockaddr_un("tree/socket")) or die'
	refused not_regular fifo
	refused not_regular socket
	refused not_regular .
	refused not_regular null 1M /dev
	refused not_regular tty 1M /dev
}

@test "what its author made unreadable is refused" {
	mkdir tree/closed
	mv tree/library.so tree/closed
	chmod 0 tree/closed/library.so
	refused not_regular closed/library.so
	chmod 0 tree/closed
	refused not_regular closed/library.so
	chmod 700 tree/closed
}

@test "the bound holds to the byte" {
	local size
	size=$(stat -c %s tree/library.so)
	refused too_large library.so $((size - 1))
	run take library.so "$size"
	assert_output "taken $size"
}

@test "a file of a terabyte is refused before a byte is written" {
	truncate -s 1T tree/library.so
	(
		ulimit -f 0
		refused too_large library.so 256M
	)
}

@test "what is read counts, not what the file said" {
	# These say they have no bytes, and 4096 bytes.
	refused too_large kallsyms 64K /proc
	refused not_library version 64K /proc
	refused not_library kernel/mm/transparent_hugepage/enabled 64K /sys
}

@test "a full disk is this host's failure, and nothing is left" {
	truncate -s 512K tree/library.so
	run bash -c "trap '' XFSZ; ulimit -f 64
	    exec '$BATS_FILE_TMPDIR/take' tree library.so out 1M"
	assert_output 'failed EFBIG'
	assert_equal "$(ls -A out)" ''
}

@test "a directory that may not be written to is this host's failure" {
	chmod 500 out
	run take library.so
	assert_output 'failed EACCES'
}

@test "a library with much behind its end is taken" {
	truncate -s 100M tree/library.so
	run take library.so 256M
	assert_output "taken $((100 << 20))"
}

@test "what is no ELF file is no library" {
	: >tree/empty
	printf '\177ELF' >tree/short
	echo '#!/bin/sh' >tree/script
	echo 'GROUP ( /lib/libc.so )' >tree/linker-script
	head -c 63 "$BATS_FILE_TMPDIR/library.so" >tree/header
	for file in empty short script linker-script header; do
		refused not_library "$file"
	done
}

@test "an object, an archive and an executable are no libraries" {
	echo 'int main(void) { return 0; }' >main.c
	cc -c -o tree/object.o main.c
	ar rc tree/archive.a tree/object.o
	cc -no-pie -o tree/executable main.c
	cc -pie -o tree/pie main.c
	cc -static-pie -o tree/static-pie main.c
	for file in object.o archive.a executable pie static-pie; do
		refused not_library "$file"
	done
}

@test "a library that was cut is none" {
	head -c 8192 "$BATS_FILE_TMPDIR/library.so" >tree/library.so
	refused not_library library.so
}

@test "each field of the ELF header is checked" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip 'offsets are those of ELF64'
	local field
	# class, byte order, version, ABI, type (executable, relocatable,
	# core), machine, version, the headers' place, sizes and number
	for field in '4 01' '5 02' '6 02' '7 09' '16 02' '16 01' '16 04' \
	    '18 03' '20 02' '32 ff ff ff ff ff ff ff ff' \
	    '32 f8 ff ff ff ff ff ff ff' '32 ff ff ff 7f 00 00 00 00' \
	    '52 41' '54 37' '56 00 00' '56 ff ff' '0 00'; do
		cp "$BATS_FILE_TMPDIR/library.so" tree/library.so
		# shellcheck disable=SC2086 # offset and bytes
		patch $field
		refused not_library library.so
	done
	cp "$BATS_FILE_TMPDIR/library.so" tree/library.so
	patch 7 03 # the GNU ABI is as good as System V's
	run take library.so
	assert_output --regexp '^taken '
}

# The place in the file of the first program header of a type's number.
program_header() {
	local i at
	for i in $(seq 0 20); do
		at=$((64 + 56 * i))
		[ "$(od -An -tu4 -j "$at" -N 4 tree/library.so)" -ne "$1" ] ||
		    break
	done
	echo "$at"
}

@test "each field of a program header is checked" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip 'offsets are those of ELF64'
	local type at field ones='ff ff ff ff ff ff ff ff'
	for type in 1 2; do # to be loaded, dynamic
		at=$(program_header "$type")
		# offset and size beyond the file, size and address that
		# overflow, alignment that is no power of two, no such type
		for field in "8 $ones" '8 00 f0 ff ff ff ff ff ff' "32 $ones" "40 $ones" \
		    '48 03 10 00 00 00 00 00 00' '0 44 44 44 44'; do
			[ "$type$field" != '10 44 44 44 44' ] || continue
			cp "$BATS_FILE_TMPDIR/library.so" tree/library.so
			# shellcheck disable=SC2086 # offset and bytes
			patch $((at + ${field%% *})) ${field#* }
			refused not_library library.so
		done
	done
}

@test "a dynamic section without its end or its tables is refused" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip 'offsets are those of ELF64'
	local at dynamic size entry tag
	at=$(program_header 2)
	dynamic=$(($(od -An -tu8 -j $((at + 8)) -N 8 tree/library.so)))
	size=$(($(od -An -tu8 -j $((at + 32)) -N 8 tree/library.so)))
	for tag in 0 5 6; do # DT_NULL, DT_STRTAB, DT_SYMTAB
		cp "$BATS_FILE_TMPDIR/library.so" tree/library.so
		for ((entry = dynamic; entry < dynamic + size; entry += 16)); do
			[ "$(od -An -tu8 -j "$entry" -N 8 tree/library.so)" \
			    -ne "$tag" ] || patch "$entry" 44 44 44 44
		done
		refused not_library library.so
	done
	cp "$BATS_FILE_TMPDIR/library.so" tree/library.so
	patch $((at + 32)) 00 00 00 00 00 00 00 00
	refused not_library library.so
}

@test "a hundred thousand spoiled headers neither crash nor confuse it" {
	run "$BATS_FILE_TMPDIR/fuzz" "$BATS_FILE_TMPDIR/library.so" 100000
	assert_success
	assert_output --regexp '^[1-9][0-9]* taken, [1-9][0-9]* refused$'
}

@test "takes a library that cargo built" {
	mkdir -p crate/src
	printf '%s\n' '[package]' 'name = "flow"' 'version = "1.0.0"' '[lib]' \
	    'crate-type = ["cdylib"]' >crate/Cargo.toml
	: >crate/src/lib.rs
	env -i PATH=/usr/bin:/bin HOME="$PWD" CARGO_TARGET_DIR="$PWD/tree" \
	    cargo build -q --release --offline --manifest-path crate/Cargo.toml
	run take release/libflow.so 256M
	assert_output --regexp '^taken '
}
