# SPDX-License-Identifier: Apache-2.0

load helper
load packages

with_database

setup() {
	new_queue
	compiler=$DATABASE_URL
	export DATABASE_URL="host=$PGHOST user=cloacina_status dbname=$PGDATABASE"
}

# package NAME [COLUMN=VALUE...]: a row; its id becomes $id.
package() {
	local name=$1 columns='' values='' each
	shift
	for each; do
		columns+=", ${each%%=*}" values+=", ${each#*=}"
	done
	id=$(psql -qXAt -v ON_ERROR_STOP=1 -v name="$name" <<-EOF
	INSERT INTO workflow_packages (registry_id, package_name, version,
	    created_at $columns)
	VALUES (gen_random_uuid(), :'name', '1.0.0', now() AT TIME ZONE 'UTC'
	    - interval '100 s' $values) RETURNING id;
	EOF
	)
}

ago() {
	echo "now() AT TIME ZONE 'UTC' - interval '$1'"
}

# building NAME AGE [COLUMN=VALUE...]: a build with a heartbeat of that age.
building() {
	package "$1" "build_status='building'" \
	    "build_claimed_at=$(ago "$2")" "${@:3}"
}

# claim [COLUMN=VALUE...]: the claim of $id.
claim() {
	sql "INSERT INTO build_claims (package_id, claim_token,
	    compiler_instance_id, attempts, claimed_at, first_claimed_at)
	SELECT id, gen_random_uuid(), 'abcdef01-0000-4000-8000-000000000000', 1,
	    coalesce(build_claimed_at, created_at), created_at
	FROM workflow_packages WHERE id = '$id'"
	local each
	for each; do
		sql "UPDATE build_claims SET $each WHERE package_id = '$id'"
	done
}

# finished OUTCOME MS [REASON]: an event of $id.
finished() {
	jq -nc --arg o "$1" --argjson ms "$2" --arg r "${3:-<none>}" \
	    '{package_name: "flow", package_version: "1.0.0", outcome: $o,
	    wall_clock_ms: $ms, failure_reason: $r}' >"$BATS_TEST_TMPDIR/event"
	psql -qX -v ON_ERROR_STOP=1 -v id="$id" \
	    -v event="$(cat "$BATS_TEST_TMPDIR/event")" <<-'EOF'
	INSERT INTO build_audit (claim_token, build_claim_id, event_type, event)
	VALUES (gen_random_uuid(), :'id', 'compiler.build.finished', :'event');
	EOF
}

# member FILTER: of the JSON form.
member() {
	cc-status --json >"$BATS_TEST_TMPDIR/json" || [ $? = 1 ]
	jq -c "$1" "$BATS_TEST_TMPDIR/json"
}

# metric NAME: its value.
metric() {
	cc-status --prometheus >"$BATS_TEST_TMPDIR/metrics" || [ $? = 1 ]
	awk -v name="cloacina_compiler_$1" '$1 == name { print $2 }' \
	    "$BATS_TEST_TMPDIR/metrics"
}

# request TEXT [OPTION...]: $output is the answer, $status the program's.
request() {
	run --separate-stderr bash -o pipefail -c 'printf "$1" |
	    cc-status --http "${@:2}" | tr -d "\r"' - "$@"
}

@test "an empty queue is well" {
	run cc-status
	assert_success
	assert_output '0 pending, 0 of them waiting for a retry; 0 building
oldest that could be built: -
last hour: no build'
	run cc-status --json
	assert_success
	run member '[.status, .pending, .building, .last_success_at,
	    .last_failure_at, .heartbeat_at, .error]'
	assert_output '["ok",0,0,null,null,null,null]'
	run cc-status --prometheus
	assert_success
}

