# SPDX-License-Identifier: Apache-2.0

load helper

with_database

setup() {
	new_queue
	export DATABASE_URL="host=$PGHOST user=cloacina_submit dbname=$PGDATABASE"
	cd "$BATS_TEST_TMPDIR"
}

# archive NAME VERSION [FILE]: a package of one file, in FILE (archive).
archive() {
	mkdir -p "tree/$1-$2"
	printf '[package]\nname = "%s"\nversion = "%s"\n' "$1" "$2" \
	    >"tree/$1-$2/package.toml"
	tar -C tree -cjf "${3:-archive}" "$1-$2"
}

# The packages, oldest first.
rows() {
	sql "SELECT package_name, version, build_status, superseded
	    FROM workflow_packages ORDER BY created_at"
}

@test "an archive is queued and its id printed" {
	archive flow 1.0.0
	run --separate-stderr cc-submit archive
	assert_success
	assert_equal "$stderr" ''
	assert_output --regexp '^[0-9a-f-]{36}$'
	assert_equal "$(rows)" 'flow|1.0.0|pending|f'
	assert_equal "$(sql 'SELECT id FROM workflow_packages')" "$output"
	assert_equal "$(sql 'SELECT content_hash FROM workflow_packages')" \
	    "$(sha256sum <archive | cut -d' ' -f1)"
	sql "SELECT encode(data, 'base64') FROM workflow_registry r
	    JOIN workflow_packages p ON p.registry_id = r.id" |
	    base64 -d | cmp - archive
}

@test "stdin is the default, also when it is named -" {
	archive a 1
	run cc-submit <archive
	assert_success
	archive b 1
	run cc-submit - < <(cat archive)
	assert_success
	assert_equal "$(sql 'SELECT count(*) FROM workflow_registry')" 2
}

@test "the older version is superseded, not another name's" {
	archive flow 1.0.0 one
	archive flow 2.0.0 two
	archive flow2 1.0.0 other
	for each in one other two; do
		run cc-submit $each
		assert_success
	done
	assert_equal "$(rows)" "flow|1.0.0|pending|t
flow2|1.0.0|pending|f
flow|2.0.0|pending|f"
	assert_equal "$(sql 'SELECT updated_at > created_at
	    FROM workflow_packages WHERE superseded')" t
}

@test "a version that is there already is not queued again" {
	archive flow 1.0.0
	id=$(cc-submit archive)
	sql "UPDATE workflow_packages SET build_status = 'success'"
	run --separate-stderr cc-submit archive
	assert_failure 1
	assert_output ''
	assert_equal "$stderr" "cc-submit: 'flow' 1.0.0 is there already: $id"
	assert_equal "$(rows)" 'flow|1.0.0|success|f'
	assert_equal "$(sql 'SELECT count(*) FROM workflow_registry')" 1
	archive flow 1.0.1
	run cc-submit archive
	assert_success
}

@test "a superseded version does not come back, and supersedes nothing" {
	archive flow 1 one
	archive flow 2 two
	cc-submit one
	cc-submit two
	run cc-submit one
	assert_failure 1
	assert_equal "$(rows)" "flow|1|pending|t
flow|2|pending|f"
}

@test "--name and --package-version win over package.toml, and do without" {
	archive flow 1.0.0
	run cc-submit --name other archive
	assert_success
	run cc-submit --package-version 9 archive
	assert_success
	echo 'no archive at all' >data
	run cc-submit --name raw --package-version 0 data
	assert_success
	assert_equal "$(rows)" "other|1.0.0|pending|f
flow|9|pending|f
raw|0|pending|f"
}

@test "hostile names are stored as they are and shown escaped" {
	run cc-submit --name $'a\e[31m\'; DROP\n' --package-version '"' <<<x
	assert_success
	assert_equal "$(sql "SELECT package_name = E'a\\x1b[31m''; DROP\\n'
	    AND version = '\"' FROM workflow_packages")" t
	run cc-submit --name $'a\e[31m\'; DROP\n' --package-version '"' <<<x
	assert_failure 1
	assert_output --regexp "^cc-submit: 'a\\\\x1b\\[31m\\\\'; DROP\\\\n' \" is there already: [0-9a-f-]+\$"
}

