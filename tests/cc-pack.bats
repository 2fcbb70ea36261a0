# SPDX-License-Identifier: Apache-2.0

load helper

setup() {
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work"
	package=$PWD/package
	mkdir -p "$package/src"
	printf '[package]\nname = "flow"\nversion = "1.0.0"\n' \
	    >"$package/package.toml"
	printf '[package]\nname = "flow"\nversion = "1.0.0"\n' \
	    >"$package/Cargo.toml"
	: >"$package/Cargo.lock"
	echo 'pub fn f() {}' >"$package/src/lib.rs"
}

# unpack ARCHIVE: its tree is in unpacked/source.
unpack() {
	rm -rf unpacked
	mkdir -m 700 unpacked
	cc-unpack unpacked "$1"
}

# refused MESSAGE: nothing is written.
refused() {
	run --separate-stderr cc-pack "$package"
	assert_failure 100
	assert_output ''
	assert_equal "$stderr" "cc-pack: refused: $1"
	run cc-pack -o flow.cloacina "$package"
	assert_failure 100
	assert_equal "$(ls -A)" package
}

packed() {
	cc-pack "$package" >archive
	unpack archive
	rm -r archive unpacked
}

@test "what is packed comes out of cc-unpack as it was" {
	mkdir -p "$package/a/b/c" "$package/empty"
	head -c 300000 /dev/urandom >"$package/a/b/c/data"
	: >"$package/nothing"
	echo '#!/bin/sh' >"$package/run"
	chmod 711 "$package/run"
	chmod 600 "$package/src/lib.rs"
	local long
	long=$(printf 'x%.0s' {1..200})
	echo long >"$package/src/$long"
	echo 'grün' >"$package/src/Grüße 日本 'quoted'"
	run --separate-stderr cc-pack "$package"
	assert_success
	assert_equal "$stderr" ''
	cc-pack "$package" >archive
	unpack archive
	diff -r --no-dereference "$package" unpacked/source
	assert_equal "$(stat -c %a unpacked/source/run)" 755
	assert_equal "$(stat -c %a unpacked/source/src/lib.rs)" 644
	assert_equal "$(tar tf archive | head -n 1)" flow-1.0.0/
}

@test "the same tree gives the same bytes, wherever and whenever" {
	cc-pack "$package" >one
	# Another order of creation, other times, modes, owner's umask, place.
	mkdir -p other/src
	umask 077
	local f
	for f in src/lib.rs package.toml Cargo.lock Cargo.toml; do
		cat "$package/$f" >"other/$f"
	done
	touch -d '2001-02-03' other/src other/package.toml
	chmod 664 other/src/lib.rs
	cd other
	cc-pack . | cmp - ../one
	cd src
	cc-pack ../ | cmp - ../../one
	cd ../..
	cc-pack --output two other/
	cmp one two
	cc-pack "$package" >/dev/null
	cat <(cc-pack "$package") | cmp - one
	LC_ALL=C TZ=Asia/Tokyo cc-pack "$package" | cmp - one
}

@test "entries have no owner and the time that is asked for" {
	cc-pack "$package" >archive
	run tar tvf archive --numeric-owner --full-time --utc
	assert_line --partial '0/0'
	refute_line --partial nobody
	assert_equal "$(grep -c '1970-01-01 00:00:00' <<<"$output")" \
	    "${#lines[@]}"
	SOURCE_DATE_EPOCH=1000000000 cc-pack "$package" >dated
	run tar tvf dated --full-time --utc
	assert_equal "$(grep -c '2001-09-09 01:46:40' <<<"$output")" \
	    "${#lines[@]}"
	SOURCE_DATE_EPOCH=-1 run cc-pack "$package"
	assert_failure 100
	assert_output "cc-pack: bad value '-1' for \$SOURCE_DATE_EPOCH: want seconds since 1970, at most 8589934591"
	SOURCE_DATE_EPOCH=8589934592 run cc-pack "$package"
	assert_failure 100
	SOURCE_DATE_EPOCH= run cc-pack "$package"
	assert_failure 100
}

