# SPDX-License-Identifier: Apache-2.0
# cc-fetch: a whole archive or none, and who is told what.

load helper

with_database

setup() {
	cd "$BATS_TEST_TMPDIR"
	new_queue
	id=11111111-2222-3333-4444-555555555555
	mkdir d
	claim database
}

# claim STORAGE-TYPE [SCHEMA]: the claim.json that cc-claim writes.
claim() {
	cat >d/claim.json <<-EOF
	{"version":1,"build_claim_id":"$id","claim_token":"$id","attempt":1,
	"compiler_instance_id":"$id","package_name":"p","package_version":"1",
	"registry_id":"$id","storage_type":"$1","schema":${2:-null},
	"started_boottime_ms":1}
	EOF
}

# register FILE [SCHEMA]: the archive of the claim.
register() {
	chmod 644 "$1"
	sql "INSERT INTO ${2:-public}.workflow_registry (id, data)
	    VALUES ('$id', pg_read_binary_file('$PWD/$1'))"
}

# What this row alone waits for.
assert_unavailable() {
	assert_equal "$(jq -c . d/fetch.json)" \
	    "{\"version\":1,\"unavailable\":\"$1\"}"
	assert_untouched fetch.json
}

# Nothing but what was there before and, after a refusal, its reason.
assert_untouched() {
	run ls -A d
	assert_output "claim.json${1:+$'\n'$1}"
}

@test "writes an archive byte for byte, through several slices" {
	head -c 9000001 /dev/urandom >archive
	register archive
	run cc-fetch d
	assert_success
	refute_output
	run cmp archive d/package
	assert_success
	assert_equal "$(stat -c %a d/package)" 600
	assert_untouched package
}

@test "writes archives of each length around a slice, also an empty one" {
	for length in 0 1 4194303 4194304 4194305 8388608; do
		head -c "$length" /dev/zero >archive
		register archive
		run cc-fetch d
		assert_success
		run cmp archive d/package
		assert_success
		sql 'DELETE FROM workflow_registry'
	done
}

@test "replaces what an earlier try left" {
	echo new >archive
	register archive
	echo old >d/package
	echo half >d/.package.new
	echo '{}' >d/fetch.json
	run cc-fetch d
	assert_success
	assert_equal "$(cat d/package)" new
	assert_untouched package
}

@test "memory stays flat however large the archive is" {
	head -c 60000000 /dev/urandom >archive
	register archive
	# The whole archive is 60 MB, as text twice that.
	flat() {
		(ulimit -v 60000 && cc-fetch "$@")
	}
	flat --version || skip 'a sanitizer wants more address space'
	flat d
	cmp archive d/package
}

@test "an archive that is not in the registry is refused" {
	run cc-fetch d
	assert_failure 100
	assert_output 'cc-fetch: refused: archive not found in the registry'
	assert_equal "$(jq -c . d/fetch.json)" \
	    '{"version":1,"refusal":"archive not found in the registry"}'
	assert_untouched fetch.json
}

@test "an archive over the limit is refused, one at the limit is not" {
	head -c 5000 /dev/zero >archive
	register archive
	run cc-fetch --archive-max 5000 d
	assert_success
	rm d/package
	run cc-fetch --archive-max 4999 d
	assert_failure 100
	assert_output \
	    'cc-fetch: refused: archive larger than the 4999 bytes allowed'
	assert_equal "$(jq -r .refusal d/fetch.json)" \
	    'archive larger than the 4999 bytes allowed'
	assert_untouched fetch.json
}

@test "an unknown storage type is refused, its name escaped" {
	claim '\u001b[31mtape'
	run cc-fetch d
	assert_failure 100
	assert_output \
	    "cc-fetch: refused: unknown storage type '\\x1b[31mtape'"
	assert_equal "$(jq -r .refusal d/fetch.json)" \
	    "unknown storage type '\\x1b[31mtape'"
	assert_untouched fetch.json
}

# Changes the row after the first slice, by a rule that the test installs
# instead of the table; counter says which slice is asked for.
changing() {
	head -c 9000000 /dev/urandom >archive
	register archive
	sql "CREATE SEQUENCE slices;
	ALTER TABLE workflow_registry RENAME TO stored;
	CREATE FUNCTION changed() RETURNS SETOF stored LANGUAGE plpgsql
	SECURITY DEFINER AS \$\$ BEGIN
		IF nextval('slices') IN ($1) THEN
			$2;
		END IF;
		RETURN QUERY SELECT * FROM stored;
	END \$\$;
	CREATE FUNCTION row_version() RETURNS xid LANGUAGE sql SECURITY DEFINER
	    AS 'SELECT xmin FROM stored';
	CREATE VIEW workflow_registry AS
	    SELECT *, row_version() AS xmin FROM changed();
	GRANT SELECT ON workflow_registry TO cloacina_compiler"
}