@test "the table says what is built, waits and ended, and where" {
	building flow '3 s' && claim
	building second '3 s' && claim attempts=2
	building foreign '2 s'
	package waits
	package retried && claim "ended_as='swept'" attempts=2 \
	    "not_before=now() AT TIME ZONE 'UTC' + interval '1 hour'"
	finished success 9123
	finished failed 456 'dependencies not available offline: foo'
	run cc-status
	assert_success
	assert_line --index 0 '2 pending, 1 of them waiting for a retry; 3 building'
	assert_line --regexp '^oldest that could be built: 10[0-9] s$'
	assert_line 'last hour: 1 failed 1 success'
	assert_line --regexp '^flow 1\.0\.0 +10[0-9] s +[3-9] s +1  abcdef01$'
	# Of a second attempt only the heartbeat is known until it has started.
	assert_line --regexp '^second 1\.0\.0 +[3-9] s +[3-9] s +2  abcdef01$'
	assert_line --regexp '^foreign 1\.0\.0 +[2-9] s +[2-9] s +1  other *$'
	assert_line --regexp '^waits 1\.0\.0 +10[0-9] s +- +0  -$'
	assert_line --regexp '^retried 1\.0\.0 +10[0-9] s +(59|60) min +2  swept$'
	assert_line --regexp '^flow 1\.0\.0 +[0-9] s +9\.1 s  success$'
	assert_line --regexp '^flow 1\.0\.0 +[0-9] s +0\.5 s  failed: dependencies not available offline: foo$'
}

@test "a build's age is counted from its started event" {
	building flow '3 s' && claim attempts=3
	sql "INSERT INTO build_audit (claim_token, build_claim_id, event_type,
	    event, recorded_at) SELECT claim_token, package_id,
	    'compiler.build.started', '{}', $(ago '2 min')
	    FROM build_claims"
	run member '.builds[0] | [.age_s >= 120 and .age_s < 180, .attempt]'
	assert_output '[true,3]'
}

@test "ages are shown in the unit that suits them" {
	local age
	for age in '119 s=1(19|20) s|2 min' '121 s=2 min' '119 min=1(19|20) min' \
	    '3 hours=3 h 0 min' '47 hours=47 h 0 min' '50 hours=2 d 2 h'; do
		sql 'DELETE FROM workflow_packages'
		package flow && sql "UPDATE workflow_packages
		    SET created_at = $(ago "${age%%=*}")"
		run cc-status
		assert_line --regexp "^oldest that could be built: (${age#*=})\$"
	done
}

@test "a stale heartbeat ends it with 1, in every form" {
	building flow '59 s' && claim
	run cc-status --stale-threshold-s 300
	assert_success
	run cc-status --stale-threshold-s 10
	assert_failure 1
	assert_line --index 0 'DEGRADED: 1 stale heartbeat'
	assert_line --regexp '^flow .*  STALE$'
	CLOACINA_COMPILER_STALE_THRESHOLD_S=10 run cc-status --json
	assert_failure 1
	assert_line '  "status": "degraded",'
	assert_line '  "error": "1 stale heartbeat",'
	run cc-status --prometheus --stale-threshold-s 10
	assert_failure 1
	assert_line 'cloacina_compiler_stale_heartbeats 1'
	sql "UPDATE workflow_packages SET build_claimed_at = $(ago '61 s')"
	run cc-status
	assert_failure 1
}

@test "a build whose time was up has as long again until the sweep" {
	building flow '90 s' && claim "ended_as='timeout_killed'"
	run cc-status
	assert_success
	assert_line --regexp '^flow .*abcdef01  timed out$'
	sql "UPDATE workflow_packages SET build_claimed_at = $(ago '2 min')"
	sql 'UPDATE build_claims SET claimed_at = build_claimed_at
	    FROM workflow_packages'
	run cc-status
	assert_failure 1
	assert_line --regexp '^flow .*abcdef01  STALE  timed out$'
}

@test "a superseded build is shown, and no part of the queue's depth" {
	building flow '3 s' superseded=true && claim
	package gone superseded=true
	run cc-status
	assert_success
	assert_line --index 0 '0 pending, 0 of them waiting for a retry; 0 building'
	assert_line --regexp '^flow .*abcdef01  superseded$'
	sql "UPDATE workflow_packages SET build_claimed_at = $(ago '1 hour')"
	sql "UPDATE build_claims SET claimed_at = build_claimed_at
	    FROM workflow_packages WHERE id = package_id"
	run cc-status
	assert_failure 1
}

