# SPDX-License-Identifier: Apache-2.0
# What cc-unpack does not take, each beside what it does take. Each refusal is
# one line that names the entry and the rule, and leaves nothing else.

load archives/helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "an absolute path is refused" {
	refuses "entry '/etc/passwd': its path is absolute" -- 'file|/etc/passwd'
	refuses "entry '//p-1/a': its path is absolute" -- 'file|//p-1/a'
	refuses "entry '/': its path is absolute" -- 'dir|/'
	refuses "entry '/tmp/a': its path is absolute" -- 'file|a|prefix=/tmp'
	refuses "entry '/a': its path is absolute" -- 'file|p-1/a|pax=path=/a'
	refuses "entry '/a': its path is absolute" -- 'file|p-1/a|gnu=/a'
	takes -- 'file|p-1/etc/passwd'
}

@test "a '..' is refused wherever it stands" {
	local path
	for path in .. ../ ../a p-1/.. p-1/../ p-1/../a p-1/../../a p-1/a/../b \
	    p-1/a/.. ./../a ./p-1/../a p-1/a/../../../b; do
		refuses "entry '$path': its path has a '..' component" -- \
		    "file|$path"
		refuses "entry '$path': its path has a '..' component" -- \
		    "file|p-1/x|pax=path=$path"
	done
	refuses "entry 'p-1/../a': its path has a '..' component" -- \
	    'file|../a|prefix=p-1'
	takes -- 'file|p-1/...' 'file|p-1/..a' 'file|p-1/a..' 'file|p-1/b../c'
}

@test "a '.' is refused but for one './' at the front" {
	local path
	for path in . ./ p-1/. p-1/./ p-1/./a ././p-1/a; do
		refuses "entry '$path': its path has a '.' component" -- \
		    "file|$path"
	done
	takes -- 'file|./p-1/a' 'file|p-1/.a' 'dir|./p-1/d/' 'file|p-1/d/.b'
	assert [ -f d/source/a ]
	assert [ -f d/source/d/.b ]
}

@test "an empty path or component is refused" {
	refuses "entry '': its name is empty" -- 'file|'
	refuses "entry '': its name is empty" -- 'file|p-1/a|pax=path='
	refuses "entry '': its name is empty" -- 'file|p-1/a|gnu='
	local path
	for path in p-1//a p-1/a// .//p-1/a p-1/d//b; do
		refuses "entry '$path': its path has an empty component" -- \
		    "file|$path"
	done
	takes -- 'dir|p-1/a/' 'dir|p-1/b'
}

@test "a backslash is a character like others" {
	takes -- 'file|p-1/..\\..\\a' 'file|p-1/C:\\x'
	assert [ -f 'd/source/..\..\a' ]
	assert [ -f 'd/source/C:\x' ]
}

@test "a symbolic link is refused, and the file through it not reached" {
	mkdir outside
	refuses "entry 'p-1/l': it is a symbolic link" -- \
	    "2|p-1/l|link=$PWD/outside" 'file|p-1/l/a'
	refuses "entry 'p-1/l': it is a symbolic link" -- '2|p-1/l|link=a'
	refuses "entry 'p-1': it is a symbolic link" -- \
	    "2|p-1|link=$PWD/outside" 'file|p-1/a'
	assert_equal "$(ls -A outside)" ''
	takes -- 'file|p-1/l' 'file|p-1/l2/a'
}

@test "a hard link is refused, to the outside and to the inside" {
	echo secret >outside
	refuses "entry 'p-1/l': it is a hard link" -- "1|p-1/l|link=$PWD/outside"
	refuses "entry 'p-1/l': it is a hard link" -- \
	    '1|p-1/l|link=p-1/package.toml'
	assert_equal "$(stat -c %h outside)" 1
	# GNU's header for a long target, which a link alone may have.
	refuses "entry 'p-1/l': it is a symbolic link" -- \
	    'K|././@LongLink|data=/etc' '2|p-1/l|link=/etc'
}

@test "devices, FIFOs and entries of unknown types are refused" {
	refuses "entry 'p-1/d': it is a device" -- '3|p-1/d'
	refuses "entry 'p-1/d': it is a device" -- '4|p-1/d'
	refuses "entry 'p-1/d': it is a FIFO" -- '6|p-1/d'
	refuses "entry 'p-1/d': it is of the unknown type 0x37" -- '7|p-1/d'
	refuses "entry 'p-1/d': it is of the unknown type 0x56" -- 'V|p-1/d'
	refuses "entry 'p-1/d': it is of the unknown type 0x58" -- 'X|p-1/d'
	takes -- 'v7|p-1/file' 'v7|p-1/directory/'
	assert [ -f d/source/file ]
	assert [ -d d/source/directory ]
}

# holes MAP REAL DATA [KEY=VALUE...]: an entry in GNU's form for holes.
holes() {
	local map=$1 real=$2 data=$3
	shift 3
	local IFS='|'
	echo "sparse|p-1/s|magic=ustar  |map=$map|real=$real|data=$data${1:+|}$*"
}

