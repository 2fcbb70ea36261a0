# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC1003,SC2016,SC2034,SC2154
# What a submitter may bring.

. "$SUITE_ROOT/tests/faults/points.bash"

# Names and versions that try the shell, SQL, JSON and terminals.
hostile_names() {
	local names=($'a\nb' "a'b\"c" $'\e[31mred\e]0;t\a' '$(touch pwned)'
	    '`touch pwned`' '; touch pwned #' '../../../../tmp/pwned' '-rf'
	    '--help' '%s%n%s' "'; DROP TABLE workflow_packages; --" '\\' ' '
	    $'\u202e\u0000-right-to-left' '{"event_type":"x"}' '*') n=0 name
	farm_package package nap=0
	for name in "${names[@]}"; do
		farm_queue "$farm/package.archive" "$name" "$name"
		injected=$((injected + 1))
	done
	farm_worker a
	farm_worker b
	farm_sweep
	farm_settle 90
	[ "$(sql "SELECT count(*) FROM $schema.workflow_packages
	    WHERE build_status = 'success'")" = ${#names[@]} ] ||
	    note 'lost: a name'
	[ -z "$(find "$farm" /tmp -name pwned 2>/dev/null)" ] ||
	    note 'unexplained: a name was run'
	! grep -l $'\e' "$farm"/*.out "$farm"/*/audit.log ||
	    note 'unexplained: a name reached the terminal'
}

# Members of an archive whose names are no UTF-8, or worse.
hostile_archives() {
	mkdir -p "$farm/x/package"
	farm_package package nap=0
	cp -r "$farm/packages/package" "$farm/x/"
	touch "$farm/x/package/$(printf 'bad\377name')"
	tar -C "$farm/x" -cjf "$farm/utf8.archive" package
	head -c 100000 /dev/urandom >"$farm/junk.archive"
	head -c 300 "$farm/package.archive" >"$farm/cut.archive"
	: >"$farm/nothing.archive"
	for name in utf8 junk cut nothing package; do
		farm_queue "$farm/$name.archive" "$name"
		injected=$((injected + 1))
	done
	farm_worker a
	farm_sweep
	farm_settle
	farm_expect failed utf8 junk cut nothing
	farm_expect success package
}

sizes() {
	injected=3
	export CLOACINA_COMPILER_STALE_THRESHOLD_S=60 # one row of 200 MB
	patience=100
	farm_build huge size=200000000
	farm_build junk junk=10000000 fail=1
	farm_package empty nap=0
	printf '[package]\nname = "fault"\nversion = "1.0.0"\n' \
	    >"$farm/packages/empty/package.toml"
	rm "$farm/packages/empty/Cargo.toml"
	tar -C "$farm/packages" -cjf "$farm/empty.archive" empty
	farm_queue "$farm/empty.archive" empty
	farm_worker a
	farm_sweep
	farm_settle 200
	farm_expect success huge empty
	farm_expect failed junk
	[ "$(sql "SELECT string_agg(octet_length(compiled_data)::text, ' '
	    ORDER BY package_name) FROM $schema.workflow_packages")" = \
	    "0 $((200000036 + $(stat -c %s "$farms/bin/library.so")))" ] ||
	    note 'unexplained: the sizes are others'
	[ "$(sql "SELECT octet_length(build_error) BETWEEN 1 AND 65536
	    FROM $schema.workflow_packages WHERE package_name = 'junk'")" = t ] ||
	    note 'unexplained: the reason of the junk'
}

# A paused farm claims nothing, and what was running ends.
paused() {
	farm_package package nap="1.000${schema//[^0-9]/}"
	farm_queue "$farm/package.archive" first
	farm_worker a
	farm_sweep
	until_true 20 is_building
	sql "UPDATE $schema.build_control SET paused = true"
	injected=1
	farm_queue "$farm/package.archive" second
	farm_worker b
	until_true 30 eval '[ "$(row build_status "$(sql "SELECT id
	    FROM $schema.workflow_packages
	    WHERE package_name = '"'first'"'")")" = success ]' ||
	    note 'lost: what was running did not end'
	sleep 1
	farm_expect success first
	farm_expect pending second
	sql "UPDATE $schema.build_control SET paused = false"
	farm_settle
	farm_expect success second
}