@test "target, .git and earlier archives stay at home, if at the top" {
	cc-pack "$package" >without
	mkdir "$package/target" "$package/.git"
	ln -s / "$package/target/link"
	mkfifo "$package/.git/fifo"
	echo old >"$package/flow-0.9.cloacina"
	echo old >"$package/x.fid"
	cc-pack "$package" | cmp - without
	rm -r "$package/target"
	ln -s /tmp "$package/target"
	cc-pack "$package" | cmp - without
	mkdir "$package/src/target" "$package/src/.git"
	: >"$package/src/test.cloacina" >"$package/.gitignore"
	cc-pack "$package" >with
	run tar tf with
	assert_line flow-1.0.0/src/target/
	assert_line flow-1.0.0/src/.git/
	assert_line flow-1.0.0/src/test.cloacina
	assert_line flow-1.0.0/.gitignore
}

@test "an archive is never packed into itself" {
	cc-pack "$package" >without
	cd "$package"
	cc-pack --output out .
	cmp out ../without
	cc-pack --output out .
	cmp out ../without
	cc-pack . >out
	cmp out ../without
	cc-pack . >>out
	assert_equal "$(stat -c %s out)" "$(($(stat -c %s ../without) * 2))"
}

@test "--output replaces a regular file only, and only by a whole archive" {
	echo old >out
	umask 027
	cc-pack --output out "$package"
	assert_equal "$(stat -c %a out)" 640
	tar tf out >/dev/null
	cc-pack -o - "$package" >other
	cmp out other
	rm other
	run cc-pack -o /dev/null "$package"
	assert_failure 111
	assert_output "cc-pack: cannot create '/dev/null': not a regular file"
	run cc-pack -o absent/x "$package"
	assert_failure 111
	assert_output "cc-pack: cannot create 'absent/x': No such file or directory"
	run cc-pack -o '' "$package"
	assert_failure 111
	echo old >out
	head -c 100000 /dev/urandom >"$package/data"
	run bash -c "ulimit -f 10; trap '' XFSZ
	    exec cc-pack -o out '$package'"
	assert_failure 111
	assert_output --regexp "^cc-pack: cannot pack '.*': File too large\$"
	assert_equal "$(cat out)" old
	assert_equal "$(ls -A | xargs)" 'out package'
}

@test "what is no file and no directory is refused by name" {
	mkfifo "$package/src/fifo"
	refused "entry 'src/fifo': it is a FIFO"
	ln -s src/fifo "$package/link"
	refused "entry 'link': it is a FIFO"
	rm "$package/src/fifo" "$package/link"
	perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) &&
	    bind(S, sockaddr_un($ARGV[0])) or die' "$package/sock"
	refused "entry 'sock': it is a socket"
	rm "$package/sock"
	ln "$package/src/lib.rs" "$package/src/hard"
	packed
}

@test "a symlink that stays in the package is packed as what it points to" {
	mkdir -p "$package/a/b" "$package/c"
	echo '#!/bin/sh' >"$package/a/b/run"
	chmod 755 "$package/a/b/run"
	ln -s ../../src/lib.rs "$package/a/b/file"
	ln -s file "$package/a/b/second"
	ln -s a/b "$package/directory"
	ln -s ../directory/run "$package/c/through"
	ln -s ../a "$package/c/a"
	mv "$package/Cargo.toml" "$package/package.toml" "$package/Cargo.lock" \
	    "$package/c"
	ln -s c/Cargo.toml c/package.toml c/Cargo.lock "$package"
	run --separate-stderr cc-pack --output archive "$package"
	assert_success
	assert_equal "$stderr" ''
	unpack archive
	diff -r "$package" unpacked/source
	run find unpacked/source -type l
	assert_output ''
	assert_equal "$(stat -c %a unpacked/source/c/{through,a/b/run})" \
	    $'755\n755'
	# As if each were a copy, down to the bytes.
	cp -rL "$package" copied
	cc-pack copied | cmp - archive
}

@test "a symlink that leaves the package is named" {
	local to out='it is a symbolic link that is absolute or leads out of the package: put what it points to in its place'
	echo secret >../outside
	mkdir ../away
	for to in ../../outside /etc/passwd ../../away ../package/src/lib.rs \
	    "$package/src" src/../../outside /nowhere /proc/self/root; do
		ln -s "$to" "$package/link"
		refused "entry 'link': $out"
		ln -s ../link "$package/src/second"
		rm "$package/link"
		ln -s "$to" "$package/zlink"
		ln -sf ../zlink "$package/src/second"
		refused "entry 'src/second': $out"
		rm "$package/zlink" "$package/src/second"
	done
	ln -s ../../outside "$package/link.cloacina"
	ln -s ../../away "$package/target"
	packed
	rm "$package/package.toml"
	ln -s ../../outside "$package/package.toml"
	refused "entry 'package.toml': $out"
}