@test "--max-age-s: a package that waits too long ends it with 1" {
	package flow
	run cc-status
	assert_success
	run cc-status --max-age-s 1000
	assert_success
	run cc-status --max-age-s 50
	assert_failure 1
	assert_line --index 0 --regexp '^DEGRADED: the oldest package waits for 10[0-9] s$'
	# One that waits for its retry is not late.
	claim "ended_as='swept'" \
	    "not_before=now() AT TIME ZONE 'UTC' + interval '1 hour'"
	run cc-status --max-age-s 50
	assert_success
	building other '1 hour' && claim
	package third
	run cc-status --max-age-s 50
	assert_line --index 0 --regexp '^DEGRADED: 1 stale heartbeat, the oldest package waits for 10[0-9] s$'
}

@test "a paused queue says why" {
	sql "UPDATE build_control SET paused = true,
	    reason = E'disk is\\x1b[31m full'"
	run cc-status
	assert_success
	assert_line --index 0 'PAUSED: disk is\x1b[31m full'
	assert_equal "$(metric paused)" 1
	sql "UPDATE build_control SET paused = false"
	run cc-status
	refute_output --partial PAUSED
	run member '[.paused, .paused_reason]'
	assert_output '[false,null]'
}

@test "the JSON has the original's fields, times in RFC 3339" {
	building flow '3 s' && claim
	package waits
	finished failed 1
	finished success 1
	local time='^"[0-9-]{10}T[0-9:]{8}\.[0-9]{6}\+00:00"$'
	run member '[.pending, .building]'
	assert_output '[1,1]'
	for each in last_success_at last_failure_at heartbeat_at; do
		run member ".$each"
		assert_output --regexp "$time"
	done
	assert_equal "$(member '.heartbeat_at[0:19]')" \
	    "$(sql "SELECT to_json(date_trunc('second', build_claimed_at))
	        FROM workflow_packages WHERE build_status = 'building'")"
	run jq -r 'keys_unsorted[0:6] | join(" ")' "$BATS_TEST_TMPDIR/json"
	assert_output 'status pending building last_success_at last_failure_at heartbeat_at'
	# Without an audit trail of its success, the row tells.
	sql 'TRUNCATE build_audit'
	run member '[.last_success_at, .last_failure_at]'
	assert_output '[null,null]'
	package built "build_status='success'" "compiled_at='2020-01-02 03:04:05'"
	run member '.last_success_at'
	assert_output '"2020-01-02T03:04:05.000000+00:00"'
}

@test "hostile names reach no terminal and break no form" {
	local name=$'a\e[31m"\\\n{}\u202e\x7f'
	building "$name" '3 s' && claim
	finished failed 1 "$name"
	package "x$name"
	for form in '' --json --prometheus; do
		run cc-status $form
		assert_success
		refute_output --regexp $'[^ -~\n]'
		assert_equal "$(printf %s "$output" | tr -d ' -~\n')" ''
	done
	run cc-status
	assert_line --regexp '^a\\x1b\[31m"\\\\\\n\{\}\.\.\. 1\.0\.0 '
	assert_equal "$(member '.builds[0].package_name')" \
	    "$(jq -n --arg n "$name" '$n')"
	assert_equal "$(member '.finished[0].failure_reason')" \
	    "$(jq -n --arg n "$name" '$n')"
	run cc-status --prometheus
	refute_output --partial 31m
}

