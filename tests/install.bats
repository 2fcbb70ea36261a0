# SPDX-License-Identifier: Apache-2.0
# make install and make uninstall; bash completion.

load helper

setup() {
	cd "$SUITE_ROOT" || return
	to=$BATS_TEST_TMPDIR/to
}

place() {
	# The programs are built already.
	make -s -o all DESTDIR="$to" "$@"
}

@test "what install puts down uninstall takes away" {
	place install
	assert [ -x "$to/usr/local/bin/cc-build" ]
	assert [ -e "$to/usr/local/share/man/man7/cloacina-compiler.7" ]
	assert [ -e "$to/usr/local/lib/systemd/system/cc-worker@.service" ]
	touch "$to/usr/local/bin/somebody-elses"
	place uninstall
	run find "$to" ! -type d
	assert_output "$to/usr/local/bin/somebody-elses"
	run find "$to" -name '*cloacina*'
	refute_output
}

@test "every program is installed with its manual page and completion" {
	place install
	for name in $(ls bin); do
		assert [ -x "$to/usr/local/bin/$name" ]
		assert [ -e "$to/usr/local/share/man/man1/$name.1" ]
		assert [ -e "$to/usr/local/share/bash-completion/completions/$name" ]
	done
}

@test "the manual page of a program names each of its options" {
	for name in $(ls bin); do
		page=$(col -bx <"bin/$name/$name.1")
		for option in $("$name" --help | grep -oE '^ +(-., )?--[a-z][a-z-]+' |
		    grep -oE -e '[a-z][a-z-]+$' | grep -vxE 'help|version'); do
			grep -qE -e "(Fl (o Ns , )?(Fl )?-?|--)$option([^a-z-]|\$)" \
			    <<<"$page" || fail "$name.1 has no --$option"
		done
	done
}

@test "a closed stdout is told by every program" {
	for name in $(ls bin); do
		for option in help version; do
			run sh -c "exec $name --$option >&-"
			assert_failure 111
			assert [ "${#lines[@]}" = 1 ]
			"$name" --$option >/dev/null
		done
	done
}

@test "no archive or library is allowed that PostgreSQL cannot hold" {
	cd "$BATS_TEST_TMPDIR"
	for call in 'cc-sandbox --artifact-max' 'cc-fetch --archive-max' \
	    'cc-submit --archive-max' 'cc-unpack --archive-max'; do
		read -ra words <<<"$call"
		run "${words[@]}" 1024M absent </dev/null
		assert_failure 100
		assert_output "${words[0]}: bad value '1024M' for ${words[1]}: want a number, also with K, M or G, from 1 to 1072693248"
		run ! "${words[@]}" 1023M absent </dev/null
		refute_output --partial 'bad value'
	done
}

@test "one fault of the database URL has one status in every program" {
	cd "$BATS_TEST_TMPDIR" && mkdir d
	jq -n '{build_claim_id: $id, claim_token: $id, registry_id: $id,
	    compiler_instance_id: $id, attempt: 1, package_name: "p",
	    package_version: "1", storage_type: "database", version: 1,
	    started_boottime_ms: 1}' \
	    --arg id 11111111-2222-3333-4444-555555555555 >d/claim.json
	echo archive >archive
	unset DATABASE_URL
	asks_with() {
		HOME=$BATS_TEST_TMPDIR run "$@" </dev/null
	}
	for program in 'cc-claim true' cc-sweep cc-status 'cc-fetch d' \
	    'cc-complete d' 'cc-wait 11111111-2222-3333-4444-555555555555' \
	    'cc-submit --name a --package-version 1 archive'; do
		read -ra words <<<"$program"
		asks_with "${words[0]}" --database-url-file absent "${words[@]:1}"
		assert_failure 111
		assert_output "${words[0]}: cannot use the database URL: No such file or directory"
		asks_with "${words[0]}" --database-url word "${words[@]:1}"
		assert_failure 100
		asks_with "${words[@]}"
		assert_failure 100
		assert_output --partial 'cannot use the database URL: want --database-url'
	done
}

@test "completion offers each option of each program" {
	. units/completion.bash
	for name in $(ls bin); do
		wanted=$("$name" --help | grep -oE -e '^ +(-., )?--[a-z][a-z-]+' |
		    grep -oE -e '--.*' | sort)
		run complete_words "$name" --
		assert_output "$wanted"
	done
}

@test "the README names every program and every page of section 7" {
	for source in bin/*/*.[17]; do
		name=$(basename "${source%.*}")
		grep -qF "\`$name" README.md || fail "the README lacks $name"
	done
}

@test "the units name programs of the place they are installed for" {
	place install PREFIX=/opt/cc
	units=$to/opt/cc/lib/systemd/system
	run grep -rhoE '^Exec[A-Za-z]+=[^ ]+' "$units"
	assert_line ExecStartPre=/opt/cc/bin/cc-compile
	for line in "${lines[@]}"; do
		assert [ -x "$to${line#*=}" ]
	done
	run grep -rE '@[A-Z]+@' --exclude-dir=bin "$to"
	refute_output
}

@test "tmpfiles.d copies the configuration from where it is installed" {
	place install PREFIX=/opt/cc
	run grep -rh 'share/cloacina-compiler' "$to/opt/cc/lib/tmpfiles.d"
	assert_output --partial ' /opt/cc/share/cloacina-compiler/compiler.env'
	assert [ -e "$to/opt/cc/share/cloacina-compiler/compiler.env" ]
}

# complete WORD...: what TAB after the last word would offer.
complete_words() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_cloacina_compiler "$1" "${!#}" "${COMP_WORDS[COMP_CWORD-1]}"
	printf "%s\n" "${COMPREPLY[@]}" | sort
}

@test "completion offers the options that --help names" {
	. units/completion.bash
	run complete_words cloacina-compiler --build-rlimit
	assert_output '--build-rlimit-cpu
--build-rlimit-files
--build-rlimit-mem
--build-rlimit-procs'
	run complete_words cloacina-compiler --home x --tenant
	assert_output --tenant-schema
}

@test "completion offers directories and files where an option wants one" {
	. units/completion.bash
	cd "$BATS_TEST_TMPDIR" || return
	mkdir dir
	touch file
	run complete_words cloacina-compiler --home ''
	assert_output dir
	run complete_words cloacina-compiler --home = d
	assert_output dir
	run complete_words cloacina-compiler --audit-log ''
	assert_output 'dir
file'
	run complete_words cloacina-compiler --writable-source ''
	assert_output 'no
yes'
	run complete_words cc-audit --audit-tee n
	assert_output no
	run complete_words cloacina-compiler --max-attempts ''
	refute_output
	run complete_words cc-build ''
	assert_output 'dir
file'
}

@test "completion of a program that is gone offers nothing and says nothing" {
	. units/completion.bash
	run complete_words cc-absent --
	refute_output
}