@test "a name that the queue cannot hold is the caller's mistake" {
	run cc-submit --name "$(printf '%256s' x)" --package-version 1 <<<x
	assert_failure 100
	assert_output 'cc-submit: cannot queue the package: value too long for type character varying(255)'
	run cc-submit --name $'\xff' --package-version 1 <<<x
	assert_failure 100
	assert_output --partial 'invalid byte sequence'
	run cc-submit --name '' --package-version 1 <<<x
	assert_failure 100
	assert_output "cc-submit: bad value '' for --name: want a name"
	run cc-submit --name x --package-version '' <<<x
	assert_failure 100
	assert_output "cc-submit: bad value '' for --package-version: want a version"
	assert_equal "$(rows)" ''
	run cc-submit --name "$(printf '%255s' x)" --package-version 1 <<<x
	assert_success
}

@test "an archive without a usable package.toml is refused" {
	echo 'this is no archive' >archive
	run cc-submit archive
	assert_failure 100
	assert_output --regexp '^cc-submit: refused: [^ ]+ .*'
	mkdir -p tree/deep/deeper
	echo x >tree/deep/deeper/package.toml
	echo x >tree/deep/xpackage.toml
	tar -C tree -cjf archive deep
	run cc-submit archive
	assert_failure 100
	assert_output 'cc-submit: refused: package.toml is missing in the top directory'
	printf '[package]\nname = 3\n' >tree/deep/package.toml
	tar -C tree -cjf archive deep
	run cc-submit archive
	assert_failure 100
	assert_output 'cc-submit: refused: package.toml: package.name is not a string'
	printf '[package]\nname = "x"\n' >tree/deep/package.toml
	tar -C tree -cjf archive deep
	run cc-submit archive
	assert_failure 100
	assert_output 'cc-submit: refused: package.toml: package.version is missing'
	head -c 1048577 /dev/zero | tr '\0' '#' >tree/deep/package.toml
	tar -C tree -cjf archive deep
	run cc-submit archive
	assert_failure 100
	assert_output 'cc-submit: refused: package.toml has more than 1048576 bytes'
	rm tree/deep/package.toml
	ln -s /etc/passwd tree/deep/package.toml
	tar -C tree -cjf archive deep
	run cc-submit archive
	assert_failure 100
	: >archive
	run cc-submit archive
	assert_failure 100
	run cc-submit --name x --package-version 1 archive
	assert_failure 100
	assert_output 'cc-submit: refused: the archive is empty'
	assert_equal "$(rows)" ''
}

@test "a bomb is not unpacked to find its package.toml" {
	head -c 600M /dev/zero | bzip2 >archive
	run cc-submit archive
	assert_failure 100
	mkdir -p tree/bomb
	head -c 600M /dev/zero >tree/bomb/a
	tar -C tree -cjf archive bomb
	run cc-submit archive
	assert_failure 100
	assert_output --partial 'cc-submit: refused: the archive unpacks to more than 524288000 bytes'
}

@test "--archive-max bounds what is read" {
	archive flow 1.0.0
	local size
	size=$(stat -c %s archive)
	run cc-submit --archive-max $((size - 1)) archive
	assert_failure 100
	assert_output "cc-submit: refused: the archive is larger than $((size - 1)) bytes (--archive-max)"
	# Endless input ends there, too.
	run cc-submit --archive-max 1M </dev/zero
	assert_failure 100
	run cc-submit --archive-max "$size" archive
	assert_success
}

@test "many versions submitted at once: one stays current, none is lost" {
	local i failed=0 started=()
	for i in {1..12}; do
		archive flow "$i" "archive$i"
	done
	for i in {1..12}; do
		cc-submit "archive$i" >"id$i" 2>>said 3>&- &
		started+=($!)
	done
	for i in "${started[@]}"; do
		wait "$i" || failed=$((failed + 1))
	done
	assert_equal "$failed $(cat said)" '0 '
	assert_equal "$(sql 'SELECT count(*) FROM workflow_packages')" 12
	assert_equal "$(sql 'SELECT count(*) FROM workflow_packages
	    WHERE NOT superseded')" 1
}