@test "a symlink in a circle, or to nothing, is named" {
	local to circle='it is a symbolic link that leads in a circle'
	for to in link src/../link .; do
		ln -s "$to" "$package/link"
		refused "entry 'link': $circle"
		rm "$package/link"
	done
	for to in .. . ../src ../src/../../package/src; do
		ln -s "$to" "$package/src/link"
		case $to in
		*package*) refused "entry 'src/link': it is a symbolic link that is absolute or leads out of the package: put what it points to in its place" ;;
		*) refused "entry 'src/link': $circle" ;;
		esac
		rm "$package/src/link"
	done
	# Two directories, each in the other.
	mkdir "$package/a" "$package/b"
	ln -s ../b "$package/a/b"
	ln -s ../a "$package/b/a"
	refused "entry 'a/b/a': $circle"
	rm "$package/b/a"
	packed
	for to in nothing src/nothing src/lib.rs/x; do
		ln -s "$to" "$package/link"
		refused "entry 'link': it is a symbolic link to nothing"
		rm "$package/link"
	done
}

@test "symlinks that multiply directories end at the limit of entries" {
	local i
	mkdir "$package/d0"
	: >"$package/d0/f"
	for ((i = 1; i < 16; i++)); do
		mkdir "$package/d$i"
		ln -s "../d$((i - 1))" "$package/d$i/a"
		ln -s "../d$((i - 1))" "$package/d$i/b"
	done
	refused "'$package': more than 10000 entries (--entries-max)"
}

@test "names that cc-unpack refuses are refused here, escaped" {
	local name
	for name in $'new\nline' $'esc\e[31m' $'rtl\u202e' $'del\x7f'; do
		: >"$package/src/$name"
		refused "entry 'src/$(printf %s "$name" | sed -z \
		    's/\n/\\n/;s/\x1b/\\x1b/;s/\x7f/\\x7f/;s/\xe2\x80\xae/\\u{202e}/')': its name has a control, an invisible or a direction-changing character"
		rm "$package/src/$name"
	done
	: >"$package/src/"$'\xff'
	refused "entry 'src/\\xff': its name is not valid UTF-8"
	rm "$package/src/"$'\xff'
	: >"$package/src/Lib.rs"
	local rule='differs in case only from an earlier path: rename one of the two, some file systems hold only one of them'
	refused "entry 'src/lib.rs': 'src/lib.rs' $rule"
	rm "$package/src/Lib.rs"
	mkdir "$package/SRC"
	refused "entry 'src': 'src' $rule"
	rmdir "$package/SRC"
	echo x >"$package/src/back\\slash and 'quote'"
	packed
}

# Makes a directory so many levels deep in the package.
make_deep() {
	(
		cd "$package"
		for ((i = 0; i < $1; i++)); do mkdir d && cd d; done
	)
}

@test "depth, path and number of entries have cc-unpack's limits" {
	make_deep 64
	packed
	rm -r "$package/d"
	make_deep 65
	run cc-pack "$package"
	assert_failure 100
	assert_output --regexp "^cc-pack: refused: entry 'd(/d){64}': it lies more than 64 levels below the top directory \(--depth-max\)\$"
	rm -r "$package/d"
	# 1024 bytes with the top directory, and one more.
	local part
	part=$(printf 'x%.0s' {1..249})
	mkdir -p "$package/$part/$part/$part"
	: >"$package/$part/$part/$part/$(printf 'y%.0s' {1..255})"
	run cc-pack "$package"
	assert_success
	mv "$package/$part" "$package/x$part"
	mv "$package/x$part/$part" "$package/x$part/xxxxx$part"
	mv "$package/x$part/xxxxx$part/$part" "$package/x$part/xxxxx$part/xxxxx$part"
	run cc-pack "$package"
	assert_failure 100
	assert_output --partial 'its path is longer than 1024 bytes (--path-max)'
	rm -r "$package/x$part"
	# The top directory, src and three files are there.
	mkdir "$package/many"
	(cd "$package/many" && touch $(seq 1 9993))
	packed
	: >"$package/many/more"
	refused "'$package': more than 10000 entries (--entries-max)"
}