block=$(printf 'x%.0s' {1..512})

@test "a file with holes is taken in GNU's old form" {
	takes -- "$(holes 512:3,2000:0 2000 abc)" 'file|p-1/z|data=z'
	assert_equal "$(stat -c %s d/source/s)" 2000
	cmp d/source/s <(head -c 512 /dev/zero; printf abc
		head -c 1485 /dev/zero)
	assert_equal "$(cat d/source/z)" z
	assert_equal "$(jq .bytes d/unpack.json)" \
	    $((2001 + $(stat -c %s d/source/package.toml)))
	takes -- "$(holes 0:512,512:1 513 "${block}y")"
	cmp d/source/s <(printf %s "${block}y")
	takes -- "$(holes 70000:0 70000 '')"
	cmp d/source/s <(head -c 70000 /dev/zero)
	# Of a file of 4.5 MB, in 26 regions: one more than a header and a block.
	local map='' data='' i
	for ((i = 0; i < 26; i++)); do
		map+=$((i * 180000)):512,
		data+=$block
	done
	takes -- "$(holes "${map}4500512:0" 4500512 "$data")"
	cmp d/source/s <(for ((i = 0; i < 26; i++)); do
		[ $i = 0 ] || head -c $((180000 - 512)) /dev/zero
		printf %s "$block"
	done)
}