@test "one version submitted at once is queued once" {
	archive flow 1
	local i started=()
	for i in {1..6}; do
		{ cc-submit archive || echo "no $?"; } >"out$i" 2>/dev/null 3>&- &
		started+=($!)
	done
	wait "${started[@]}"
	assert_equal "$(cat out* | grep -c '^no 1$')" 5
	assert_equal "$(sql 'SELECT count(*) FROM workflow_registry')" 1
}

@test "a lost reply is asked for again, and nothing is queued twice" {
	cc -D_GNU_SOURCE -o cut-proxy "$BATS_TEST_DIRNAME/claim/cut-proxy.c"
	mkdir p
	./cut-proxy "$PWD/p/.s.PGSQL.5432" "$PGHOST/.s.PGSQL.5432" cut \
	    'INTO workflow_packages' 3>&- &
	local proxy=$!
	until_true 30 [ -S p/.s.PGSQL.5432 ]
	archive flow 1
	run --separate-stderr cc-submit --database-url \
	    "host=$PWD/p user=cloacina_submit dbname=$PGDATABASE" archive
	kill "$proxy"
	assert_success
	assert_equal "$output" "$(sql 'SELECT id FROM workflow_packages')"
	assert_equal "$(sql 'SELECT count(*) FROM workflow_registry')" 1
}

@test "the submitter's role is enough in a tenant's schema, too" {
	psql -qX -v ON_ERROR_STOP=1 -v schema='te"nant' -f "$sql_dir/queue.sql" \
	    -f "$sql_dir/compiler.sql" >/dev/null
	archive flow 1
	run cc-submit --tenant-schema 'te"nant' archive
	assert_success
	assert_equal "$(sql 'SELECT count(*) FROM "te""nant".workflow_packages')" 1
	assert_equal "$(rows)" ''
	run cc-submit archive
	assert_success
}

@test "a role that may not submit is told so" {
	archive flow 1
	export DATABASE_URL="host=$PGHOST user=cloacina_status dbname=$PGDATABASE"
	run cc-submit archive
	assert_failure 111
	assert_output --regexp '^cc-submit: cannot queue the package: permission denied for table workflow_'
}

@test "without a database nothing is queued and it is worth another try" {
	archive flow 1
	run cc-submit --database-wait-s 0.1 \
	    --database-url "host=$BATS_TEST_TMPDIR" archive
	assert_failure 111
	assert_output --partial 'cc-submit: cannot queue the package: '
	DATABASE_URL= run cc-submit archive
	assert_failure 100
	assert_output 'cc-submit: cannot use the database URL: want --database-url, --database-url-file or $DATABASE_URL'
}

@test "an archive that cannot be read is said" {
	run cc-submit "$PWD/absent"
	assert_failure 111
	assert_output "cc-submit: cannot open '$PWD/absent': No such file or directory"
	run cc-submit "$PWD"
	assert_failure 111
	assert_output 'cc-submit: cannot read the archive: Is a directory'
}

@test "an id that cannot be printed is no success" {
	archive flow 1
	run bash -c 'cc-submit archive >/dev/full'
	assert_failure 111
	assert_output --regexp '^cc-submit: queued as [0-9a-f-]+, but cannot say so: No space left on device$'
	archive flow 2
	run bash -c 'cc-submit archive >&-'
	assert_failure 111
	assert_output --regexp '^cc-submit: queued as [0-9a-f-]+, but cannot say so: Bad file descriptor$'
}

@test "a terminal is no archive" {
	run script -qec cc-submit /dev/null
	assert_failure 100
	assert_output --partial 'cc-submit: stdin is a terminal: name a file'
}

@test "options: bad values and too many operands are refused" {
	run cc-submit one two
	assert_failure 100
	assert_output 'usage: cc-submit [options] [file]'
	run cc-submit --archive-max 2G x
	assert_failure 100
	assert_output --partial "bad value '2G' for --archive-max"
	run cc-submit --help
	assert_success
	run cc-submit --version
	assert_output --regexp '^cc-submit [0-9]'
}
