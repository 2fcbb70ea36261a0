# SPDX-License-Identifier: Apache-2.0
# cc-unpack: what it makes of a good archive, what it says of the package, and
# how it ends. What it refuses in an archive is in unpack_refusals.bats.

load archives/helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir d
}

# package [CARGO-TOML [PACKAGE-TOML]]: the directory p-1.
package() {
	mkdir -p p-1
	printf '%b' "${2:-[package]\nname = \"p\"\nversion = \"1\"\n}" \
	    >p-1/package.toml
	[ -z "${1:-}" ] || printf '%b' "$1" >p-1/Cargo.toml
}

# unpacked: p-1, packed, is unpacked in a new d without a word.
unpacked() {
	rm -rf d
	mkdir d
	tar -cf d/package p-1
	run cc-unpack d
	assert_success
	refute_output
}

# not_unpacked LINE
not_unpacked() {
	rm -rf d
	mkdir d
	tar -cf archive p-1
	run cc-unpack d archive
	is_refused "$1"
}

member() {
	jq -r ".$1" d/unpack.json
}

@test "real crates are unpacked byte for byte, however packed and given" {
	local crate tool
	for crate in serde_json itoa libc; do
		set -- /usr/share/cargo/registry/"$crate"-[0-9]*
		[ -d "$1" ] || skip "no librust-$crate-dev here"
		mkdir -p p-1
		cp -rL "$1" p-1/
	done
	printf '[package]\nname = "p"\nversion = "1"\n' >p-1/package.toml
	for tool in cat bzip2 gzip; do
		tar -c p-1 | $tool >archive
		rm -rf d
		mkdir d
		case $tool in
		cat) mv archive d/package && run cc-unpack d ;;
		bzip2) run cc-unpack d archive ;;
		gzip) run cc-unpack d - <archive ;;
		esac
		assert_success
		refute_output
		diff -r p-1 d/source
		assert_equal "$(member entries)" "$(find p-1 | wc -l)"
		assert_equal "$(member bytes)" \
		    "$(find p-1 -type f -printf '%s\n' | paste -sd+ | bc)"
	done
}

@test "each format that tar writes is read, long names too" {
	local long format
	long=$(printf 'd%.0s' {1..90})
	package
	mkdir -p "p-1/$long/$long"
	echo x >"p-1/$long/$long/$long"
	echo x >p-1/short
	for format in gnu oldgnu posix pax; do
		rm -rf d
		mkdir d
		tar --format=$format -cf d/package p-1
		run cc-unpack d
		assert_success
		diff -r p-1 d/source
	done
	rm -r "p-1/${long:?}/$long"
	echo x >"p-1/$long/$long"
	for format in ustar gnu; do
		rm -rf d
		mkdir d
		tar --format=$format -cf d/package p-1
		run cc-unpack d
		assert_success
		diff -r p-1 d/source
	done
	rm -r "p-1/$long"
	rm -rf d
	mkdir d
	tar --format=v7 -cf d/package p-1
	run cc-unpack d
	assert_success
	diff -r p-1 d/source
}