@test "lists are cut, counts are not" {
	sql "INSERT INTO workflow_packages (registry_id, package_name, version)
	    SELECT gen_random_uuid(), 'p' || n, '1' FROM generate_series(1, 30) n"
	run member '[.pending, (.queue | length)]'
	assert_output '[30,10]'
	run cc-status --json --rows 30
	assert_equal "$(jq '.queue | length' <<<"$output")" 30
	run cc-status --json --rows 0
	assert_equal "$(jq -c '[.pending, .queue, .builds, .finished]' \
	    <<<"$output")" '[30,null,null,null]'
	run cc-status --rows 2
	assert_line --index 0 '30 pending, 0 of them waiting for a retry; 0 building'
	assert_equal "$(grep -c '^p[0-9]' <<<"$output")" 2
}

# A strict reader of Prometheus' text format: one family after the other.
check_metrics() {
	perl -e '
	my ($family, $type, %seen, %series, $sum, $last);
	local $/;
	my $text = <STDIN>;
	$text =~ /\n\z/ or die "no newline at the end";
	for (split /\n/, $text) {
	  if (/^# HELP ([a-z_]+) \S.*$/) {
	    $seen{$1}++ and die "family twice: $_";
	    ($family, $type, $last) = ($1, undef, 0);
	  } elsif (/^# TYPE ([a-z_]+) (counter|gauge|histogram)$/) {
	    $1 eq $family && !$type or die "TYPE not after HELP: $_";
	    $type = $2;
	    $type ne "counter" || $1 =~ /_total$/ or die "counter: $_";
	    $type ne "gauge" || $1 !~ /_(total|count|sum)$/ or die "gauge: $_";
	  } elsif (/^([a-z_]+)(\{[a-z]+="([^"\\\n]*)"\})? (-?[0-9.]+)$/) {
	    my ($name, $label, $value) = ($1, $3, $4);
	    $series{"$name$2"}++ and die "twice: $_";
	    $type && $name =~ /^$family(_bucket|_sum|_count)?$/ or die "stray: $_";
	    $type eq "histogram" xor !defined $1 or die "suffix: $_";
	    if ($name =~ /_bucket$/) {
	      $label =~ /^([0-9.]+|\+Inf)$/ or die "bound: $_";
	      $value >= $last or die "not cumulative: $_";
	      $last = $value;
	    }
	    $name !~ /_count$/ || $value == $last or die "count: $_";
	  } else { die "line: $_" }
	}' || return
	! grep -v '^#' "$BATS_TEST_TMPDIR/metrics" | grep -q -- '-' || return
	# Prometheus' own judge is not on every machine.
	! command -v promtool >/dev/null ||
	    promtool check metrics <"$BATS_TEST_TMPDIR/metrics"
}

@test "the metrics are those of the original, and nothing but the format" {
	building flow '3 s' && claim
	package waits
	for outcome in success success failed timeout_killed internal_error; do
		finished $outcome 1000
	done
	metric paused
	check_metrics <"$BATS_TEST_TMPDIR/metrics"
	assert_equal "$(metric 'builds_total{status="ok"}')" 2
	assert_equal "$(metric 'builds_total{status="failed"}')" 1
	assert_equal "$(metric 'builds_total{status="timed_out"}')" 1
	assert_equal "$(metric 'builds_total{status="internal_error"}')" 1
	assert_equal "$(metric 'queue_depth{state="queued"}')" 1
	assert_equal "$(metric 'queue_depth{state="building"}')" 1
	run grep '^# TYPE' "$BATS_TEST_TMPDIR/metrics"
	assert_line '# TYPE cloacina_compiler_builds_total counter'
	assert_line '# TYPE cloacina_compiler_build_duration_seconds histogram'
	assert_line '# TYPE cloacina_compiler_queue_depth gauge'
	assert_line '# TYPE cloacina_compiler_sweep_resets_total counter'
	assert_line '# TYPE cloacina_compiler_heartbeat_failures_total counter'
}

