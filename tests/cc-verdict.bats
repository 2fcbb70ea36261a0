# SPDX-License-Identifier: Apache-2.0
# How a verdict comes about is in outcome.bats; this is how it is shown.

load helper
load outcome/build

setup() {
	dir=$BATS_TEST_TMPDIR/build
	mkdir "$dir"
}

@test "a build that succeeded is 0 and one word" {
	succeeded
	run cc-verdict "$dir"
	assert_success
	assert_output success
	run cc-verdict --json "$dir"
	assert_success
	assert_output '{"version":1,"outcome":"success","exit_status":0,"exit_signal":null,"has_artifact":true,"reason":null}'
}

@test "a build with nothing to compile has no artifact" {
	unpacked python
	run cc-verdict --json "$dir"
	assert_success
	assert_output '{"version":1,"outcome":"success","exit_status":null,"exit_signal":null,"has_artifact":false,"reason":null}'
}

@test "a build that failed is 1 and its reason, line by line" {
	failed $'error: it\'s broken\n\t--> lib.rs\n'
	run --separate-stderr cc-verdict "$dir"
	assert_failure 1
	assert_equal "$stderr" ''
	assert_output $'failed\nerror: it\'s broken\n\t--> lib.rs'
	assert_equal "$(cc-verdict "$dir" | tail -c 1 | od -An -tx1)" ' 0a'
	run cc-verdict --json "$dir"
	assert_failure 1
	assert_equal "$(jq -r .exit_status <<<"$output")" 101
	assert_equal "$(jq -r .reason <<<"$output")" \
	    $'error: it\'s broken\n\t--> lib.rs'
}

@test "what a terminal would obey or hide is escaped in both forms" {
	failed $'a\e[31m\u202eb\x7fc'
	run cc-verdict "$dir"
	refute_output --partial $'\e'
	refute_output --partial $'\u202e'
	assert_line --partial '\u{202e}b'
	run cc-verdict --json "$dir"
	refute_output --regexp '[^ -~]'
}

@test "a refused archive is a failure" {
	put unpack '"language":"<none>","library_name":null,
	    "cargo_toml_hash":"<absent>","cargo_lock_hash":"<none>",
	    "refusal":"entry '"'x'"': it is a symbolic link"'
	run cc-verdict "$dir"
	assert_failure 1
	assert_output "failed
archive refused: entry 'x': it is a symbolic link"
}

@test "a build whose time was up is 124" {
	timed_out
	run cc-verdict "$dir"
	assert_failure 124
	assert_output 'timeout_killed
timed out after 600 s'
}

@test "a build killed by a signal names it" {
	ran '"outcome":"exited","exit_status":137'
	run cc-verdict --json "$dir"
	assert_failure 1
	assert_equal "$(jq -r .exit_signal <<<"$output")" SIGKILL
}

@test "what this host could not do is 111" {
	run cc-verdict "$dir"
	assert_failure 111
	assert_line --index 0 internal_error
	run cc-verdict "$dir/absent"
	assert_failure 111
	assert_output "cc-verdict: cannot open '$dir/absent': No such file or directory"
	succeeded
	run bash -c "cc-verdict '$dir' >/dev/full"
	assert_failure 111
	assert_output 'cc-verdict: cannot write to stdout: No space left on device'
}

@test "options and operands" {
	run cc-verdict
	assert_failure 100
	assert_output 'usage: cc-verdict [options] dir'
	run cc-verdict --jason "$dir"
	assert_failure 100
	assert_output "cc-verdict: bad option '--jason'"
	run cc-verdict --version
	assert_output --regexp '^cc-verdict [0-9]'
}
