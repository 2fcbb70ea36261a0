# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A claimed build, as cc-claim leaves it to the chain: a row that is being
# built, its claim, and $dir with claim.json.

# new_uuid: prints one.
new_uuid() {
	cat /proc/sys/kernel/random/uuid
}

# new_build [NAME [VERSION]]: sets $id, $token, $instance and $dir.
new_build() {
	local name=${1:-flow} version=${2:-1.0.0}
	token=$(new_uuid) instance=$(new_uuid)
	id=$(psql -qXAt -v ON_ERROR_STOP=1 -v name="$name" \
	    -v version="$version" -v token="$token" -v instance="$instance" \
	    <<-'EOF'
	WITH package AS (
	  INSERT INTO workflow_packages (registry_id, package_name, version,
	    build_status, build_claimed_at)
	  VALUES (gen_random_uuid(), :'name', :'version', 'building',
	    clock_timestamp() AT TIME ZONE 'UTC')
	  RETURNING id, build_claimed_at)
	INSERT INTO build_claims (package_id, claim_token,
	  compiler_instance_id, attempts, claimed_at, first_claimed_at)
	SELECT id, :'token', :'instance', 1, build_claimed_at, build_claimed_at
	FROM package RETURNING package_id;
	EOF
	)
	write_claim "$name" "$version"
}

# write_claim NAME VERSION: $dir, as new_build, for $id, $token, $instance.
write_claim() {
	dir=$BATS_TEST_TMPDIR/$token
	mkdir -m 700 "$dir"
	jq -nc --arg id "$id" --arg token "$token" --arg instance "$instance" \
	    --arg name "$1" --arg version "$2" \
	    --argjson ms "$(sed 's/\.\(..\) .*/\10/' /proc/uptime)" \
	    '{version: 1, build_claim_id: $id, claim_token: $token, attempt: 1,
	    compiler_instance_id: $instance, package_name: $name,
	    package_version: $version, registry_id: $id,
	    storage_type: "database", schema: null,
	    started_boottime_ms: $ms}' >"$dir/claim.json"
}

# put FILE JSON-MEMBERS: a report in $dir.
put() {
	printf '{"version":1,%s}\n' "$2" >"$dir/$1.json"
}

# unpacked LANGUAGE: what cc-unpack leaves.
unpacked() {
	toml_hash=$(printf toml | sha256sum | cut -d' ' -f1)
	lock_hash=$(printf lock | sha256sum | cut -d' ' -f1)
	put unpack "\"language\":\"$1\",\"library_name\":\"flow\",
	    \"cargo_toml_hash\":\"$toml_hash\",
	    \"cargo_lock_hash\":\"$lock_hash\",\"refusal\":null"
}

# ran MEMBERS-OF-RUN.JSON: a rust build that ran, and left no artifact.
ran() {
	unpacked rust
	put run "$1,\"max_rss_bytes\":1048576,\"memory_peak_bytes\":null,
	    \"killed\":3"
	put sandbox '"level":"bwrap","started":true,"artifact":"missing"'
}

exited() {
	ran "\"outcome\":\"exited\",\"exit_status\":$1,\"exit_signal\":null"
}

# succeeded [BYTES]: a build with an artifact.
succeeded() {
	exited 0
	printf '%s' "${1:-the artifact}" >"$dir/artifact"
	put sandbox "\"level\":\"bwrap\",\"started\":true,
	    \"artifact\":\"taken\",
	    \"artifact_bytes\":$(stat -c %s "$dir/artifact")"
}

failed() {
	exited 101
	printf '%s' "${1:-error: it is broken}" >"$dir/stderr"
}

timed_out() {
	ran '"outcome":"timeout","exit_status":null,"exit_signal":"SIGKILL",
	    "timeout_ms":600000'
}

# row COLUMN, claim COLUMN, recorded FILTER: of this build.
row() {
	sql "SELECT $1 FROM workflow_packages WHERE id = '$id'"
}

claim() {
	sql "SELECT $1 FROM build_claims WHERE package_id = '$id'"
}

recorded() {
	jq -r "$1" "$dir/record.json"
}
