# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# The operator's variables as options: $limits are cc-limit-exec's, $sandbox
# and $operator cc-sandbox's.

# add NAME VALUE: an option more in $options, where there is a value.
add() { [ -z "$2" ] || options=$options--$1=$2$IFS; }

# The build starts in /, so paths are named from there.
absolute() { case $1 in '' | /*) absolute=$1 ;; *) absolute=$PWD/$1 ;; esac }
add_path() { absolute "$2" && add "$1" "$absolute"; }

# The number of processes counts per user, so cc-limit-exec limits it in a
# cgroup alone, and cc-sandbox inside a user namespace, for each build alone.
# Output (4G), /tmp (1G) and /dev/shm (64M) of the sandbox are memory, too.
limit_options() {
	options=
	add timeout-s "${CLOACINA_COMPILER_BUILD_TIMEOUT_S:-}"
	add rlimit-cpu "${CLOACINA_COMPILER_BUILD_RLIMIT_CPU:-}"
	add rlimit-mem "${CLOACINA_COMPILER_BUILD_RLIMIT_MEM:-}"
	add rlimit-files "${CLOACINA_COMPILER_BUILD_RLIMIT_FILES:-}"
	add rlimit-procs 1G
	add cgroup "${CLOACINA_COMPILER_CGROUP:-auto}"
	add cgroup-mem "${CLOACINA_COMPILER_BUILD_MEMORY_MAX:-6G}"
	add cgroup-procs "$procs"
	limits=$options
}

sandbox_options() {
	count_jobs
	options=
	add sandbox "${CLOACINA_COMPILER_SANDBOX:-}"
	add_path cargo-home "$vendor"
	add_path toolchain "$toolchain"
	add rlimit-procs "$procs"
	add setenv "CARGO_BUILD_JOBS=$jobs"
	add target-size "${CLOACINA_COMPILER_TARGET_SIZE:-}"
	add artifact-max "${CLOACINA_COMPILER_ARTIFACT_MAX:-}"
	add allow-local-sockets "${CLOACINA_COMPILER_ALLOW_LOCAL_SOCKETS:-}"
	[ "${CLOACINA_COMPILER_WRITABLE_SOURCE:-no}" = no ] ||
		options=$options--writable-source
	sandbox=$options
}

# operator_options [DIR]: what the operator lets in, where that is anything.
# Without a command cc-sandbox has only its usage to say, once it has read all
# options: a wrong one shows here, before anything runs.
operator_options() {
	options=
	for path in ${CLOACINA_COMPILER_RO:-}; do
		add_path ro "$path"
	done
	for variable in ${CLOACINA_COMPILER_SETENV:-}; do
		refuse_variable "${variable%%=*}"
		add setenv "$variable"
	done
	operator=$options
	[ -n "$operator" ] || return 0
	withhold "$@"
	operator=$options
	said=$(cc-sandbox $operator 2>&1) || status=$?
	case $said in
	'usage: '*) ;;
	*) printf '%s\n' "$said" >&2; exit "$status" ;;
	esac
}

refuse_variable() {
	case $1 in
	DATABASE_URL | PGPASSWORD | PGPASSFILE)
		wrong "cc-compile: bad value '$1' for" \
		    "--setenv: a stranger's code would read it" ;;
	CARGO_BUILD_TARGET)
		wrong "cc-compile: bad value '$1' for" \
		    "--setenv: say --target among the cargo flags," \
		    "or the library is not found" ;;
	esac
}

# What no path of the operator's may show, by itself or in what holds it: what
# is the service's, what others submitted, and its user's secrets.
withhold() {
	log=${CLOACINA_COMPILER_AUDIT_LOG:-}
	for path in "${CLOACINA_COMPILER_HOME:-$home/.cloacina}" \
	    "${log#-}" "${CLOACINA_COMPILER_DATABASE_URL_FILE:-}" \
	    "${CLOACINA_COMPILER_STORAGE_DIR:-}" \
	    "${CLOACINA_COMPILER_CARGO_TARGET_DIR:-}" \
	    "${PGPASSFILE:-$home/.pgpass}" "$home/.ssh" "$home/.netrc" \
	    "$home/.cargo/credentials" "$home/.cargo/credentials.toml" \
	    "${vendor:-$home/.cargo}/credentials" \
	    "${vendor:-$home/.cargo}/credentials.toml" "$@"; do
		add_path withhold "$path"
	done
}