@test "durations fall into the bucket whose bound they do not exceed" {
	package flow
	local ms
	for ms in 0 1000 1001 2500 5001 3600000 3600001; do
		finished success $ms
	done
	sql "INSERT INTO build_audit (claim_token, build_claim_id, event_type,
	    event) VALUES (gen_random_uuid(), '$id', 'compiler.build.finished',
	    '{\"outcome\": \"failed\", \"wall_clock_ms\": \"soon\"}')"
	local bucket='build_duration_seconds_bucket'
	assert_equal "$(metric "$bucket{le=\"1\"}")" 2
	assert_equal "$(metric "$bucket{le=\"2.5\"}")" 4
	assert_equal "$(metric "$bucket{le=\"5\"}")" 4
	assert_equal "$(metric "$bucket{le=\"10\"}")" 5
	assert_equal "$(metric "$bucket{le=\"1200\"}")" 5
	assert_equal "$(metric "$bucket{le=\"3600\"}")" 6
	assert_equal "$(metric "$bucket{le=\"+Inf\"}")" 7
	assert_equal "$(metric build_duration_seconds_count)" 7
	assert_equal "$(metric build_duration_seconds_sum)" 7209.503
	check_metrics <"$BATS_TEST_TMPDIR/metrics"
}

@test "sweeps and failed heartbeats are counted where they were recorded" {
	building flow '1 hour' && claim
	DATABASE_URL=$compiler cc-sweep --audit-log "$BATS_TEST_TMPDIR/log" \
	    >/dev/null
	assert_equal "$(metric sweep_resets_total)" 1
	assert_equal "$(metric heartbeat_failures_total)" 0
	finished internal_error 1 'worker lost'
	finished internal_error 1 'claim lost (swept): the verdict success was not written'
	finished internal_error 1 'cannot create the sandbox'
	finished failed 1 'claim lost'
	assert_equal "$(metric heartbeat_failures_total)" 2
}

@test "a real build is seen from claim to end" {
	package=$BATS_TEST_TMPDIR/snake-2.0.0
	mkdir "$package"
	printf '[package]\nname = "snake"\nversion = "2.0.0"\n' \
	    >"$package/package.toml"
	queue_package
	mkfifo "$BATS_TEST_TMPDIR/go"
	export CLOACINA_COMPILER_HOME=$BATS_TEST_TMPDIR/home
	DATABASE_URL=$compiler cc-claim --finally cc-build-end -- \
	    sh -c 'read -r word <"$1"; exec cc-build "$2"' - \
	    "$BATS_TEST_TMPDIR/go" 3>&- &
	local worker=$!
	until_true 60 eval '[ "$(member .building)" = 1 ]'
	run cc-status
	assert_line --regexp '^snake 2\.0\.0 .* 1  [0-9a-f]{8}$'
	echo go >"$BATS_TEST_TMPDIR/go"
	wait "$worker"
	run cc-status
	assert_success
	assert_line 'last hour: 1 success'
	assert_equal "$(metric 'builds_total{status="ok"}')" 1
	assert_equal "$(metric build_duration_seconds_count)" 1
}

@test "--http answers three paths and no other" {
	package flow
	request 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'
	assert_success
	assert_line --index 0 'HTTP/1.1 200 OK'
	assert_line 'Content-Type: application/json'
	assert_line 'Connection: close'
	assert_line '{"status":"ok"}'
	assert_line 'Content-Length: 16'
	request 'GET /v1/status?pretty HTTP/1.0\n\n'
	assert_success
	assert_equal "$(sed '1,/^$/d' <<<"$output" | jq -c '[.status, .pending]')" \
	    '["ok",1]'
	request 'GET /metrics HTTP/1.1\r\n\r\n'
	assert_success
	assert_line 'Content-Type: text/plain; version=0.0.4; charset=utf-8'
	sed '1,/^$/d' <<<"$output" >"$BATS_TEST_TMPDIR/metrics"
	check_metrics <"$BATS_TEST_TMPDIR/metrics"
	local path
	for path in / /healthz /health/ /v1/status/x //health /../health \
	    "/$(printf 'x%.0s' {1..200})" "/metrics$(printf 'x%.0s' {1..63})"; do
		request "GET $path HTTP/1.1\r\n\r\n"
		assert_success
		assert_line --index 0 'HTTP/1.1 404 Not Found'
		assert_line 'not found'
	done
}

