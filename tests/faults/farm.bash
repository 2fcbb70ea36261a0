# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# A farm for one fault: a queue in a schema of its own, hosts that are
# directories, workers and a sweep on them, all real programs and the real
# chain; cargo alone is one of ours, whose library names the claim that built
# it. What happens to the rows is noted by triggers that the suite does not
# know of.

. "$SUITE_ROOT/tests/stage.sh"

# Short enough for a suite, long enough for a machine that is loaded.
stale=${stale:-3}
export PATH=$farms/bin:$SUITE_BUILD/bin:$postgres_bin:$PATH

# farm_new NAME: $farm is its directory, its name that of the schema.
farm_new() {
	schema=$1 farm=$farms/$1 workers=() injected=0 variables=() problems=()
	rm -rf "$farm" && mkdir -p "$farm/tmp"
	export TMPDIR=$farm/tmp HOME=$farm CLOACINA_TENANT_SCHEMA=$schema
	export DATABASE_URL="host=$PGHOST user=cloacina_compiler dbname=postgres"
	export CLOACINA_COMPILER_HEARTBEAT_INTERVAL_S=0.3
	export CLOACINA_COMPILER_STALE_THRESHOLD_S=$stale
	export CLOACINA_COMPILER_SWEEP_INTERVAL_S=0.3
	export CLOACINA_COMPILER_POLL_INTERVAL_MS=300
	export CLOACINA_COMPILER_RETRY_DELAY_S=0.2
	export CLOACINA_COMPILER_MAX_ATTEMPTS=9
	export CLOACINA_COMPILER_SANDBOX=off
	# Without a sandbox it counts the user's, whose are all farms.
	export CLOACINA_COMPILER_BUILD_RLIMIT_PROCS=4096
	farm_tables
}

farm_tables() {
	psql -qX -v schema="$schema" -f "$SUITE_ROOT/lib/sql/queue.sql" \
	    -f "$SUITE_ROOT/lib/sql/compiler.sql" \
	    -f "$SUITE_ROOT/tests/faults/witness.sql" >"$farm/schema" 2>&1
}

# farm_package NAME FILE=TEXT...: an archive of a crate; bin/cargo reads what
# it is to do from its files.
farm_package() {
	local name=$1 at=$farm/packages/$1 file
	shift
	mkdir -p "$at/src"
	printf '[package]\nname = "%s"\nversion = "1.0.0"\n' fault |
	    tee "$at/Cargo.toml" >"$at/package.toml"
	printf '[metadata]\nlanguage = "rust"\n' >>"$at/package.toml"
	printf 'edition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n' \
	    >>"$at/Cargo.toml"
	echo '#[no_mangle] pub extern "C" fn answer() -> u32 { 42 }' \
	    >"$at/src/lib.rs"
	printf 'version = 3\n\n[[package]]\nname = "fault"\nversion = "1.0.0"\n' \
	    >"$at/Cargo.lock"
	for file; do printf '%s' "${file#*=}" >"$at/${file%%=*}"; done
	tar -C "$farm/packages" -cjf "$farm/$name.archive" "$name"
}

# farm_queue ARCHIVE NAME [VERSION]: its row becomes $id.
farm_queue() {
	id=$({
		printf '\\set data '
		base64 -w0 "$1"
		cat <<-END

		WITH archive AS (INSERT INTO $schema.workflow_registry (data)
		    SELECT decode(:'data', 'base64') RETURNING id)
		INSERT INTO $schema.workflow_packages
		    (registry_id, package_name, version)
		SELECT id, :'name', :'version' FROM archive RETURNING id;
		END
	} | psql -qXAt -v ON_ERROR_STOP=1 -v name="$2" -v version="${3:-1.0.0}")
}

# farm_build NAME [FILE=TEXT...]: both at once.
farm_build() {
	farm_package "$@" && farm_queue "$farm/$1.archive" "$1"
}

row() {
	sql "SELECT $1 FROM $schema.workflow_packages WHERE id = '${2:-$id}'"
}

# farm_start HOST PROGRAM ARG...: in the background, with the variables of
# the farm; restarted, as systemd does, when it dies before farm_stop.
farm_start() {
	local host=$1
	shift
	(
		export CLOACINA_COMPILER_HOME=$farm/$host
		export CLOACINA_COMPILER_AUDIT_LOG=${audit_log:-$farm/$host/audit.log}
		mkdir -p "$farm/$host"
		stop=
		trap 'stop=1; kill "$child" 2>/dev/null' TERM
		while [ -z "$stop" ]; do
			env "${variables[@]}" "$@" \
			    </dev/null >>"$farm/$host.out" 2>&1 &
			child=$!
			echo "$child" >"$farm/$host.pid"
			[ -z "$stop" ] || kill "$child"
			while wait "$child"; kill -0 "$child" 2>/dev/null; do
				:
			done
			echo "$host: ended" >>"$farm/$host.out"
			[ -n "$stop" ] || sleep 0.2
		done
	) 2>>"$farm/$host.out" 3>&- &
	workers+=($!)
}