@test "a row that changes while it is read is read again" {
	changing 2 "UPDATE stored SET data = substring(data FROM 1 FOR 8999999)"
	run cc-fetch d
	assert_success
	head -c 8999999 archive >changed
	run cmp changed d/package
	assert_success
	assert_equal "$(sql 'SELECT last_value FROM slices')" 5
}

@test "bytes of two versions of a row are never mixed" {
	changing 2 "UPDATE stored SET data = overlay(data PLACING 'new' FROM 1)"
	run cc-fetch d
	assert_success
	assert_equal "$(head -c 3 d/package)" new
	run cmp -i 3 archive d/package
	assert_success
}

@test "a row that keeps changing is given up, the build is not refused" {
	changing 2,4 "UPDATE stored SET data = data"
	run cc-fetch d
	assert_failure 111
	assert_output "cc-fetch: cannot read '$id': it keeps changing"
	assert_unavailable "cannot read '$id': it keeps changing"
}

@test "a row that the database cannot read is no fault of this host" {
	sql "ALTER TABLE workflow_registry RENAME TO stored;
	CREATE FUNCTION torn(bytea) RETURNS bytea LANGUAGE plpgsql AS
	    'BEGIN RAISE ''missing chunk'' USING ERRCODE = ''XX001''; END';
	CREATE VIEW workflow_registry AS
	    SELECT id, torn(data) AS data, xmin FROM stored;
	GRANT SELECT ON workflow_registry TO PUBLIC"
	sql "INSERT INTO stored (id, data) VALUES ('$id', 'x')"
	run cc-fetch d
	assert_failure 111
	assert_output "cc-fetch: cannot read '$id': missing chunk"
	assert_unavailable "cannot read '$id': missing chunk"
}

@test "a row that vanishes while it is read is no longer there" {
	changing 2 'DELETE FROM stored'
	run cc-fetch d
	assert_failure 100
	assert_output 'cc-fetch: refused: archive not found in the registry'
	assert_untouched fetch.json
}

@test "the claim's schema is used, --tenant-schema wins" {
	for tenant in red blue; do
		psql -qX -v schema=$tenant -f "$sql_dir/queue.sql" \
		    -f "$sql_dir/compiler.sql"
		echo $tenant >archive
		register archive $tenant
	done
	claim database '"red"'
	run cc-fetch d
	assert_success
	assert_equal "$(cat d/package)" red
	run cc-fetch --tenant-schema blue d
	assert_equal "$(cat d/package)" blue
	CLOACINA_TENANT_SCHEMA=blue run cc-fetch d
	assert_success
	assert_equal "$(cat d/package)" blue
	run cc-fetch --tenant-schema 'a"b' d
	assert_failure 111
	assert_output --partial 'relation "a"b.workflow_registry" does not exist'
	assert_untouched package
}

@test "waits for a database that is away" {
	echo archive >archive
	register archive
	mkdir later
	# Answers nobody but with the end of the connection, then is there.
	perl -MIO::Socket::UNIX -e '
		my $path = "later/.s.PGSQL.5432";
		my $away = IO::Socket::UNIX->new(Local => $path, Listen => 1);
		open my $ready, ">", "ready";
		$away->accept;
		unlink $path;
		symlink "$ENV{PGHOST}/.s.PGSQL.5432", $path;' 3>&- &
	away=$!
	until_true 20 test -e ready
	run cc-fetch --database-url \
	    "host=$PWD/later user=cloacina_compiler dbname=$PGDATABASE" d
	assert_success
	assert_equal "$(cat d/package)" archive
	wait "$away"
}

@test "a database that never answers is given up" {
	changing 1 'PERFORM pg_advisory_lock(1)'
	mkfifo held
	psql -qXAt <held 3>&- &
	holder=$!
	exec {lock}>held
	echo 'SELECT pg_advisory_lock(1);' >&$lock
	until_true 20 is_locked
	run cc-fetch --database-wait-s 0.01 d
	exec {lock}>&-
	assert_failure 111
	assert_output "cc-fetch: cannot read '$id': no answer"
	assert_untouched
	wait "$holder"
}

is_locked() {
	[ "$(sql "SELECT count(*) FROM pg_locks
	    WHERE locktype = 'advisory' AND granted")" = 1 ]
}

@test "a database that stays away is no refusal" {
	run cc-fetch --database-wait-s 0.01 \
	    --database-url "host=$PWD dbname=x" d
	assert_failure 111
	assert_output --partial "cc-fetch: cannot read '$id': connection to"
	assert_output --partial 'No such file or directory'
	assert_equal "${#lines[@]}" 1
	assert_untouched
}