@test "--http: an answer to HEAD has the length, not the body" {
	request 'HEAD /health HTTP/1.1\r\n\r\n'
	assert_success
	assert_line 'Content-Length: 16'
	refute_output --partial status
}

@test "--http names nothing to strangers, unless asked for rows" {
	building secret '3 s' && claim
	finished failed 1 'secret reason'
	request 'GET /v1/status HTTP/1.1\r\n\r\n'
	refute_output --partial secret
	request 'GET /v1/status HTTP/1.1\r\n\r\n' --rows 1
	assert_output --partial secret
}

@test "--http: what is no request of ours is refused" {
	local each
	for each in 'POST /health HTTP/1.1\r\n\r\n' 'get /health HTTP/1.1\r\n\r\n'; do
		request "$each"
		assert_success
		assert_line --index 0 'HTTP/1.1 405 Method Not Allowed'
		assert_line 'Allow: GET, HEAD'
	done
	for each in 'GET /health\r\n\r\n' 'GET /health HTTP/2\r\n\r\n' \
	    'GET health HTTP/1.1\r\n\r\n' 'GET  /health HTTP/1.1\r\n\r\n' \
	    '\r\n\r\n' 'GET\n/health HTTP/1.1\n\n' 'GET /health HTTP/1.1 x\n\n' \
	    'GET /health HTTP/1.1\r\nHo\0st: x\r\n\r\n' \
	    'GET /health HTTP/1.1\r\nHost: cut'; do
		request "$each"
		assert_success
		assert_line --index 0 'HTTP/1.1 400 Bad Request'
	done
	run bash -c '{ printf "GET /health HTTP/1.1\r\nX: "; yes; } |
	    cc-status --http | tr -d "\r"'
	assert_line --index 0 'HTTP/1.1 431 Request Header Fields Too Large'
}

@test "--http: a client that does not speak is left alone" {
	run cc-status --http </dev/null
	assert_failure 1
	assert_output ''
	mkfifo "$BATS_TEST_TMPDIR/silent"
	exec 7<>"$BATS_TEST_TMPDIR/silent"
	run cc-status --http --request-timeout-s 0.05 <&7
	assert_failure 1
	assert_output ''
	printf 'GET /he' >&7
	run cc-status --http --request-timeout-s 0.3 <&7
	assert_success
	assert_line --index 0 --regexp '^HTTP/1.1 408 Request Timeout'
	exec 7>&-
}

@test "--http says degraded where the plain call ends with 1" {
	building flow '1 hour' && claim
	request 'GET /health HTTP/1.1\r\n\r\n'
	assert_success
	assert_line --index 0 'HTTP/1.1 503 Service Unavailable'
	assert_line '{"status":"degraded"}'
	request 'GET /v1/status HTTP/1.1\r\n\r\n'
	assert_line --index 0 'HTTP/1.1 200 OK'
	assert_line '  "status": "degraded",'
}

@test "--http without a database says no more than that" {
	local path
	for path in /health /v1/status /metrics; do
		request "GET $path HTTP/1.1\r\n\r\n" --database-wait-s 0.05 \
		    --database-url "host=$BATS_TEST_TMPDIR"
		assert_success
		assert_line --index 0 'HTTP/1.1 503 Service Unavailable'
		assert_line '{"status":"degraded","error":"database unreachable"}'
		refute_output --partial "$BATS_TEST_TMPDIR"
		[[ $stderr == "cc-status: cannot ask for the queue: "* ]]
	done
}