farm_worker() {
	farm_start "$1" cc-claim --forever --finally cc-build-end -- cc-build
}

farm_sweep() {
	farm_start "${1:-sweep}" cc-sweep --forever --backoff-s 0.1
}

farm_stop() {
	local worker
	[ ${#workers[@]} = 0 ] || kill "${workers[@]}"
	for worker in "${workers[@]}"; do
		wait "$worker"
	done 2>/dev/null
	workers=()
}

# A start on each host tidies up what a killed one left.
farm_tidy() {
	local home
	for home in "$farm"/*/build-tmp; do
		[ -d "$home" ] || continue
		cc-claim --home "${home%/*}" --audit-log "${home%/*}/audit.log" true \
		    >>"$farm/tidy" 2>&1
	done
}

is_final() {
	[ "$(sql "SELECT count(*) FROM $schema.workflow_packages
	    WHERE build_status NOT IN ('success', 'failed')
	      AND NOT (superseded AND build_status = 'pending')" \
	    2>/dev/null)" = 0 ]
}

# The pairs are whole: a sweep finishes what a dead host cannot.
is_settled() {
	is_final && [ "$(sql "SELECT count(*) FROM $schema.build_audit
	    WHERE finish_due IS NOT NULL" 2>/dev/null)" = 0 ]
}

# farm_settle [SECONDS]: until every row has its verdict.
farm_settle() {
	until_true "${1:-60}" is_final ||
	    problems+=("lost: not every build has come to an end")
}

# farm_expect STATUS NAME...: what became of packages.
farm_expect() {
	local status=$1 name found
	shift
	for name; do
		found=$(sql "SELECT build_status FROM $schema.workflow_packages
		    WHERE package_name = '$name'")
		[ "$found" = "$status" ] ||
		    problems+=("lost: $name is ${found:-gone}, not $status")
	done
}

note() {
	problems+=("$*")
}

# Whatever is called by a path of the farm, or naps for it.
survivors() {
	pgrep -f "$farm/[^ ]*build-tmp/|sleep [0-9.]*000${schema//[^0-9]/}$"
}

judge_log() {
	local log=$1 claims
	cc-audit-verify "$log" >>"$farm/verified" 2>&1 ||
	    note "unexplained: the chain of ${log#"$farm/"} is broken"
	claims=$(sed -n 's/.*"event_type":"\([a-z.]*\)".*"claim_token":"\([^"]*\)".*/\1 \2/p' \
	    "$log" | grep -v swept | sort | uniq -d)
	[ -z "$claims" ] || note "unexplained: twice in a log: $claims"
	claims=$(grep '"event_type":"compiler.build.finished"' "$log" |
	    grep '"outcome":"success"' |
	    sed 's/.*"claim_token":"\([^"]*\)".*/\1/' | while read -r token; do
		[ "$(sql "SELECT count(*) FROM $schema.build_audit
		    WHERE claim_token = '$token' AND outcome = 'success'
		      AND event_type = 'compiler.build.finished'")" = 1 ] ||
		    echo "$token"
	done)
	[ -z "$claims" ] ||
	    note "unexplained: a success in a log alone: $claims"
}

# farm_judge: stops everything and looks at what is left.
farm_judge() {
	local log left line
	until_true 30 is_settled ||
	    note 'unexplained: a started build is not finished'
	farm_stop
	until_true 10 eval '! survivors >/dev/null' ||
	    note "unexplained: processes are left: $(survivors | tr '\n' ' ')"
	farm_tidy
	left=$(find "$farm"/*/build-tmp "$farm/tmp" -mindepth 1 2>/dev/null)
	[ -z "$left" ] || note "unexplained: files are left: $left"
	! grep -q " $farm/" /proc/self/mountinfo ||
	    note 'unexplained: a mount is left'
	for log in "$farm"/*/audit.log; do
		[ ! -e "$log" ] || judge_log "$log"
	done
	while read -r line; do
		note "$line"
	done < <(psql -qXAt -v schema="$schema" \
	    -v patience="${patience:-$((stale + 15))}" \
	    -f "$SUITE_ROOT/tests/faults/judge.sql" 2>&1)
}

descendants() {
	ps -eo pid=,ppid= | awk -v root="$1" '
	{ parent[$1] = $2 }
	END {
		for (p in parent)
			for (q = parent[p]; q > 1; q = parent[q])
				if (q == root) { print p; break }
	}'
}

# cut_power HOST: its worker's whole tree stands still before the first of it
# dies, as in a power cut, and its scratch is gone.
cut_power() {
	local tree=("$(cat "$farm/$1.pid")") more
	kill -STOP "${tree[@]}" || return
	while mapfile -t more < <(descendants "${tree[0]}") &&
	    [ ${#more[@]} -ge ${#tree[@]} ]; do
		kill -STOP "${more[@]}"
		tree=("${tree[0]}" "${more[@]}")
	done
	kill -KILL "${tree[@]}"
	rm -rf "$farm/$1/build-tmp"
}
