# SPDX-License-Identifier: Apache-2.0
# lib/toml: each construct of the grammar, and what is none.

load helper

setup_file() {
	cc -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined \
	    -fno-sanitize-recover=all -I"$SUITE_ROOT/lib" \
	    -o "$BATS_FILE_TMPDIR/toml" "$SUITE_ROOT/tests/toml.c" \
	    "$SUITE_ROOT"/lib/toml/*.c "$SUITE_ROOT/lib/base/text.c" \
	    "$SUITE_ROOT/lib/base/files.c"
}

# asked PATH TEXT: the text is a format of printf.
asked() {
	# shellcheck disable=SC2059
	printf "$2" | "$BATS_FILE_TMPDIR/toml" "$1" 40
}

# finds WANTED PATH TEXT...: each of the texts has it at the path.
finds() {
	local wanted=$1 path=$2 text
	shift 2
	for text; do
		run asked "$path" "$text"
		assert_output "$wanted" || { echo "of: $text"; return 1; }
	done
}

# refuses LINE TEXT...: none of them is TOML, and the fault is in that line.
refuses() {
	local line=$1 text
	shift
	for text; do
		run asked a "$text"
		assert_output "broken $line" || { echo "of: $text"; return 1; }
	done
}

@test "a string is found however its path is spelled" {
	finds 'found x' package.name \
	    '[package]\nname = "x"' \
	    'package.name = "x"' \
	    'package . name="x"' \
	    '"package".'"'name'"' = "x"' \
	    '"pack\\u0061ge"."\\x6eame" = "x"' \
	    'package = { name = "x" }' \
	    'package = { edition = "2021", name = "x", }' \
	    'package = { # comment\n name = "x"\n}' \
	    '[ package ] # comment\n\n# comment\n\tname\t=\t"x"# comment' \
	    '[package.metadata]\n[package]\nname = "x"' \
	    '[[bin]]\nname = "y"\n[package]\nname = "x"' \
	    '[package]\na = [{ b.c = 1 }, [{ name = "y" }]]\nname = "x"' \
	    'package.a = [{ name = "y" }]\npackage.name = "x"' \
	    'package = { a = [{ lib.d = 1 }], b.c = 1, name = "x" }' \
	    '\xef\xbb\xbf[package]\r\nname = "x"\r\n'
}

@test "a string is found at the depth of three and of one" {
	finds 'found x' a.b.c '[a]\nb.c = "x"' '[a.b]\nc = "x"' 'a.b={c="x"}' \
	    '[a.b.d]\n[a.b]\nc = "x"'
	finds 'found x' a 'a = "x"'
}

@test "the same words elsewhere are not taken for it" {
	finds absent package.name '' '\n \t# nothing\n' \
	    'name = "x"' '[package]\nversion = "1"' '[lib]\nname = "x"' \
	    '[x.package]\nname = "x"' 'x.package.name = "x"' \
	    '["package.name"]\nx = 1' '"package.name" = "x"' \
	    '[[package]]\nname = "x"' 'package = [{ name = "x" }]' \
	    '[package.name2]' '[packag]\nname = "x"' 'package = "name"' \
	    'a = """\n[package]\nname = "x"\n"""' \
	    "a = '''\n[package]\nname = \"x\"'''" \
	    '# [package]\n# name = "x"' '[[a]]\n[a.package]\nname = "x"' \
	    '[package.deep]\nname = "x"' 'a = { package = { name = "x" } }'
}

@test "what is there and no string is told from what is absent" {
	finds other a 'a = 1' 'a = ["x"]' 'a = { b = "x" }' '[a]' '[[a]]' \
	    'a.b = "x"' '[a.b]' 'a = true' 'a = 1979-05-27'
}

@test "every kind of string gives its value" {
	finds 'found it'"'"'s "x"' a 'a = "it'"'"'s \\"x\\""' \
	    'a = """it'"'"'s "x\\""""' 'a = """it'"'"'s "x""""' \
	    'a = """\nit'"'"'s \\\n\n   "x""""' \
	    'a = """it'"'"'s \\  \r\n\r\n "x""""'
	finds 'found \n' a "a = '\\\\n'" "a = '''\n\\\\n'''" 'a = "\\\\n"'
	finds 'found é😀' a 'a = "\\u00e9\\U0001f600"' 'a = "\\xe9😀"' 'a = "é😀"'
	finds 'found ' a 'a = ""' "a = ''" 'a = """"""' "a = ''''''" 'a = """\n"""'
	finds "found ''" a "a = ''''''''" 'a = "'"''"'"'
	run asked a 'a = "\\b\\t\\f\\r\\e"'
	assert_output $'found \b\t\f\r\e'
	run asked a 'a = """1\n2"""'
	assert_output $'found 1\n2'
}

@test "every kind of value may stand before what is asked" {
	local value
	for value in 0 +1 -1 10 1_000 0xdead_BEEF 0o17 0b10_1 0.0 -0.5 +1.5 \
	    1e5 1E-5 1e+05 6.626e-34 9_0.1_2 inf -inf +nan true false \
	    1979-05-27 1979-05-27T07:32:00Z 1979-05-27t07:32:00z \
	    '1979-05-27 07:32:00.999-07:00' 1979-05-27T07:32 07:32:00 \
	    07:32 00:32:00.5 23:59:60 '[]' '[ ]' '[1]' '[1,]' '[[1],["a"]]' \
	    '[ # c\n 1 # c\n , # c\n\n 2 # c\n , ]' '[{a=1},{a=2}]' '{}' '{ }' \
	    '{a=1}' '{a.b=1,a.c=2}' '{"":1}' "''" '"""\n"""' '{a=[{b="]}"}]}'; do
		value=${value/'"":1'/'""=1'}
		finds 'found x' a "b = $value # c\na = 'x'" "b=$value\r\na='x'"
		finds 'found x' a "b = [$value, $value]\na = 'x'"
	done
}

@test "text that is no value is refused" {
	local value
	for value in '' 01 +01 1_ _1 1__0 0x 0xg +0x1 0o8 0b2 1. .5 1.e5 1e 1e_1 \
	    0_1 Inf infinity +true True 1979-5-27 1979-13-01 1979-05-32 \
	    1979-05-27T 1979-05-27T7:00 24:00:00 12:60:00 12:00:61 12:00:00. \
	    1979-05-27T07:32:00+1 1979-05-27T07:32:00+24:00 07:32:00Z \
	    '"' "'" '"""' "'''" '"""""""""' "''''''''''" '"\\a"' '"\\u12"' \
	    '"\\ud800"' '"\\U00110000"' '"\\x1"' '"a' '"\\"' '[' '[1' '[1 2]' \
	    '[,]' '[1,,2]' '{' '{a}' '{a=}' '{a=1' '{,}' '{a=1,,b=2}' \
	    '{a=1 b=2}' '{a=1}}' '[1]]' 1,2 '1 2' x '"a"b' '"\x01"' "'\x7f'" \
	    '"\xff"' "'\xc0\xaf'" '# c' '"""\xff"""' '1 # \xff' '1 # \x01' \
	    '1 \r' "'\r'" '"\\ \n"'; do
		refuses 1 "a = $value"
	done
}

@test "lines that are neither key, table nor comment are refused" {
	refuses 2 '\n=1' '\na' '\na 1' '\n.a=1' '\na.=1' '\na..b=1' '\na b=1' \
	    '\n"a" "b"=1' '\né=1' '\n"""a"""=1' '\n[' '\n[]' '\n[a' '\n[a.]' \
	    '\n[a]]' '\n[[a]' '\n[[a] ]' '\n[a] b=1' '\na=1 b=2' '\n[a]\r' \
	    '\n\0' '\n\x0c' '\n"a\nb"=1'
}

@test "what is defined twice on the way to the path is refused" {
	refuses 2 'a=1\na=2' 'a=1\na.b=2' 'a.b=1\na=2' 'a={b=1}\na.c=2' \
	    'a={}\n[a]' '[a]\n[a]' '[[a]]\n[a]' '[a]\n[[a]]' 'a=[]\n[[a]]' \
	    'a.b=1\n[a]' '"a"=1\na=2' '"a"=1\n"\\u0061"=2'
	finds 'broken 3' a.b '[a]\nb=1\nb=2' '[a]\nb.c=1\n[a.b]' \
	    '[a.b]\n[a]\nb.c=1' '[a]\nb={}\n[a.b]'
	finds 'broken 1' a.b 'a={b=1,b=2}' 'a={b.c=1,b=2}'
}

@test "what only looks like a second definition is allowed" {
	finds 'found x' a.b 'a.b="x"\na.c=1' '[a]\nb="x"\n[a.c]' \
	    '[a.c]\n[a]\nb="x"' '[[c]]\nb=1\n[[c]]\nb=1\n[a]\nb="x"' \
	    '[x]\na.b=1\n[a]\nb="x"' '[a]\nc.b=1\nc.d=2\nb="x"'
	finds absent a.b '[[a]]\nb=1\n[[a]]\nb=1'
}

@test "nesting is allowed to 64 levels" {
	local open close
	open=$(printf '[%.0s' {1..64}) close=$(printf ']%.0s' {1..64})
	finds 'found x' a "b=$open$close\na='x'"
	refuses 1 "b=[$open$close]\na='x'"
	open=$(printf '{a=%.0s' {1..64}) close=$(printf '}%.0s' {1..64})
	finds 'found x' a "b=${open}1$close\na='x'"
	refuses 1 "b={a=${open}1$close}\na='x'"
}

@test "a value that does not fit, or has a NUL, is refused" {
	finds "found $(printf 'x%.0s' {1..39})" a "a = '$(printf 'x%.0s' {1..39})'"
	refuses 2 "\na = '$(printf 'x%.0s' {1..40})'" '\na = "\\u0000"' \
	    '\na = "x\\x00y"'
	finds 'found x' a 'b = "\\u0000"\na = "x"'
}

@test "a million brackets, quotes or dots end soon" {
	local piece
	for piece in '[' '{a=' '"' "'" 'a.' '[a]\n' '[[a]]\n' 'a=[' '[[[' '"",' \
	    '#' '\n' ' ' '"\x' 1 1_ _; do
		yes "$piece" | tr -d '\n' | head -c 1000000 >"$BATS_TEST_TMPDIR/in"
		run timeout 60 "$BATS_FILE_TMPDIR/toml" a.b 40 \
		    <"$BATS_TEST_TMPDIR/in"
		assert_success
	done
}

@test "the manifests of Debian's crates give the name of their directory" {
	local manifest n=0 name
	for manifest in /usr/share/cargo/registry/*/Cargo.toml; do
		[ -e "$manifest" ] || skip "no librust-*-dev here"
		name=${manifest%/Cargo.toml}
		name=${name##*/}
		run "$BATS_FILE_TMPDIR/toml" package.name 80 <"$manifest"
		assert_output "found ${name%-[0-9]*.*.*}"
		run "$BATS_FILE_TMPDIR/toml" package.version 80 <"$manifest"
		assert_output --regexp '^found [0-9]+\.[0-9]+\.[0-9]+'
		n=$((n + 1))
	done
	((n > 10))
}

@test "what cargo calls the library is found as its name or the crate's" {
	local crate manifest wanted
	command -v cargo >/dev/null || skip "no cargo here"
	for crate in proc-macro2 libc serde_json memoffset spin; do
		manifest=$(echo /usr/share/cargo/registry/"$crate"-[0-9]*/Cargo.toml)
		[ -e "$manifest" ] || skip "no librust-$crate-dev here"
		wanted=$(HOME=$BATS_TEST_TMPDIR cargo metadata --no-deps --offline \
		    --format-version 1 --manifest-path "$manifest" 2>/dev/null |
		    grep -o '"kind":\["lib"\],[^]]*\],"name":"[^"]*"' |
		    sed 's/.*:"//;s/"//' | tr - _)
		assert [ -n "$wanted" ]
		run "$BATS_FILE_TMPDIR/toml" lib.name 80 <"$manifest"
		if [ "$output" = absent ]; then
			run "$BATS_FILE_TMPDIR/toml" package.name 80 <"$manifest"
			output=${output//-/_}
		fi
		assert_output "found $wanted"
	done
}