@test "a tree that unpacks to too much is refused" {
	truncate -s 500M "$package/large"
	run cc-pack "$package"
	assert_failure 100
	assert_output "cc-pack: refused: entry 'large': the archive unpacks to more than 524288000 bytes (--unpacked-max)"
	# Zeros pack to nearly nothing.
	truncate -s 17M "$package/large"
	run --separate-stderr cc-pack --output out "$package"
	assert_failure 100
	assert_equal "$stderr" "cc-pack: refused: '$package': the archive unpacks to more than 100 times its size (--ratio-max)"
	[ ! -e out ]
	truncate -s 15M "$package/large"
	packed
}

@test "a directory that is no package is refused" {
	rm "$package/package.toml"
	run cc-pack "$package"
	assert_failure 100
	assert_output "cc-pack: cannot read '$package/package.toml': No such file or directory"
	printf '[package]\nname = "x"\nversion = 1\n' >"$package/package.toml"
	refused "'$package/package.toml': package.version is not a string"
	printf '[package]\nname = "x"\n' >"$package/package.toml"
	refused "'$package/package.toml': package.version is missing"
	printf 'x' >"$package/package.toml"
	refused "'$package/package.toml': line 1: not TOML, or too long a string"
	printf '[package]\nname = "a/b"\nversion = "1"\n' \
	    >"$package/package.toml"
	refused "entry 'a/b-1': its name has a slash"
	printf '[package]\nname = "/a"\nversion = "1"\n' \
	    >"$package/package.toml"
	refused "entry '/a-1': its path is absolute"
	printf '[package]\nname = "a\\u001bb"\nversion = "1"\n' \
	    >"$package/package.toml"
	refused "entry 'a\\x1bb-1': its name has a control, an invisible or a direction-changing character"
	printf '[package]\nname = "a"\nversion = "1"\n[metadata]\nlanguage = "go"\n' \
	    >"$package/package.toml"
	refused "'$package': package.toml: metadata.language 'go' is not known: rust and python are"
	printf '[package]\nname = "."\nversion = "."\n' \
	    >"$package/package.toml"
	packed
	printf '[workspace]\n' >"$package/Cargo.toml"
	refused "'$package': Cargo.toml has no [package]: a workspace alone is no library"
}

@test "a Rust package without a lock file is packed with a warning" {
	rm "$package/Cargo.lock"
	run --separate-stderr cc-pack --output out "$package"
	assert_success
	assert_equal "$stderr" "cc-pack: warning: no Cargo.lock, so the build will fail: run 'cargo generate-lockfile'"
	unpack out
	rm "$package/Cargo.toml"
	run --separate-stderr cc-pack --output out "$package"
	assert_success
	assert_equal "$stderr" ''
}

@test "what a package brings along for cargo and no build heeds is warned of" {
	mkdir -p "$package/.cargo" "$package/third/itoa"
	touch "$package/.cargo/config.toml" "$package/rust-toolchain.toml" \
	    "$package/third/itoa/.cargo-checksum.json"
	run --separate-stderr cc-pack --output out "$package"
	assert_success
	assert_equal "$stderr" "cc-pack: warning: the package's .cargo/config.toml is not read: its [env], [source] and flags do not count
cc-pack: warning: the package's rust-toolchain.toml is not obeyed: the service's toolchain compiles it
cc-pack: warning: the package's vendored crates are not used: those of the service's vendor directory are"
	# They go into the archive all the same.
	unpack out
	diff -r "$package" unpacked/source
	rm "$package/.cargo/config.toml" "$package/rust-toolchain.toml"
	run --separate-stderr cc-pack --output out "$package"
	assert_equal "$stderr" "cc-pack: warning: the package's vendored crates are not used: those of the service's vendor directory are"
	rm -r "$package/third"
	touch "$package/.cargo-checksum.json" # it is a published crate itself
	run --separate-stderr cc-pack --output out "$package"
	assert_equal "$stderr" ''
}

@test "a file that changes while it is read spoils the archive" {
	run strace -qq -f -o trace -P "$package/src/lib.rs" \
	    -e inject=read:retval=0 cc-pack --output out "$package"
	assert_failure 111
	assert_output "cc-pack: cannot pack 'src/lib.rs': it changed while it was read"
	[ ! -e out ]
	run strace -qq -f -o trace -P "$package/src/lib.rs" \
	    -e inject=read:error=EIO cc-pack --output out "$package"
	assert_failure 111
	assert_output "cc-pack: cannot pack 'src/lib.rs': Input/output error"
}