@test "the top directory's name is not kept, nor are directories required" {
	takes -- 'file|p-1/p-1/a/b'
	assert_equal "$(ls -A d/source)" $'p-1\npackage.toml'
	assert [ -f d/source/p-1/a/b ]
	rm -rf d/*
	run cc-unpack d - < <(tar_of 'file|other name/package.toml|data=[package]\nname = "p"\nversion = "1"\n')
	assert_success
	assert_equal "$(ls -A d/source)" package.toml
}

@test "every time is the moment's, never the archive's" {
	package
	mkdir -p p-1/src
	touch -d 1990-01-01 p-1/src/old p-1/src
	touch -d 2100-01-01 p-1/src/new
	touch before
	unpacked
	touch after
	run find d/source ! -newer before -o -newer after
	refute_output
}

# later_than FILE: now.
later_than() {
	touch now && [ now -nt "$1" ]
}

# As automake writes it: whatever is out of date calls what no host has.
write_makefile() {
	cat >Makefile <<-'EOF'
	all: configure Makefile.in sub/Makefile.in config.h.in ; @echo built
	aclocal.m4: configure.ac m4/x.m4 ; aclocal-1.16-is-missing
	configure: configure.ac aclocal.m4 ; autoconf-is-missing
	config.h.in: configure.ac aclocal.m4 ; autoheader-is-missing
	Makefile.in: Makefile.am configure.ac aclocal.m4 ; automake-is-missing
	sub/Makefile.in: sub/Makefile.am configure ; automake-is-missing
	EOF
}

@test "the tree has one time, so make runs nothing of autotools again" {
	mkfifo fifo
	write_makefile
	cc-unpack d fifo &
	local pid=$! file generated=() sources=()
	exec 7>fifo
	for file in configure aclocal.m4 Makefile.in config.h.in sub/Makefile.in; do
		generated+=("file|p-1/$file")
	done
	for file in configure.ac Makefile.am sub/Makefile.am m4/x.m4; do
		sources+=("file|p-1/$file")
	done
	tar_of package 'dir|p-1/empty/' "${generated[@]}" no-end >&7
	until_true 20 [ -e d/.source.new/sub/Makefile.in ]
	until_true 20 later_than d/.source.new/sub/Makefile.in
	tar_of "${sources[@]}" 'dir|p-1/sub/' >&7
	exec 7>&-
	wait "$pid"
	run find d/source -printf '%T@ %p\n'
	assert_equal "$(cut -d' ' -f1 <<<"$output" | sort -u | wc -l)" 1
	assert_equal "${#lines[@]}" 14
	run make -C d/source -f "$PWD/Makefile"
	assert_success
	assert_line built
	# What a rule rests on is changed, and the rule is seen to run.
	touch d/source/sub/Makefile.am
	run make -C d/source -f "$PWD/Makefile"
	assert_failure
	assert_line --partial automake-is-missing
}

@test "modes are 0755 and 0644, whatever the archive and the umask say" {
	package
	mkdir p-1/d
	touch p-1/a p-1/x p-1/g
	chmod 777 p-1/d
	chmod 600 p-1/a
	chmod 700 p-1/x
	chmod 610 p-1/g
	local mask
	for mask in 000 022 077; do
		umask $mask
		unpacked
		assert_equal "$(cd d/source && stat -c '%n %a' . * | sort)" \
		    $'. 755\na 644\nd 755\ng 755\npackage.toml 644\nx 755'
	done
	umask 022
}

@test "a rust package's facts are written down" {
	package '[package]\nname = "my-crate"\nversion = "0.1.0"\n[lib]\ncrate-type = ["cdylib"]\n'
	echo '# lock' >p-1/Cargo.lock
	unpacked
	assert_equal "$(member version)" 1
	assert_equal "$(member language)" rust
	assert_equal "$(member crate_name)" my-crate
	assert_equal "$(member library_name)" my_crate
	assert_equal "$(member cargo_toml_hash)" \
	    "$(sha256sum <p-1/Cargo.toml | cut -d' ' -f1)"
	assert_equal "$(member cargo_lock_hash)" \
	    "$(sha256sum <p-1/Cargo.lock | cut -d' ' -f1)"
	assert_equal "$(member refusal)" null
	assert_equal "$(jq -r 'keys_unsorted | join(" ")' d/unpack.json)" \
	    'version level language crate_name library_name cargo_toml_hash cargo_lock_hash entries bytes ignored refusal'
	assert_equal "$(jq -c .ignored d/unpack.json)" '[]'
	assert_equal "$(cat d/language)" rust
	assert_equal "$(cat d/library)" my_crate
	assert_equal "$(ls -A d)" $'language\nlibrary\npackage\nsource\nunpack.json'
}

ignored() {
	jq -r '.ignored[]' d/unpack.json
}

@test "what a package brings along for cargo and no build heeds is noted" {
	local name
	package '[package]\nname = "my-crate"\n'
	mkdir -p p-1/.cargo p-1/vendor/itoa p-1/sub/.cargo
	# These are none of it: not at the top, no crate's, no file of cargo's.
	touch p-1/sub/.cargo/config.toml p-1/sub/rust-toolchain \
	    p-1/vendor/itoa/Cargo.toml p-1/.cargo-checksum.json p-1/.cargo/x
	unpacked
	assert_equal "$(ignored)" ''
	for name in config config.toml; do
		touch p-1/.cargo/$name
		unpacked
		assert_equal "$(ignored)" \
		    "the package's .cargo/config.toml is not read: its [env], [source] and flags do not count"
		rm p-1/.cargo/$name
	done
	for name in rust-toolchain rust-toolchain.toml; do
		touch p-1/$name
		unpacked
		assert_equal "$(ignored)" \
		    "the package's rust-toolchain.toml is not obeyed: the service's toolchain compiles it"
		rm p-1/$name
	done
	touch p-1/vendor/itoa/.cargo-checksum.json p-1/.cargo/config.toml \
	    p-1/rust-toolchain.toml
	unpacked
	assert_equal "$(ignored | cut -d: -f1)" "the package's .cargo/config.toml is not read
the package's rust-toolchain.toml is not obeyed
the package's vendored crates are not used"
	# Nobody builds another language's with cargo.
	rm p-1/Cargo.toml
	unpacked
	assert_equal "$(ignored)" ''
}

@test "the library's own name wins over the crate's" {
	package '[package]\nname = "my-crate"\n[lib]\nname = "Other_1"\n'
	unpacked
	assert_equal "$(member crate_name)" my-crate
	assert_equal "$(member library_name)" Other_1
	assert_equal "$(cat d/library)" Other_1
}

@test "a package without Cargo.toml is python, and has no library" {
	package
	touch p-1/main.py
	unpacked
	assert_equal "$(member language)" python
	assert_equal "$(member crate_name)" null
	assert_equal "$(member library_name)" null
	assert_equal "$(member cargo_toml_hash)" '<absent>'
	assert_equal "$(member cargo_lock_hash)" '<none>'
	assert_equal "$(cat d/language)" python
	assert_equal "$(ls -A d)" $'language\npackage\nsource\nunpack.json'
}

@test "package.toml's language wins over what the package looks like" {
	local word
	local head='[package]\nname = "p"\nversion = "1"\n[metadata]\nlanguage = '
	package '[package]\nname = "c"\n' "$head\"python\"\n"
	unpacked
	assert_equal "$(member language)" python
	assert_equal "$(member crate_name)" null
	assert_equal "$(member cargo_toml_hash)" \
	    "$(sha256sum <p-1/Cargo.toml | cut -d' ' -f1)"
	package '[package]\nname = "c"\n' "$head\"rust\"\n"
	unpacked
	assert_equal "$(cat d/language)" rust
	# The case of a letter makes no other language.
	for word in Rust RUST rUsT; do
		package '[package]\nname = "c"\n' "$head\"$word\"\n"
		unpacked
		assert_equal "$(cat d/language)" rust
		assert_equal "$(cat d/library)" c
	done
	package '[package]\nname = "c"\n' "$head\"Python\"\n"
	unpacked
	assert_equal "$(member language)" python
	package '[package]\nname = "c"\n' "$head\"\"\n"
	unpacked
	assert_equal "$(member language)" rust
	for word in go rust2 python3 'ru st' é ../x "$(printf 'x%.0s' {1..40})"; do
		package '' "$head\"$word\"\n"
		not_unpacked "package.toml: metadata.language '$word' is not known: rust and python are"
	done
	package '' "$head\"rust\\\\n\"\n"
	not_unpacked "package.toml: metadata.language 'rust\\n' is not known: rust and python are"
	package '' "${head}1\n"
	not_unpacked 'package.toml: metadata.language is not a string'
	rm p-1/Cargo.toml
	package '' "$head\"rust\"\n"
	not_unpacked 'Cargo.toml is missing in the top directory'
}

@test "a package.toml that is missing, broken or incomplete is refused" {
	mkdir p-1
	touch p-1/a
	not_unpacked 'package.toml is missing in the top directory'
	mkdir p-1/package.toml
	not_unpacked 'package.toml is a directory'
	rmdir p-1/package.toml
	package '' '[package]\nname = "p"\n'
	not_unpacked 'package.toml: package.version is missing'
	package '' '[package]\nversion = "1"\n'
	not_unpacked 'package.toml: package.name is missing'
	package '' '[package]\nversion = "1"\nname = ""\n'
	not_unpacked 'package.toml: package.name is missing'
	package '' '[package]\nname = 1\nversion = "1"\n'
	not_unpacked 'package.toml: package.name is not a string'
	package '' '[package]\nname = "p"\nversion = \n'
	not_unpacked 'package.toml: line 3: not TOML, or too long a string'
	package
	head -c 1048576 /dev/zero | tr '\0' '\n' >p-1/package.toml
	not_unpacked 'package.toml: package.name is missing'
	echo >>p-1/package.toml
	not_unpacked 'package.toml has more than 1048576 bytes'
}

@test "a Cargo.toml that names no library is refused" {
	package '[workspace]\nmembers = ["a"]\n'
	not_unpacked 'Cargo.toml has no [package]: a workspace alone is no library'
	package '[package]\nversion = "1"\n'
	not_unpacked 'Cargo.toml: package.name is missing'
	package 'package = 1\n'
	not_unpacked 'Cargo.toml: package.name is missing'
	package '[package]\nname = ["x"]\n'
	not_unpacked 'Cargo.toml: package.name is not a string'
	package '[package]\nname = "c"\n[lib]\nname = true\n'
	not_unpacked 'Cargo.toml: lib.name is not a string'
	package '[package]\nname = "c"\nname = "d"\n'
	not_unpacked 'Cargo.toml: line 3: not TOML, or too long a string'
	package '\xff\n'
	not_unpacked 'Cargo.toml: line 1: not TOML, or too long a string'
	package
	head -c 1048577 /dev/zero | tr '\0' '\n' >p-1/Cargo.toml
	not_unpacked 'Cargo.toml has more than 1048576 bytes'
	package '[workspace]\n[package]\nname = "c"\n'
	unpacked
}

@test "names that become part of a path are checked" {
	local name long
	long=$(printf 'x%.0s' {1..64})
	for name in '' a/b ../x 1a -a 'a b' 'a\\nb' é "${long}x" 'a.b' '\\u0000'; do
		package "[package]\nname = \"$name\"\n"
		case $name in
		*u0000) not_unpacked 'Cargo.toml: line 2: not TOML, or too long a string' ;;
		*) not_unpacked "Cargo.toml: package.name is no name of at most 64 letters, digits, '_' and '-'" ;;
		esac
		package "[package]\nname = \"c\"\n[lib]\nname = \"$name\"\n"
		[ "$name" = '\\u0000' ] ||
		    not_unpacked "Cargo.toml: lib.name is no name of at most 64 letters, digits, '_' and '-'"
	done
	for name in a _ A-b_9 "$long"; do
		package "[package]\nname = \"$name\"\n[lib]\nname = \"$name\"\n"
		unpacked
		assert_equal "$(member crate_name)" "$name"
		assert_equal "$(cat d/library)" "$name"
	done
}

@test "an existing source is left as it is, and nothing is read" {
	package
	tar -cf archive p-1
	local make
	for make in mkdir touch 'ln -s nowhere'; do
		$make d/source
		run cc-unpack d archive
		assert_equal "$status" 100
		assert_output "cc-unpack: cannot unpack: 'd/source' exists"
		assert_equal "$(ls -A d)" source
		rm -r d/source
	done
	unpacked
	touch d/source/kept
	run cc-unpack d
	assert_equal "$status" 100
	assert [ -e d/source/kept ]
	assert_equal "$(member language)" python
}

@test "what a killed run has left is cleared away, whatever it is" {
	package
	mkdir -p d/.source.new/a/b
	chmod 000 d/.source.new/a
	echo rust >d/language
	echo x >d/library
	echo '{"refusal":"old"}' >d/unpack.json
	touch d/.unpack.json.new
	tar -cf archive p-1
	run cc-unpack d archive
	assert_success
	assert_equal "$(ls -A d)" $'language\nsource\nunpack.json'
	assert_equal "$(cat d/language)" python
	rm -r d/source
	echo old >d/library
	ln -s /etc d/.source.new
	run cc-unpack d - < <(tar_of 'file|a')
	is_refused "entry 'a': it is in no top directory"
	assert [ -d /etc ]
}

@test "a wrong call is told" {
	run cc-unpack
	assert_equal "$status" 100
	assert_output 'usage: cc-unpack [options] dir [file]'
	run cc-unpack d a b
	assert_equal "$status" 100
	run cc-unpack --depth d
	assert_equal "$status" 100
	local option
	for option in archive-max depth-max entries-max path-max ratio-max \
	    unpacked-max; do
		for value in 0 -1 1X '' none; do
			run cc-unpack "--$option" "$value" d
			assert_equal "$status" 100
			assert_output --partial "cc-unpack: bad value '$value' for --$option: want a "
		done
	done
	run cc-unpack --path-max 4001 d
	assert_equal "$status" 100
	run cc-unpack --depth-max 1001 d
	assert_equal "$status" 100
	assert_equal "$(ls -A d)" ''
}

@test "what cannot be opened or read is this host's failure" {
	run cc-unpack nowhere
	assert_equal "$status" 111
	assert_output "cc-unpack: cannot open 'nowhere': No such file or directory"
	run cc-unpack d
	assert_equal "$status" 111
	assert_output "cc-unpack: cannot open 'package': No such file or directory"
	run cc-unpack d nowhere
	assert_equal "$status" 111
	assert_output "cc-unpack: cannot open 'nowhere': No such file or directory"
	ln -s /dev/null d/package
	run cc-unpack d
	assert_equal "$status" 111
	assert_output "cc-unpack: cannot open 'package': Too many levels of symbolic links"
	rm d/package
	run cc-unpack d "$PWD"
	assert_equal "$status" 111
	assert_output "cc-unpack: cannot unpack '$PWD': Is a directory"
	assert_equal "$(ls -A d)" ''
}

@test "a directory that cannot be written is this host's failure" {
	package
	tar -cf archive p-1
	chmod 500 d
	run cc-unpack d archive
	chmod 700 d
	assert_equal "$status" 111
	assert_output "cc-unpack: cannot create 'd/.source.new': Permission denied"
	assert_equal "$(ls -A d)" ''
}

@test "a file size limit is this host's failure and leaves nothing" {
	tar_of package 'file|p-1/a\x20b|zeros=200000' >archive
	run prlimit --fsize=100000 cc-unpack d archive
	assert_equal "$status" 111
	assert_output "cc-unpack: cannot unpack entry 'p-1/a b': File too large"
	assert_equal "$(ls -A d)" ''
	run prlimit --fsize=200000 cc-unpack d archive
	assert_success
}

@test "a refusal that cannot be written is this host's failure" {
	tar_of 'file|a' >archive
	run prlimit --fsize=10 cc-unpack d archive
	assert_equal "$status" 111
	assert_output "cc-unpack: cannot write 'd/unpack.json': File too large"
	assert_equal "$(ls -A d)" ''
}

@test "too few descriptors are this host's failure and leave nothing" {
	package
	tar -cf archive p-1
	local most
	# Standard ones, d and the archive; with signals and a timer; and so on.
	for most in 5 6 7; do
		run prlimit --nofile=$most cc-unpack d archive 3>&- 4>&-
		assert_equal "$status" 111
		assert_output --regexp '^cc-unpack: cannot .*: Too many open files$'
		assert_equal "$(ls -A d)" ''
	done
	run prlimit --nofile=9 cc-unpack d archive 3>&- 4>&-
	assert_success
}

@test "a full disk is this host's failure and leaves nothing" {
	unshare --user --map-root-user --mount true ||
	    skip 'no user namespaces here'
	tar_of package 'file|p-1/a|zeros=2000000' >archive
	run unshare --user --map-root-user --mount sh -c '
		mount -t tmpfs -o size=1m,nr_inodes=100 none d || exit 9
		cc-unpack d archive
		echo $?
		ls -A d'
	assert_output "cc-unpack: cannot unpack entry 'p-1/a': No space left on device"$'\n111'
	local many=() i
	for ((i = 0; i < 200; i++)); do many+=("file|p-1/$i"); done
	tar_of package "${many[@]}" >archive
	run unshare --user --map-root-user --mount sh -c '
		mount -t tmpfs -o size=1m,nr_inodes=100 none d || exit 9
		cc-unpack d archive
		echo $?
		ls -A d'
	assert_output --regexp "^cc-unpack: cannot unpack entry 'p-1/[0-9]+': No space left on device"$'\n111$'
}

@test "a disk that is full when all is unpacked takes source away again" {
	unshare --user --map-root-user --mount true ||
	    skip 'no user namespaces here'
	tar_of package >archive
	# The root, .source.new and package.toml: none is left for a report.
	run unshare --user --map-root-user --mount sh -c '
		mount -t tmpfs -o size=1m,nr_inodes=3 none d || exit 9
		cc-unpack d archive
		echo $?
		ls -A d'
	assert_output "cc-unpack: cannot unpack 'archive': No space left on device"$'\n111'
}

# interrupt SIGNAL: while the archive comes through a FIFO, and stops coming.
interrupt() {
	mkfifo fifo
	env --default-signal=INT,HUP,TERM cc-unpack d fifo 2>err &
	local pid=$!
	exec 7>fifo
	tar_of package 'file|p-1/a|size=100000' no-end >&7
	until_true 20 [ -e d/.source.new/a ]
	kill -"$1" "$pid"
	status=0
	wait "$pid" || status=$?
	exec 7>&-
	rm fifo
}

@test "SIGTERM, SIGINT and SIGHUP end it with nothing left" {
	local signal
	for signal in TERM INT HUP; do
		interrupt $signal
		assert_equal "$status" $((128 + $(kill -l $signal)))
		assert_equal "$(ls -A d)" ''
		assert_equal "$(cat err)" ''
	done
}

@test "a signal that the caller ignores stays ignored" {
	mkfifo fifo
	(trap '' HUP && exec cc-unpack d fifo) &
	local pid=$!
	exec 7>fifo
	tar_of package 'file|p-1/a|size=3' no-end >&7
	until_true 20 [ -e d/.source.new/a ]
	kill -HUP "$pid"
	printf 'abc%0509d' 0 >&7
	head -c 1024 /dev/zero >&7
	exec 7>&-
	wait "$pid"
	assert_equal "$(cat d/source/a)" abc
}

@test "after SIGKILL there is no source, and the next run succeeds" {
	interrupt KILL
	assert_equal "$status" 137
	assert_equal "$(ls -A d)" .source.new
	package
	unpacked
}

@test "memory stays flat, whatever the archive's size" {
	run prlimit --as=67108864 cc-unpack --archive-max 1000M d \
	    - < <(tar_of package 'file|p-1/a|zeros=300000000')
	assert_success
	assert_equal "$(stat -c %s d/source/a)" 300000000
	rm -rf d/*
	tar_of package 'file|p-1/a|zeros=300000000' | bzip2 -1 >archive
	run prlimit --as=67108864 cc-unpack --ratio-max 1000000 d archive
	assert_success
	assert_equal "$(stat -c %s d/source/a)" 300000000
	rm -rf d
}

@test "memory stays flat, however many extended headers come" {
	local i
	tar_of no-end "g|x|data=60000 a=$(printf 'x%.0s' {1..59991})\n" >header
	tar_of package >archive
	run prlimit --as=67108864 cc-unpack d - < <(
		for ((i = 0; i < 1500; i++)); do cat header; done
		cat archive)
	assert_success
}

@test "a long archive shows its progress on a terminal, and only there" {
	mkfifo fifo
	script -qefc "cc-unpack d fifo" typescript >/dev/null 2>&1 &
	local pid=$!
	exec 7>fifo
	tar_of package 'file|p-1/a|size=3' no-end >&7
	until_true 20 grep -q 'cc-unpack: 3 entries, 0 MiB' typescript
	printf 'abc%0509d' 0 >&7
	head -c 1024 /dev/zero >&7
	exec 7>&-
	wait "$pid"
	# The line is wiped out at the end.
	grep -qF $'\r\033[K' typescript
	assert [ -f d/source/a ]
}

@test "the archive may come from a pipe that is slow" {
	tar_of package 'file|p-1/a|data=abc' >archive
	run cc-unpack d - < <(head -c 700 archive
		until [ -e d/.source.new ]; do sleep 0.01; done
		tail -c +701 archive)
	assert_success
	assert_equal "$(cat d/source/a)" abc
}

@test "while it reads it is confined, without environment or other descriptors" {
	mkfifo fifo
	exec 8<"$PWD"
	SECRET=hidden cc-unpack d fifo &
	local pid=$! fd
	exec 7>fifo
	tar_of package 'file|p-1/a|size=3' no-end >&7
	until_true 20 [ -e d/.source.new/a ]
	grep -q '^Seccomp:.2$' "/proc/$pid/status"
	grep -q '^NoNewPrivs:.1$' "/proc/$pid/status"
	run tr '\0' '\n' <"/proc/$pid/environ"
	refute_output --partial hidden
	for fd in 0 1 8; do
		run readlink "/proc/$pid/fd/$fd"
		refute_output "$(readlink "/proc/self/fd/$fd")"
	done
	exec 8<&-
	printf 'abc%0509d' 0 >&7
	head -c 1024 /dev/zero >&7
	exec 7>&-
	wait "$pid"
	assert_equal "$(member level)" landlock
}

@test "without confinement it reads nothing, unless it may" {
	package
	tar -cf archive p-1
	printf '%s\n' '#include <err.h>' '#include <seccomp.h>' \
	    '#include <unistd.h>' 'int main(int n, char **v) { (void)n;' \
	    'scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);' \
	    'if (seccomp_rule_add(f, SCMP_ACT_ERRNO(38),' \
	    'SCMP_SYS(landlock_restrict_self), 0) || seccomp_load(f)) return 9;' \
	    'execvp(v[1], v + 1); return 9; }' >filter.c
	cc -o filter filter.c -lseccomp
	run ./filter cc-unpack d archive
	assert_equal "$status" 111
	assert_output 'cc-unpack: no confinement of files by Landlock: not in this kernel; --sandbox preferred goes on without'
	assert_equal "$(ls -A d)" ''
	run ./filter cc-unpack --sandbox preferred d archive
	assert_success
	assert_output 'cc-unpack: no confinement of files by Landlock: not in this kernel'
	assert_equal "$(member level)" seccomp
	rm -r d/*
	run ./filter cc-unpack --sandbox off d archive
	assert_success
	refute_output
	assert_equal "$(member level)" none
	run cc-unpack --sandbox no d archive
	assert_equal "$status" 100
	assert_output "cc-unpack: bad value 'no' for --sandbox: want required, preferred or off"
}

@test "a variable stands for an option, which wins" {
	package
	tar -cf archive p-1
	local prefix=CLOACINA_COMPILER_ option
	for option in UNPACK_ENTRIES_MAX UNPACK_BYTES_MAX UNPACK_RATIO_MAX \
	    SANDBOX; do
		run env "$prefix$option=x" cc-unpack d archive
		assert_equal "$status" 100
		assert_output --partial "bad value 'x' for \$$prefix$option: want"
	done
	run env "${prefix}UNPACK_ENTRIES_MAX=1" cc-unpack d archive
	assert_equal "$status" 100
	assert_output --partial 'more than 1 entry'
	rm -r d/*
	run env "${prefix}UNPACK_ENTRIES_MAX=1" cc-unpack --entries-max 2 d archive
	assert_success
}