@test "a file with holes as tar writes it is what it was" {
	mkdir -p p-1 d
	printf '[package]\nname = "p"\nversion = "1"\n' >p-1/package.toml
	truncate -s 200K p-1/end
	echo x >>p-1/end
	truncate -s 1M p-1/empty
	local i
	for ((i = 0; i < 30; i++)); do
		printf '%s' "$block" |
		    dd of=p-1/many bs=1 seek=$((i * 131072)) conv=notrunc status=none
	done
	truncate -s 5M p-1/many
	local long
	long=p-1/$(printf 'l%.0s' {1..150})
	cp --sparse=always p-1/many "$long"
	for i in gnu oldgnu; do
		rm -rf d/*
		tar -cS --format=$i -f archive p-1
		# It is about holes, if the file system makes them.
		[ "$(stat -c %s archive)" -lt 1000000 ] ||
		    skip 'the file system here makes no holes'
		run cc-unpack d archive
		assert_success
		diff -r p-1 d/source
	done
}

@test "holes count as what they stand for" {
	local size
	tar_of package "$(holes 1000000:3 1000003 abc)" >archive
	# What the archive holds, and the hole.
	size=$(($(stat -c %s archive) + 1000000))
	mkdir d
	run cc-unpack --unpacked-max $size d archive
	assert_success
	rm -rf d/*
	run cc-unpack --unpacked-max $((size - 1)) d archive
	is_refused "entry 'p-1/s': the archive unpacks to more than $((size - 1)) bytes (--unpacked-max)"
	refuses "entry 'p-1/s': it is larger than 1000000 bytes (--unpacked-max)" \
	    --unpacked-max 1000000 -- "$(holes 1000000:3 1000003 abc)"
	refuses "entry 'p-1/s': the archive unpacks to more than 100 times its size (--ratio-max)" \
	    -- "$(holes 20000000:0 20000000 '')"
	refuses "entry 'p-1/s': it is larger than 524288000 bytes (--unpacked-max)" \
	    -- "$(holes 8589934591:0 8589934591 '')"
}

@test "a map of holes that readers would read differently is refused" {
	local rule="entry 'p-1/s': its map of holes is damaged"
	# Out of order, over each other, past the end, short of it.
	refuses "$rule" -- "$(holes 1024:512,0:512 1536 "$block$block")"
	refuses "$rule" -- "$(holes 0:512,511:512 1024 "$block$block")"
	refuses "$rule" -- "$(holes 0:512,512:512 1023 "$block$block")"
	refuses "$rule" -- "$(holes 1025:0 1024 '')"
	refuses "$rule" -- "$(holes 0:512 1024 "$block")"
	# Not as many bytes as the header says.
	refuses "$rule" -- "$(holes 0:512 512 "$block" size=511)"
	refuses "$rule" -- "$(holes 0:511 511 "$block")"
	# A region whose bytes do not begin a block.
	refuses "$rule" -- "$(holes 0:1,1024:1 1025 xy)"
	# Half a field, a field behind the end, a flag that is none, no flag.
	refuses "$rule" -- "$(holes :512 512 "$block")"
	refuses "$rule" -- "$(holes 0: 0 '')"
	refuses "$rule" -- "$(holes 512:0 512 '' tail=1)"
	refuses "$rule" -- "$(holes 512:0 512 '' continued=1)"
	refuses "$rule" -- "$(holes 0:0,0:0,0:0,0:0 0 '' continued=2)"
	refuses "$rule" -- 'sparse|p-1/s|data=x'
	refuses "$rule" -- "$(holes 512:0 512 '' 'magic=ustar\x0000')"
	refuses "entry 'p-1/s': it has an extended header of pax and a map of holes" \
	    -- "$(holes 512:0 512 '' pax=comment=x)"
	refuses "entry 'p-1/s': the archive is cut off" -- \
	    no-end "$(holes 0:0,0:0,0:0,512:0 512 '' continued=1)"
	takes -- "$(holes 0:0,0:0,0:0,0:0 0 '')"
	# A name of GNU's is no reason.
	takes -- "$(holes 512:0 512 '' gnu=p-1/named)"
	assert_equal "$(stat -c %s d/source/named)" 512
}

@test "a map of holes may have 4096 regions" {
	local map
	map=$(seq -s : 0 4095 | sed 's/:/:0,/g'):0
	takes -- "$(holes "$map" 4095 '')"
	refuses "entry 'p-1/s': it has more than 4096 regions between holes: write the archive with cc-pack, or with tar without --sparse" \
	    -- "$(holes "$map,4095:0" 4095 '')"
}

@test "files with holes are refused in each form of pax" {
	local rule='it is a file with holes in a form of pax: write the archive with cc-pack, or with tar without --sparse'
	refuses "entry 'p-1/s': $rule" -- \
	    'file|p-1/s|data=x|pax=GNU.sparse.major=1'
	refuses "entry 'p-1/s': $rule" -- \
	    'file|p-1/s|data=xyz|pax=SCHILY.realsize=1'
	refuses "entry 'p-1/s': $rule" -- \
	    'file|p-1/s|data=xyz|pax=SUN.holesdata= 0 1'
	truncate -s 100M sparse
	echo x >>sparse
	mkdir -p p-1 d
	printf '[package]\nname = "p"\nversion = "1"\n' >p-1/package.toml
	mv sparse p-1/
	local version
	for version in 0.0 0.1 1.0; do
		tar -cS --format=posix --sparse-version=$version -f archive \
		    p-1/package.toml p-1/sparse
		run cc-unpack d archive
		assert_equal "$status" 100
		assert_output --regexp "^cc-unpack: refused: entry 'p-1/.*sparse': $rule\$"
		assert_equal "$(ls -A d)" unpack.json
	done
	takes -- 'file|p-1/s|data=x|pax=GNU.volume.label=x'
}

@test "setuid, setgid and sticky bits are dropped" {
	local mode
	for mode in 4755 2755 1755 7755; do
		takes -- "file|p-1/f|mode=$mode" "dir|p-1/d/|mode=$mode"
		assert_equal "$(stat -c %a d/source/f d/source/d)" $'755\n755'
	done
	takes -- 'file|p-1/f|mode=7644' 'file|p-1/g|mode=4000' 'dir|p-1/d/|mode=7777'
	assert_equal "$(stat -c %a d/source/f d/source/g d/source/d)" $'644\n644\n755'
}

@test "two entries of one name are refused" {
	refuses "entry 'p-1/a': it is there twice" -- 'file|p-1/a' 'file|p-1/a'
	refuses "entry 'p-1/a': it is there twice" -- \
	    'file|p-1/a' 'dir|p-1/b/' 'file|p-1/a'
	refuses "entry './p-1/a': it is there twice" -- 'file|p-1/a' 'file|./p-1/a'
	refuses "entry 'p-1/d/': it is there twice" -- 'dir|p-1/d/' 'dir|p-1/d/'
	refuses "entry 'p-1/d': it is there twice" -- 'dir|p-1/d/' 'file|p-1/d'
	refuses "entry 'p-1/d': it is there twice" -- 'file|p-1/d/a' 'file|p-1/d'
	refuses "entry 'p-1/a/': it is there twice" -- 'file|p-1/a' 'dir|p-1/a/'
	refuses "entry 'p-1/': it is there twice" -- 'dir|p-1/'
	refuses "entry 'p-1/package.toml': it is there twice" -- \
	    'file|p-1/package.toml'
	takes -- 'file|p-1/d/a' 'dir|p-1/d/' 'file|p-1/d/b' 'file|p-1/a'
	refuses "entry 'p-1/d/': it is there twice" -- \
	    'file|p-1/d/a' 'dir|p-1/d/' 'dir|p-1/d/'
}

@test "names that differ in case only are refused" {
	local rule=" differs in case only from an earlier path: rename one of the two, some file systems hold only one of them"
	refuses "entry 'p-1/A': 'A'$rule" -- 'file|p-1/a' 'file|p-1/A'
	refuses "entry 'p-1/Package.toml': 'Package.toml'$rule" -- \
	    'file|p-1/Package.toml'
	# What differs may be a directory on the way.
	refuses "entry 'p-1/D/b': 'D'$rule" -- 'file|p-1/d/a' 'file|p-1/D/b'
	refuses "entry 'p-1/Zé': 'Zé'$rule" -- 'file|p-1/zé' 'file|p-1/Zé'
	local long
	long=$(printf 'x%.0s' {1..250})
	unpack -- "file|x|pax=path=p-1/$long/a" "file|x|pax=path=p-1/$long/A"
	assert_equal "$status" 100
	assert_output --partial "$rule"
	takes -- 'file|p-1/a' 'file|p-1/ab' 'file|p-1/d/a' 'file|p-1/[' \
	    'file|p-1/{' 'file|p-1/É' 'file|p-1/é'
}

@test "names that are not UTF-8 are refused" {
	local rule='its name is not valid UTF-8' bytes
	for bytes in '\xff' '\xc0\xaf' '\xe0\x80\xaf' '\xed\xa0\x80' \
	    '\xf4\x90\x80\x80' '\xc3' 'a\x80'; do
		refuses "entry 'p-1/$bytes': $rule" -- "file|p-1/$bytes"
		refuses "entry 'p-1/$bytes': $rule" -- \
		    "file|x|pax=hdrcharset=BINARY|pax=path=p-1/$bytes"
	done
	takes -- 'file|p-1/é' 'file|p-1/日本' 'file|p-1/😀' \
	    'file|x|pax=path=p-1/Ω' 'file|x|gnu=p-1/Ж'
	assert [ -f d/source/日本 ]
	assert [ -f d/source/Ω ]
	assert [ -f d/source/Ж ]
}

@test "control, invisible and bidirectional characters are refused, escaped" {
	local rule='its name has a control, an invisible or a '
	rule+='direction-changing character'
	refuses "entry 'p-1/a\\nb': $rule" -- 'file|p-1/a\nb'
	refuses "entry 'p-1/a\\tb': $rule" -- 'file|p-1/a\tb'
	refuses "entry 'p-1/\\x1b[2J': $rule" -- 'file|p-1/\x1b[2J'
	refuses "entry 'p-1/\\x7f': $rule" -- 'file|p-1/\x7f'
	refuses "entry 'p-1/\\u{9b}': $rule" -- 'file|p-1/\xc2\x9b'
	refuses "entry 'p-1/\\u{200b}': $rule" -- 'file|p-1/\xe2\x80\x8b'
	refuses "entry 'p-1/\\u{202e}sr.bil': $rule" -- 'file|p-1/\xe2\x80\xaesr.bil'
	refuses "entry 'p-1/\\u{feff}': $rule" -- 'file|p-1/\xef\xbb\xbf'
	refuses "entry 'p-1/\\u{ad}': $rule" -- 'file|p-1/\xc2\xad'
	refuses "entry 'p-1/\\u{3164}': $rule" -- 'file|p-1/\xe3\x85\xa4'
	refuses "entry 'p\\n/': $rule" -- 'dir|p\n/'
	takes -- 'file|p-1/a b' "file|p-1/'" 'file|p-1/"$(x)`;&' 'file|p-1/-rf'
}

@test "a name with a NUL byte is refused, whatever stands before it" {
	refuses 'the archive has a name with a NUL byte' -- \
	    'file|p-1/a|pax=path=p-1/a\x00b'
	refuses 'the archive has a name with a NUL byte' -- \
	    'file|p-1/a|pax=path=\x00'
	refuses 'the archive has a name with a NUL byte' -- \
	    'file|p-1/a|gnu=p-1/a\x00b'
	takes -- 'file|p-1/a|gnu=p-1/b\x00' 'file|p-1/c|pax=comment=\x00'
	assert [ -f d/source/b ]
	assert [ -f d/source/c ]
}

@test "a component may have 255 bytes" {
	local long
	long=$(printf 'x%.0s' {1..255})
	takes -- "file|x|pax=path=p-1/d/$long" "file|x|gnu=p-1/$long/y"
	local rule='its path has a component of more than 255 bytes'
	refuses "entry 'p-1/${long}x': $rule" -- "file|x|pax=path=p-1/${long}x"
	refuses "entry 'p-1/${long}x': $rule" -- "file|x|gnu=p-1/${long}x"
	refuses "entry 'p-1/${long}x/y': $rule" -- "file|x|gnu=p-1/${long}x/y"
	refuses "entry '${long}x/y': $rule" -- "file|x|gnu=${long}x/y"
}

@test "a path may have 1024 bytes, and --path-max" {
	local long
	long=p-1/$(printf '%0200d/' {1..5})
	long+=$(printf 'x%.0s' {1..15})
	assert_equal ${#long} 1024
	takes -- "file|x|pax=path=$long"
	takes -- "file|x|gnu=./$long"
	takes -- "dir|x|gnu=$long/"
	takes --path-max 1025 -- "file|x|gnu=${long}x"
	unpack -- "file|x|gnu=${long}x"
	assert_equal "$status" 100
	assert_output --regexp "'p-1/.*\\.\\.\\.': its path is longer than 1024 bytes \\(--path-max\\)\$"
	takes --path-max 16 -- 'file|p-1/a'
	refuses "entry 'p-1/package.toml': its path is longer than 15 bytes (--path-max)" \
	    --path-max 15 -- 'file|p-1/a'
}

@test "a name of 4096 bytes and more is cut in the message only" {
	local long
	long=$(printf 'x%.0s' {1..5000})
	unpack -- "file|x|pax=path=p-1/$long"
	assert_equal "$status" 100
	assert_output --regexp "^cc-unpack: refused: entry 'p-1/x{370,380}\\.\\.\\.': its path is longer than 1024 bytes \\(--path-max\\)\$"
	assert_equal "$(ls -A d)" unpack.json
	unpack --path-max 4000 -- "file|x|pax=path=p-1/$(printf '%0200d/' {1..19})x"
	assert_success
}

@test "nesting may have 64 levels, and --depth-max" {
	local deep
	deep=p-1/$(printf 'd/%.0s' {1..63})
	takes -- "file|x|gnu=${deep}f"
	takes -- "dir|x|gnu=${deep}d/"
	refuses "entry '${deep}d/f': it lies more than 64 levels below the top directory (--depth-max)" \
	    -- "file|x|gnu=${deep}d/f"
	takes --depth-max 65 -- "file|x|gnu=${deep}d/f"
	takes --depth-max 1 -- 'file|p-1/a'
	refuses "entry 'p-1/a/b': it lies more than 1 levels below the top directory (--depth-max)" \
	    --depth-max 1 -- 'file|p-1/a/b'
}

@test "entries are limited by --entries-max, parents that are not listed too" {
	takes --entries-max 4 -- 'file|p-1/a' 'dir|p-1/d/'
	refuses "entry 'p-1/b': the archive has more than 4 entries (--entries-max)" \
	    --entries-max 4 -- 'file|p-1/a' 'dir|p-1/d/' 'file|p-1/b'
	takes --entries-max 5 -- 'file|p-1/d/e/a'
	refuses "entry 'p-1/d/e/a': the archive has more than 4 entries (--entries-max)" \
	    --entries-max 4 -- 'file|p-1/d/e/a'
	takes --entries-max 5 -- 'file|p-1/d/e/a' 'dir|p-1/d/' 'dir|p-1/d/e/'
	local many=()
	local i
	for ((i = 3; i <= 10000; i++)); do many+=("file|p-1/$i"); done
	takes -- "${many[@]}"
	refuses "entry 'p-1/x': the archive has more than 10000 entries (--entries-max)" \
	    -- "${many[@]}" 'file|p-1/x'
	refuses "entry 'p-1/package.toml': the archive has more than 1 entry (--entries-max)" \
	    --entries-max 1 -- 'file|p-1/a' 'dir|p-1/d/'
}

@test "the unpacked size is limited by --unpacked-max, to the byte" {
	# The package's three blocks, a header, the data and the end mark.
	local size=$((512 * 3 + 512 + 102400 + 1024))
	takes --unpacked-max $size -- 'file|p-1/a|zeros=102400'
	unpack --unpacked-max $((size - 1)) -- 'file|p-1/a|zeros=102400'
	assert_equal "$status" 100
	assert_output --partial "the archive unpacks to more than $((size - 1)) bytes (--unpacked-max)"
	unpack --unpacked-max 100K -- 'file|p-1/a|zeros=102400' 'file|p-1/b'
	is_refused "entry 'p-1/a': the archive unpacks to more than 102400 bytes (--unpacked-max)"
	unpack --unpacked-max 1K -- 'file|p-1/a'
	assert_equal "$status" 100
}

@test "a size beyond --unpacked-max is refused before it is unpacked" {
	refuses "entry 'p-1/a': it is larger than 102400 bytes (--unpacked-max)" \
	    --unpacked-max 100K -- 'file|p-1/a|size=102401' no-end
}

@test "headers and padding count as unpacked bytes" {
	unpack --unpacked-max 100K -- 'zeros|1024' 'zeros|102400'
	assert_equal "$status" 100
	assert_output --partial '(--unpacked-max)'
	unpack --unpacked-max 100K -- 'dir|p-1/d/' 'file|a|pax_raw=' \
	    'file|p-1/b|gnu_zeros=60000' 'file|p-1/c|gnu_zeros=60000'
	assert_equal "$status" 100
}

@test "the ratio is limited by --ratio-max behind the first 16M" {
	tar_of package 'file|p-1/a|zeros=16774144' | bzip2 -c >exact
	tar_of package 'file|p-1/a|zeros=16774145' | bzip2 -c >more
	# Three blocks and a header, the data, the end mark: 16 MiB.
	assert_equal "$(bzip2 -dc exact | wc -c)" $((16 << 20))
	mkdir d
	run cc-unpack --ratio-max 1 d exact
	assert_success
	rm -rf d/*
	run cc-unpack --ratio-max 1000 d more
	is_refused 'the archive unpacks to more than 1000 times its size (--ratio-max)'
	run cc-unpack --ratio-max 1000000 d more
	assert_success
}

@test "the ratio is judged to the byte, and alike from a pipe" {
	tar_of package 'file|p-1/a|zeros=20000000' | bzip2 -c >bomb
	local packed unpacked
	packed=$(stat -c %s bomb)
	unpacked=$(bzip2 -dc bomb | wc -c)
	mkdir d
	local ratio=$((unpacked / packed))
	run cc-unpack --ratio-max $((ratio + 1)) d bomb
	assert_success
	rm -rf d/*
	run cc-unpack --ratio-max $((ratio + 1)) d - < <(cat bomb)
	assert_success
	rm -rf d/*
	run cc-unpack --ratio-max "$ratio" d bomb
	assert_equal "$status" 100
	run cc-unpack --ratio-max "$ratio" d - < <(cat bomb)
	is_refused "the archive unpacks to more than $ratio times its size (--ratio-max)"
}

@test "a bomb of small files is refused by the ratio" {
	local many=() i
	for ((i = 0; i < 100; i++)); do many+=("file|p-1/$i|zeros=1000000"); done
	mkdir d
	tar_of package "${many[@]}" | gzip -c >bomb
	run cc-unpack d bomb
	assert_equal "$status" 100
	assert_output --regexp "^cc-unpack: refused: entry 'p-1/[0-9]+': the archive unpacks to more than 100 times its size \\(--ratio-max\\)\$"
	assert_equal "$(ls -A d)" unpack.json
}

@test "the packed size is limited by --archive-max" {
	tar_of package >archive
	local size
	size=$(stat -c %s archive)
	mkdir d
	run cc-unpack --archive-max "$size" d archive
	assert_success
	rm -rf d/*
	run cc-unpack --archive-max $((size - 1)) d archive
	is_refused "the archive is larger than $((size - 1)) bytes (--archive-max)"
	run cc-unpack --archive-max $((size - 1)) d - < <(cat archive)
	is_refused "the archive is larger than $((size - 1)) bytes (--archive-max)"
}

@test "a size that lies is refused" {
	unpack -- 'file|p-1/a|size=100000|data=short'
	is_refused "entry 'p-1/a': the archive is cut off"
	unpack -- 'file|p-1/a|size=0|data=more than that'
	is_refused "the archive is damaged: a header's checksum is wrong"
	refuses "entry 'p-1/a': it is larger than 524288000 bytes (--unpacked-max)" \
	    -- 'file|p-1/a|size_raw=\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff'
	local raw
	for raw in '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff' \
	    '\x80\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00' -0000000001 \
	    0000000008 0x00000001 '1 1'; do
		refuses "the archive is damaged: a header's size is no number" \
		    -- "file|p-1/a|size_raw=$raw"
	done
	refuses "the archive is damaged: a header's mode is no number" -- \
	    'file|p-1/a|mode_raw=rwxrwxrw'
	takes -- 'file|p-1/a|data=x|size_raw=         1\x00' \
	    'file|p-1/b|data=x|size_raw=\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01' \
	    'file|p-1/c|data=xyz|pax=size=3'
	assert_equal "$(cat d/source/c)" xyz
}

@test "a size is what all of its headers say, if they have room for it" {
	local rule='an extended header has a wrong size'
	refuses "$rule" -- 'file|p-1/c|data=xyz|size=1|pax=size=3'
	refuses "$rule" -- 'file|p-1/c|data=xyz|pax=size=0'
	refuses "$rule" -- 'file|p-1/c|data=xyz|pax=size=3|pax=size=3'
	refuses "$rule" -- 'file|p-1/c|size=0|pax=size=8589934591'
	refuses "entry 'p-1/c': it is larger than 524288000 bytes (--unpacked-max)" \
	    -- 'file|p-1/c|size=0|pax=size=8589934592'
}

@test "a directory with content is refused" {
	refuses "entry 'p-1/d/': it is a directory with content" -- \
	    'dir|p-1/d/|data=x'
	takes -- 'dir|p-1/d/' 'file|p-1/d/a|data=x'
}

@test "a file in the place of a directory is refused" {
	refuses "entry 'p-1/a/b': its parent is a file" -- \
	    'file|p-1/a' 'file|p-1/a/b'
	refuses "entry 'p-1/a/b/c/d': its parent is a file" -- \
	    'file|p-1/a/b' 'file|p-1/a/b/c/d'
	refuses "entry 'p-1/package.toml/x/': its parent is a file" -- \
	    'dir|p-1/package.toml/x/'
	refuses "entry 'p-1/a/': it is a file, its name a directory's" -- \
	    'file|p-1/a/'
	takes -- 'file|p-1/a' 'file|p-1/ab' 'file|p-1/b/a'
}

@test "there must be one top directory" {
	refuses "entry 'a': it is in no top directory" -- 'file|a'
	refuses "entry './a': it is in no top directory" -- 'file|./a'
	refuses "entry 'q/': it is in a second top directory" -- 'dir|q/'
	refuses "entry 'q/a': it is in a second top directory" -- 'file|q/a'
	refuses "entry 'P-1/a': it is in a second top directory" -- 'file|P-1/a'
	refuses "entry 'p-10/a': it is in a second top directory" -- 'file|p-10/a'
	takes -- 'file|./p-1/a' 'dir|p-1/p-1/' 'dir|p-1/q/'
	mkdir -p d
	rm -rf d/*
	run cc-unpack d - < <(tar_of 'file|package.toml|data=x')
	is_refused "entry 'package.toml': it is in no top directory"
	run cc-unpack d - < <(tar_of 'dir|p-1/')
	is_refused 'package.toml is missing in the top directory'
}

@test "an empty archive or input is refused" {
	mkdir d
	run cc-unpack d - </dev/null
	is_refused 'the archive is empty'
	run cc-unpack d - < <(bzip2 </dev/null)
	is_refused 'the archive is empty'
	run cc-unpack d - < <(gzip </dev/null)
	is_refused 'the archive is empty'
	run cc-unpack d - < <(tar_of)
	is_refused 'the archive has no entry'
	run cc-unpack d - < <(tar_of 'file|x|global=comment=x')
	assert_equal "$status" 100
}

@test "an archive that is cut off is refused at each byte" {
	tar_of package 'file|p-1/a|data=x' >archive
	local n size
	size=$(stat -c %s archive)
	mkdir d
	for n in 1 511 512 513 1023 1024 1025 1536 1537 2048 2049 2560 2561 \
	    $((size - 1024)) $((size - 513)) $((size - 512)) $((size - 1)); do
		run cc-unpack d - < <(head -c "$n" archive)
		assert_equal "$status" 100
		assert_output --regexp 'the archive is (cut off|no tar archive \(plain, bzip2, gzip\))$'
		assert_equal "$(ls -A d)" unpack.json
	done
	run cc-unpack d archive
	assert_success
}

@test "compressed data that is cut off or damaged is refused" {
	local tool n size
	mkdir d
	seq 20000 >numbers
	mkdir p-1
	printf '[package]\nname = "p"\nversion = "1"\n' >p-1/package.toml
	mv numbers p-1/
	tar -cf archive p-1
	for tool in bzip2 gzip; do
		$tool -c archive >packed
		size=$(stat -c %s packed)
		for n in 20 100 $((size / 2)) $((size - 1)); do
			run cc-unpack d - < <(head -c "$n" packed)
			assert_equal "$status" 100
			assert_output --regexp "the archive is damaged: truncated ($tool )?input\$"
			assert_equal "$(ls -A d)" unpack.json
		done
		run cc-unpack d - < <(head -c $((size / 2)) packed
			head -c 1000 /dev/zero)
		assert_equal "$status" 100
		assert_output --partial 'the archive is damaged: '
	done
	run cc-unpack d - < <(gzip -c archive)
	assert_success
}

@test "what follows the end is refused, but for zeros" {
	refuses 'the archive has something behind its end' -- 'end' 'file|p-1/a'
	refuses 'the archive has something behind its end' -- 'end' 'raw|x'
	refuses 'the archive has something behind its end' -- 'end' 'zeros|70000' 'raw|x'
	refuses 'the archive has something behind its end' -- 'zeros|512' 'file|p-1/a'
	takes -- 'end' 'zeros|1'
	takes -- 'end' 'zeros|70000'
}

@test "a second archive behind the first is refused, however compressed" {
	local tool
	mkdir d
	tar_of package >archive
	for tool in cat bzip2 gzip; do
		run cc-unpack d - < <($tool <archive; $tool <archive)
		is_refused 'the archive has something behind its end'
	done
	run cc-unpack d - < <(bzip2 <archive; cat archive)
	is_refused 'the archive has something behind its compressed data'
	run cc-unpack d - < <(gzip <archive; echo)
	is_refused 'the archive has something behind its compressed data'
	run cc-unpack d - < <(bzip2 <archive; head -c 100000 /dev/zero)
	is_refused 'the archive has something behind its compressed data'
	# One archive in two streams, as parallel compressors write it, is one.
	run cc-unpack d - < <(head -c 700 archive | bzip2
		tail -c +701 archive | bzip2)
	assert_success
}

@test "an archive that is compressed twice is refused" {
	mkdir d
	tar_of package >archive
	run cc-unpack d - < <(gzip <archive | gzip)
	is_refused 'the archive is compressed twice'
	run cc-unpack d - < <(bzip2 <archive | gzip)
	is_refused 'the archive is compressed twice'
}

@test "other formats in disguise are refused" {
	local magic
	mkdir d
	tar_of package >archive
	for magic in 'PK\x03\x04' 070701 070707 '7z\xbc\xaf\x27\x1c' '!<arch>\n' \
	    '\x7fELF' '#!/bin/sh\n' 'Rar!\x1a\x07' '\x89PNG' '\xfd7zXZ' '\x28\xb5\x2f\xfd'; do
		printf '%b' "$magic" >other
		cat archive >>other
		run cc-unpack d other
		is_refused 'the archive is no tar archive (plain, bzip2, gzip)'
		run cc-unpack d - < <(bzip2 <other)
		is_refused 'the archive is no tar archive (plain, bzip2, gzip)'
		run cc-unpack d - < <(printf '%b' "$magic")
		is_refused 'the archive is no tar archive (plain, bzip2, gzip)'
	done
	run cc-unpack d - < <(head -c 100000 /dev/urandom)
	is_refused 'the archive is no tar archive (plain, bzip2, gzip)'
}

@test "extended headers may have 64 KiB" {
	local pad
	pad=$(printf 'x%.0s' {1..30000})
	takes -- "file|p-1/a|pax=comment=$pad|pax=comment=$pad"
	refuses 'an extended header has more than 65536 bytes' -- \
	    "file|p-1/a|pax=comment=$pad|pax=comment=$pad|pax=comment=$pad"
	refuses "entry '': its name is empty" -- 'file|p-1/a|gnu_zeros=65536'
	refuses 'an extended header has more than 65536 bytes' -- \
	    'file|p-1/a|gnu_zeros=65537'
	refuses 'an extended header has more than 65536 bytes' -- \
	    'file|p-1/a|gnu_zeros=100000000'
}

# GNU tar believes pax, or the last header; others the last, or the first.
@test "an entry that different readers would name differently is refused" {
	local rule='an extended header names its entry twice'
	refuses "$rule" -- 'file|x|pax=path=p-1/a|pax=path=p-1/b'
	rule='an entry has extended headers of pax and of GNU'
	refuses "$rule" -- 'file|x|pax=path=p-1/a|gnu=p-1/b'
	refuses "$rule" -- 'L|x|data=p-1/a' 'file|x|pax=comment=x'
	refuses "$rule" -- 'K|x|data=p-1/a' 'file|x|pax=path=p-1/a'
	rule='an entry has two extended headers of one kind'
	refuses "$rule" -- 'L|x|data=p-1/a' 'file|x|gnu=p-1/b'
	refuses "$rule" -- 'K|x|data=p-1/a' 'K|x|data=p-1/a' 'file|p-1/a'
	refuses "$rule" -- 'x|x|data=14 path=p-1/a\n' 'file|p-1/b|pax=comment=x'
	takes -- 'K|x|data=p-1/l' 'file|x|gnu=p-1/a' \
	    'L|x|data=p-1/b' 'file|x|global=comment=x' 'file|x|pax=path=p-1/c'
	assert [ -f d/source/a -a -f d/source/b -a -f d/source/c ]
}

@test "a prefix is taken in the format that has one, else refused" {
	local magic rule='the archive is damaged: a header has a prefix that its format does not know'
	for magic in 'ustar  ' 'ustar \x000' 'ustar1' ''; do
		refuses "$rule" -- "file|a|prefix=p-1|magic=$magic"
		takes -- "file|p-1/a|magic=$magic"
	done
	takes -- 'file|a|prefix=p-1'
	assert [ -f d/source/a ]
}

@test "extended headers that are damaged or of no entry are refused" {
	local raw
	for raw in x '9 path=a' '99 path=a\n' '7 path\n' '0 path=a\n' '5 =a\n' \
	    '9 path=ab' '-9 path=a\n' '9999999999999999999999 path=a\n' \
	    '9  path=\n\n' ' 9 path=\n' '10 path=a\nx' '\x00'; do
		refuses 'an extended header is damaged' -- "file|p-1/a|pax_raw=$raw"
	done
	refuses 'an extended header has a wrong size' -- 'file|p-1/a|pax=size=-1'
	refuses 'an extended header has a wrong size' -- 'file|p-1/a|pax=size='
	refuses 'an extended header has a wrong size' -- \
	    'file|p-1/a|pax=size=99999999999999999999'
	takes -- 'file|p-1/a|pax=mtime=1.5|pax=SCHILY.xattr.user.x=y' \
	    'file|p-1/b|global=comment=1234'
	local key
	for key in path=p-1/x size=1 GNU.sparse.major=1 SCHILY.realsize=1; do
		refuses 'a global extended header describes a single entry' \
		    -- "file|p-1/a|global=$key"
	done
	tar_of package 'file|p-1/a|pax=comment=x' no-end >archive
	head -c -512 archive >cut
	head -c 1024 /dev/zero >>cut
	rm -rf d
	mkdir d
	run cc-unpack d cut
	is_refused 'the archive ends with an extended header of no entry'
}

@test "a wrong checksum is refused" {
	refuses "the archive is damaged: a header's checksum is wrong" -- \
	    'file|p-1/a|checksum=1'
}