@test "--http behind a socket: a body left unread does not lose the answer" {
	local socket=$BATS_TEST_TMPDIR/s
	systemd-socket-activate --accept --inetd --listen="$socket" \
	    --setenv=DATABASE_URL --setenv=PATH cc-status --http \
	    2>/dev/null 3>&- &
	local listener=$!
	until_true 30 [ -S "$socket" ]
	run perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) or die;
	    connect(S, sockaddr_un($ARGV[0])) or die;
	    syswrite(S, "GET /health HTTP/1.1\r\n\r\n" . ("x" x 50000));
	    local $/; my $answer = <S>; defined $answer or die $!;
	    print $answer' "$socket"
	kill "$listener"
	assert_success
	assert_line --partial 'HTTP/1.1 200 OK'
	assert_line '{"status":"ok"}'
}

@test "--http: a client that takes its answer in crumbs does not get all of it" {
	sql "INSERT INTO workflow_packages (registry_id, package_name, version)
	    SELECT gen_random_uuid(), 'p' || n, '1' FROM generate_series(1, 1000) n"
	run perl -MSocket -MPOSIX -e 'socketpair(A, B, PF_UNIX, SOCK_STREAM, 0);
	    setsockopt(B, SOL_SOCKET, SO_SNDBUF, 4096);
	    if (!fork) { close A; dup2(fileno(B), 0); dup2(fileno(B), 1);
	      exec @ARGV or die }
	    close B;
	    syswrite A, "GET /v1/status HTTP/1.1\r\n\r\n";
	    my ($answer, $crumb) = ("", "");
	    while (sysread(A, $crumb, 1000)) { $answer .= $crumb;
	      select undef, undef, undef, 0.02 }
	    my ($length) = $answer =~ /Content-Length: ([0-9]+)/ or die;
	    wait; print $? >> 8, " ",
	      length($answer) < $length ? "cut" : "whole"' \
	    cc-status --http --rows 1000 --request-timeout-s 1
	assert_output '1 cut'
}

@test "a tenant's queue is that of its schema" {
	psql -qX -v ON_ERROR_STOP=1 -v schema='te"nant' -f "$sql_dir/queue.sql" \
	    -f "$sql_dir/compiler.sql" >/dev/null
	package flow
	run cc-status --json --tenant-schema 'te"nant'
	assert_success
	assert_equal "$(jq .pending <<<"$output")" 0
	CLOACINA_TENANT_SCHEMA='te"nant' run cc-status --prometheus
	assert_success
	assert_line 'cloacina_compiler_queue_depth{state="queued"} 0'
	assert_equal "$(metric 'queue_depth{state="queued"}')" 1
}

@test "without a database it says so and is worth another try" {
	run cc-status --database-wait-s 0.05 \
	    --database-url "host=$BATS_TEST_TMPDIR"
	assert_failure 111
	assert_output --partial 'cc-status: cannot ask for the queue: '
	DATABASE_URL= run cc-status
	assert_failure 100
	assert_output 'cc-status: cannot use the database URL: want --database-url, --database-url-file or $DATABASE_URL'
	sql 'DROP TABLE build_control'
	run cc-status
	assert_failure 111
	assert_output 'cc-status: cannot ask for the queue: relation "build_control" does not exist (apply compiler.sql, or name the queue'\''s schema with --tenant-schema or the role'\''s search_path)'
}

@test "a full disk is no success" {
	run bash -c 'cc-status >/dev/full'
	assert_failure 111
	assert_output 'cc-status: cannot write to stdout: No space left on device'
}

@test "closed descriptors do not turn the database's socket into stdout" {
	run bash -c 'cc-status >&-'
	assert_failure 111
	assert_output 'cc-status: cannot write to stdout: Bad file descriptor'
	run bash -c 'cc-status <&- 2>&-'
	assert_success
}

@test "options and operands" {
	run cc-status --json --http
	assert_failure 100
	assert_output 'cc-status: want one of --http, --json and --prometheus'
	run cc-status operand
	assert_failure 100
	assert_output 'usage: cc-status [options]'
	run cc-status --max-age-s 0
	assert_failure 100
	run cc-status --stale-threshold-s 0
	assert_failure 100
	run cc-status --rows 1001
	assert_failure 100
	run cc-status --help
	assert_success
	run cc-status --version
	assert_output --regexp '^cc-status [0-9]'
}