is_stopped() {
	[ "$(pgrep -P "$tracer" -x cc-pack | xargs -r -I{} sed -n \
	    's/^State:\s*\([tT]\).*/\1/p' /proc/{}/status)" != '' ]
}

@test "two that write one file do not meet in it" {
	strace -qq -o trace -e inject=openat2:signal=SIGSTOP:when=3 \
	    cc-pack --output out "$package" 2>said 3>&- &
	tracer=$!
	until_true 30 is_stopped
	run cc-pack --output out "$package"
	assert_failure 111
	assert_output "cc-pack: cannot create 'out': somebody else is writing it"
	kill -CONT "$(pgrep -P "$tracer" -x cc-pack)"
	wait "$tracer"
	unpack out
	# One that was killed leaves nothing that is in the way.
	strace -qq -o trace -e inject=openat2:signal=SIGKILL:when=3 \
	    cc-pack --output out "$package" || true
	[ -e .out.new ]
	cc-pack --output out "$package"
	unpack out
	[ ! -e .out.new ]
}

@test "a file that becomes a FIFO or a link in time is not read" {
	local new
	for new in 'mkfifo' 'ln -s /etc/passwd' 'ln -s ../outside'; do
		: >"$package/zzz"
		# All is read that is looked at first, its first file is opened.
		strace -qq -o trace -e trace=openat2 \
		    -e inject=openat2:signal=SIGSTOP:when=8 \
		    cc-pack --output out "$package" 2>said 3>&- &
		tracer=$!
		until_true 30 is_stopped
		rm "$package/zzz"
		$new "$package/zzz"
		kill -CONT "$(pgrep -P "$tracer" -x cc-pack)"
		wait "$tracer" && return 1
		assert_equal "$(cut -c 1-26 said)" "cc-pack: cannot pack 'zzz'"
		rm "$package/zzz"
	done
}

@test "a directory that becomes a link to the outside in time is not read" {
	mkdir ../away
	echo secret >../away/lib.rs
	strace -qq -o trace -e trace=openat2 \
	    -e inject=openat2:signal=SIGSTOP:when=8 \
	    cc-pack "$package" >archive 2>said 3>&- &
	tracer=$!
	until_true 30 is_stopped
	mv "$package/src" "$package/was"
	ln -s ../../away "$package/src"
	kill -CONT "$(pgrep -P "$tracer" -x cc-pack)"
	wait "$tracer" && return 1
	assert_equal "$(cat said)" "cc-pack: cannot pack 'src/lib.rs': Invalid cross-device link"
	run bash -c 'bzip2 -dc archive 2>/dev/null | grep -c secret'
	assert_output 0
}

@test "what cannot be read is said" {
	chmod 000 "$package/src/lib.rs"
	run cc-pack "$package"
	assert_failure 111
	assert_line "cc-pack: cannot pack 'src/lib.rs': Permission denied"
	chmod 000 "$package/src"
	run cc-pack "$package"
	assert_failure 111
	assert_output "cc-pack: cannot read '$package/src': Permission denied"
	chmod 755 "$package/src"
	run cc-pack "$PWD/absent"
	assert_failure 111
	assert_output "cc-pack: cannot open '$PWD/absent': No such file or directory"
	run cc-pack "$package/package.toml"
	assert_failure 111
	assert_output --partial 'Not a directory'
	run bash -c "cc-pack '$package' >/dev/full"
	assert_failure 111
}

@test "no archive goes to a terminal" {
	run script -qec "cc-pack '$package'" /dev/null
	assert_failure 100
	assert_output --partial 'cc-pack: stdout is a terminal: redirect it, or use --output'
	run script -qec "cc-pack --output out '$package'" /dev/null
	assert_success
}

@test "options and operands" {
	run cc-pack
	assert_failure 100
	assert_output 'usage: cc-pack [options] dir'
	run cc-pack "$package" "$package"
	assert_failure 100
	# Whatever the variable holds that only packing needs.
	SOURCE_DATE_EPOCH=x run cc-pack --help
	assert_success
	assert_line --partial '-o, --output FILE'
	run cc-pack --version
	assert_output --regexp '^cc-pack [0-9]'
}
