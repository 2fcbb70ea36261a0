# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# The flags of a build, for all who take them: what --help says of them is the
# list by which they are read. A flag becomes the variable by which the
# programs know it: --build-timeout-s is $CLOACINA_COMPILER_BUILD_TIMEOUT_S.

nl='
'
build_flags='  --build-timeout-s SECONDS    wall clock of a build (default 600)
  --build-rlimit-cpu SECONDS   CPU time (default: the timeout)
  --build-rlimit-mem SIZE      virtual memory (default 4G)
  --build-rlimit-files COUNT   open files (default 1024)
  --build-rlimit-procs COUNT   processes (default 256)
  --build-memory-max SIZE      all memory of a build, in a cgroup (default 6G)
  --cgroup MODE                auto, required or off (default auto)
  --vendor-dir DIR             CARGO_HOME: the crates that builds may use (default ~/.cargo)
  --cargo-flag FLAG            repeatable; replaces build --release --lib --frozen --offline
  --cargo-extra-flag FLAG      repeatable; added to the list
  --cargo-target-dir DIR       keep target directories, one for each package name
  --toolchain DIR              a rustup home to take cargo from
  --sandbox MODE               required, preferred or off (default required)
  --allow-local-sockets yes|no sockets among the processes of a build (default no)
  --ro PATH                    a path that builds may read; repeatable
  --setenv NAME=VALUE          a variable of builds; repeatable
  --writable-source yes|no     let a build write into a copy of its source (default no)
  --target-size SIZE           room for the output of a build (default 4G)
  --artifact-max SIZE          largest library (default 256M)
  --unpack-entries-max COUNT   entries of an archive (default 10000)
  --unpack-bytes-max SIZE      bytes of an unpacked archive (default 500M)
  --unpack-ratio-max COUNT     unpacked to packed bytes (default 100)'

paths='' variables='' replaced='' extra=''

# take FLAG [VALUE]: one of $flags, and what is given for it.
take() {
	case $1 in *[!a-z-]*) wrong "bad option '$1'" ;; esac
	case $nl$flags in
	*"$nl  $1 "*) ;;
	*) wrong "bad option '$1'" ;;
	esac
	[ $# -gt 1 ] || wrong "option '$1' needs a value"
	case $1,$2 in
	--cargo-flag,* | --cargo-extra-flag,* | --database-url,*) ;;
	*"$nl"*) wrong "bad value for $1: it has more than one line" ;;
	esac
	case $1,$2 in
	--cargo-flag,*) replaced=$replaced$2$nl
		export CLOACINA_COMPILER_CARGO_FLAGS="$replaced" ;;
	--cargo-extra-flag,*) extra=$extra$2$nl
		export CLOACINA_COMPILER_CARGO_EXTRA_FLAGS="$extra" ;;
	--ro,*) paths=$paths$2$nl
		export CLOACINA_COMPILER_RO="$paths" ;;
	--setenv,*) variables=$variables$2$nl
		export CLOACINA_COMPILER_SETENV="$variables" ;;
	*,) wrong "empty value for $1" ;;
	--database-url,*) export DATABASE_URL="$2" ;;
	--tenant-schema,*) export CLOACINA_TENANT_SCHEMA="$2" ;;
	*) variable=CLOACINA_COMPILER_$(echo "${1#--}" | tr a-z- A-Z_)
		export "$variable=$2" ;;
	esac
}