@test "a role that may not read archives is no refusal" {
	run cc-fetch --database-url "$DATABASE_URL user=cloacina_status" d
	assert_failure 111
	assert_output "cc-fetch: cannot read '$id': permission denied for table workflow_registry (role 'cloacina_status' lacks what compiler.sql grants in the schema of its search_path)"
	assert_untouched
}

@test "a statement whose connection is cut is asked again" {
	changing 2 "PERFORM pg_terminate_backend(pg_backend_pid())"
	run cc-fetch d
	assert_success
	run cmp archive d/package
	assert_success
}

@test "storage type filesystem: copies a file of the storage directory" {
	claim filesystem
	mkdir storage
	head -c 200000 /dev/urandom >"storage/$id.so"
	run cc-fetch --storage-dir storage d
	assert_success
	run cmp "storage/$id.so" d/package
	assert_success
	rm d/package
	CLOACINA_COMPILER_STORAGE_DIR=storage run cc-fetch d
	assert_success
	run cmp "storage/$id.so" d/package
	assert_success
	assert_untouched package
}

@test "storage type filesystem: a host without the file refuses nothing" {
	claim filesystem
	run cc-fetch d
	assert_failure 100
	assert_output "cc-fetch: cannot find the archive: storage type 'filesystem' needs --storage-dir"
	assert_unavailable \
	    "cannot find the archive: storage type 'filesystem' needs --storage-dir"
	run cc-fetch --storage-dir storage d
	assert_failure 111
	assert_output "cc-fetch: cannot open 'storage': No such file or directory"
	assert_unavailable "cannot open 'storage': No such file or directory"
	mkdir storage
	run cc-fetch --storage-dir storage d
	assert_failure 111
	assert_output "cc-fetch: cannot open 'storage/$id.so': No such file or directory"
	assert_unavailable "cannot open 'storage/$id.so': No such file or directory"
	touch "storage/$id.so"
	chmod 000 "storage/$id.so"
	run cc-fetch --storage-dir storage d
	assert_failure 111
	assert_unavailable "cannot open 'storage/$id.so': Permission denied"
	chmod 600 "storage/$id.so"
	run cc-fetch --storage-dir storage d
	assert_success
	assert_untouched package
}

@test "storage type filesystem: only a regular file is an archive" {
	claim filesystem
	mkdir -p "storage/$id.so"
	run cc-fetch --storage-dir storage d
	assert_failure 111
	assert_output "cc-fetch: cannot open 'storage/$id.so': not a regular file"
	rmdir "storage/$id.so"
	ln -s /etc/passwd "storage/$id.so"
	run cc-fetch --storage-dir storage d
	assert_failure 111
	assert_output "cc-fetch: cannot open 'storage/$id.so': Too many levels of symbolic links"
	rm "storage/$id.so"
	mkfifo "storage/$id.so"
	run cc-fetch --storage-dir storage d
	assert_failure 111
	assert_output "cc-fetch: cannot open 'storage/$id.so': not a regular file"
	assert_unavailable "cannot open 'storage/$id.so': not a regular file"
}

@test "storage type filesystem: a file over the limit is refused" {
	claim filesystem
	mkdir storage
	head -c 100000 /dev/zero >"storage/$id.so"
	run cc-fetch --storage-dir storage --archive-max 100000 d
	assert_success
	rm d/package
	run cc-fetch --storage-dir storage --archive-max 99999 d
	assert_failure 100
	assert_output \
	    'cc-fetch: refused: archive larger than the 99999 bytes allowed'
	assert_untouched fetch.json
}

@test "a full disk is no refusal and leaves no half archive" {
	head -c 3000000 /dev/urandom >archive
	register archive
	run bash -c 'trap "" XFSZ; ulimit -f 1000; cc-fetch d'
	assert_failure 111
	assert_output "cc-fetch: cannot write 'package': File too large"
	assert_untouched
}

@test "a directory that cannot be written is no refusal" {
	chmod 500 d
	run cc-fetch d
	assert_failure 111
	assert_output "cc-fetch: cannot create 'package': Permission denied"
	chmod 700 d
	claim tape
	chmod 500 d
	run cc-fetch d
	assert_failure 111
	assert_output "cc-fetch: cannot write 'fetch.json': Permission denied"
	chmod 700 d
	touch d/fetch.json
	chmod 500 d
	run cc-fetch d
	chmod 700 d
	assert_failure 111
	assert_output "cc-fetch: cannot remove an old 'fetch.json': Permission denied"
}

@test "a directory without a claim is this host's fault" {
	run cc-fetch nowhere
	assert_failure 111
	assert_output "cc-fetch: cannot open 'nowhere': No such file or directory"
	rm d/claim.json
	run cc-fetch d
	assert_failure 111
	assert_output "cc-fetch: cannot read 'd/claim.json': No such file or directory"
	echo '{' >d/claim.json
	run cc-fetch d
	assert_failure 111
	assert_output "cc-fetch: cannot read 'd/claim.json': Bad message"
}

