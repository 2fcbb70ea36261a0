# SPDX-License-Identifier: Apache-2.0
# cc-sandbox on hosts that cannot confine: it says so, says what to do, and
# runs nothing weaker than what was asked for.

load levels

setup_file() {
	prepare_levels
	cc -D_GNU_SOURCE -O1 -o "$BATS_FILE_TMPDIR/without_userns" \
	    "$SUITE_ROOT/tests/confine/without_userns.c" -lseccomp
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -m 700 dir
}

# Inside an outer sandbox of bubblewrap, as in a container.
in_container() {
	bwrap --dev-bind / / "$@"
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
	probe "$BATS_FILE_TMPDIR/without_userns" cc-sandbox
	assert_equal "$(grep -c seccomp=unconfined <<<"$remedy")" 1
}

@test "user namespaces that are used up or switched off are recognised" {
	probe in_container --unshare-user --disable-userns -- cc-sandbox
	assert_equal "$(grep -c max_user_namespaces <<<"$remedy")" 1
	# A filter makes the namespace fail; the settings say why it would.
	mkdir kernel
	cp /proc/sys/kernel/overflow* kernel
	local refused=(in_container --bind kernel /proc/sys/kernel --
	    "$BATS_FILE_TMPDIR/without_userns" cc-sandbox)
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

@test "a host that is out of processes runs the command at no level" {
	# The limit counts this user's processes, of which there are some.
	run prlimit --nproc=1:1 cc-sandbox --sandbox preferred --dir dir echo began
	assert_failure 111
	refute_line began
	assert_output 'cc-sandbox: no sandbox of level bwrap: cannot run the command: Resource temporarily unavailable; raise the number of processes that this user may have: ulimit -u, LimitNPROC= or TasksMax='
	assert_equal "$(report .started)" false
}
