# SPDX-License-Identifier: Apache-2.0
# lib/base/remove_tree.c on trees that a stranger might leave.

load helper

setup_file() {
	build_helper "$BATS_FILE_TMPDIR/drive" "$SUITE_ROOT/tests/remove_tree.c"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

drive() {
	"$BATS_FILE_TMPDIR/drive" "$@"
}

@test "removes a tree of files, directories, links and a FIFO" {
	mkdir -p t/a/b/c t/empty t/a/.hidden
	touch t/file t/a/b/file t/a/.hidden/.x
	mkfifo t/a/fifo
	ln -s /etc/passwd t/a/link
	run drive remove t
	assert_success
	assert [ ! -e t ]
}

@test "what is absent counts as removed" {
	run drive remove absent
	assert_success
	refute_output
}

@test "removes a file, and a symlink instead of what it names" {
	mkdir outside
	touch outside/kept file
	ln -s outside link
	run drive remove file link
	assert_success
	assert [ ! -e file ]
	assert [ ! -L link ]
	assert [ -e outside/kept ]
}

@test "follows no symlink inside the tree" {
	mkdir -p outside/dir t/a/b
	touch outside/kept outside/dir/kept
	chmod 500 outside
	ln -s "$PWD/outside" t/absolute
	ln -s ../../../outside t/a/b/relative
	run drive remove t
	assert_success
	assert [ ! -e t ]
	assert [ -e outside/kept ]
	assert [ -e outside/dir/kept ]
	assert_equal "$(stat -c %a outside)" 500
	chmod 700 outside
}

@test "removes directories of mode 000 at every level, the top one too" {
	mkdir -p t/a/b/c t/a/empty
	touch t/file t/a/file t/a/b/c/file
	chmod 000 t/a/b/c t/a/empty t/a/b t/a t
	run drive remove t
	assert_success
	assert [ ! -e t ]
}

@test "a name that the mover wants to give may exist already" {
	mkdir -p t/0/0/0/0 t/1/1 t/2/0/x t/a/b
	touch t/0/0/1 t/2/0/x/0 t/a/b/c
	run drive remove t
	assert_success
	assert [ ! -e t ]
}

@test "removes 100,000 levels with eight descriptors and little memory" {
	mkdir t
	(cd t && drive deepen 100000)
	run prlimit --nofile=8 --data=2097152 --stack=524288 \
	    "$BATS_FILE_TMPDIR/drive" remove t
	assert_success
	assert [ ! -e t ]
}

@test "removes a wide tree" {
	mkdir t
	(cd t && seq 3000 | xargs mkdir && seq 3000 | sed 's,$,/f,' | xargs touch)
	run drive remove t
	assert_success
	assert [ ! -e t ]
}

@test "says why something stays, after removing all the rest" {
	mkdir -p t/a t/locked/inner t/z
	touch t/a/f t/z/f
	# Without search permission on the parent not even its owner can act.
	mkdir cage
	mv t cage/
	chmod 500 cage
	run drive remove cage/t
	assert_failure 1
	assert_output "drive: cannot remove 'cage/t': Permission denied"
	assert_equal "$(ls -A cage/t)" ""
	chmod 700 cage
	run drive remove cage/t
	assert_success
}

@test "neither the working directory nor its parent can be named" {
	mkdir -p inner/t
	touch kept inner/t/kept
	cd inner/t
	run drive remove .
	assert_failure
	run drive remove ..
	assert_failure
	assert [ -e kept ]
	assert [ -e ../../kept ]
}

in_namespace() {
	unshare --user --map-root-user --mount "$@"
}

@test "enters no other file system, and reports it" {
	in_namespace true || skip "no user namespaces here"
	mkdir -p t/a/mount t/b
	touch t/b/f
	run in_namespace sh -c "
		mount -t tmpfs none t/a/mount && touch t/a/mount/kept || exit 9
		'$BATS_FILE_TMPDIR/drive' remove t
		echo \$?
		find t -name kept
		find t -name f"
	assert_success
	assert_line --index 0 "drive: cannot remove 't': Device or resource busy"
	assert_line --index 1 1
	assert_line --index 2 --regexp 'mount/kept$'
	refute_line --regexp '/f$'
}

@test "does not enter the tree when it is itself a mount" {
	in_namespace true || skip "no user namespaces here"
	mkdir t from
	touch from/kept
	run in_namespace sh -c "
		mount --bind from t || exit 9
		'$BATS_FILE_TMPDIR/drive' remove t"
	assert_failure 1
	assert_output "drive: cannot remove 't': Device or resource busy"
	assert [ -e from/kept ]
}

@test "a directory swapped for a symlink meanwhile leads nowhere" {
	mkdir outside
	chmod 750 outside
	touch outside/kept
	ln -s "$PWD/outside" link
	for _ in 1 2 3 4 5 6 7 8; do
		mkdir -p t/a/b/{1..20}/{1..5}
		drive swap t/a/b link 3000 &
		drive remove t || true
		wait $! || true
		[ -L link ] || { drive remove link; ln -s "$PWD/outside" link; }
	done
	assert [ -e outside/kept ]
	assert_equal "$(stat -c %a outside)" 750
}