@test "the database's URL comes from an option, a file or the environment" {
	echo archive >archive
	register archive
	url=$DATABASE_URL
	unset DATABASE_URL
	run cc-fetch d
	assert_failure 100
	assert_output "cc-fetch: cannot use the database URL: want --database-url, --database-url-file or \$DATABASE_URL"
	assert_untouched
	echo "$url" >file
	for given in "--database-url=$url" --database-url-file=file \
	    "--database-url-file=$PWD/file"; do
		run cc-fetch "$given" d
		assert_success
	done
	DATABASE_URL=$url run cc-fetch d
	assert_success
	export CLOACINA_COMPILER_DATABASE_URL_FILE=file
	DATABASE_URL=host=/nowhere run cc-fetch d
	assert_success
	echo 'host=/nowhere' >file
	run cc-fetch --database-url "$url" d
	assert_success
	DATABASE_URL=$url run cc-fetch --database-wait-s 0.01 d
	assert_failure 111
	assert_output --partial /nowhere
}

@test "a URL file has the URL on its first line" {
	echo archive >archive
	register archive
	printf '%s\r\nsecond line\n' "$DATABASE_URL" >file
	run cc-fetch --database-url-file file d
	assert_success
	printf '%s' "$DATABASE_URL" >file
	run cc-fetch --database-url-file file d
	assert_success
	ln -s file link
	run cc-fetch --database-url-file link d
	assert_success
	: >file
	run cc-fetch --database-url-file file d
	assert_failure 100
	assert_output --partial 'cannot use the database URL: want'
	printf '\n%s\n' "$DATABASE_URL" >file
	run cc-fetch --database-url-file file d
	assert_failure 100
	assert_output --partial 'cannot use the database URL: want'
	run cc-fetch --database-url-file absent d
	assert_failure 111
	assert_output 'cc-fetch: cannot use the database URL: No such file or directory'
	run cc-fetch --database-url-file d d
	assert_failure 111
	assert_output 'cc-fetch: cannot use the database URL: Is a directory'
	head -c 9000 /dev/zero | tr '\0' x >file
	run cc-fetch --database-url-file file d
	assert_failure 111
	assert_output 'cc-fetch: cannot use the database URL: File too large'
}

@test "a URL that is none is refused without repeating it" {
	for wrong in postgre://u:secret@h/d 'secret' 'host=h password=secret x' \
	    'postgres://u:secret@[h/d' 'color=secret'; do
		run cc-fetch --database-url "$wrong" d
		assert_failure 100
		assert_output "cc-fetch: cannot use the database URL: want postgres://user@host/database or 'host=... dbname=...'"
	done
}

@test "the connection says who it is, and speaks UTF-8" {
	changing 1 "PERFORM set_config('seen.name',
	    current_setting('application_name') || ' ' ||
	    current_setting('client_encoding'), false);
	    RAISE EXCEPTION '%', current_setting('seen.name')"
	PGCLIENTENCODING=LATIN1 run cc-fetch d
	assert_failure 111
	assert_output "cc-fetch: cannot read '$id': cc-fetch UTF8"
	sql "SELECT setval('slices', 1, false)"
	run cc-fetch --database-url "$DATABASE_URL application_name=mine" d
	assert_output "cc-fetch: cannot read '$id': mine UTF8"
}

@test "of several hosts the one that answers is used" {
	echo archive >archive
	register archive
	run cc-fetch --database-url \
	    "host=/nowhere,$PGHOST user=cloacina_compiler dbname=$PGDATABASE target_session_attrs=read-write" d
	assert_success
}

@test "a database that is read-only for now is no refusal" {
	run cc-fetch --database-wait-s 0.01 --database-url \
	    "$DATABASE_URL options='-c default_transaction_read_only=on' target_session_attrs=read-write" d
	assert_failure 111
	assert_output --partial 'session is read-only'
	assert_untouched
}

@test "wrong calls are told so" {
	run cc-fetch
	assert_failure 100
	assert_output 'usage: cc-fetch [options] dir'
	run cc-fetch d d
	assert_failure 100
	run cc-fetch --archive-max 0 d
	assert_failure 100
	assert_output --partial "bad value '0' for --archive-max"
	run cc-fetch --database-wait-s none d
	assert_failure 100
	assert_output --partial "bad value 'none' for --database-wait-s"
}

@test "--help and --version" {
	run cc-fetch --help
	assert_success
	assert_line --index 0 'usage: cc-fetch [options] dir'
	run cc-fetch --version
	assert_success
	assert_output --regexp '^cc-fetch [0-9.]+$'
}
