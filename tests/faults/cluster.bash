# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# What farms stand on: a database, a directory, and the command that is run
# in the place of cargo. The caller has sourced stage.sh.

export SUITE_ROOT=$PWD SUITE_BUILD=${SUITE_BUILD:-$PWD/build} LC_ALL=C.UTF-8
postgres_bin=$(pg_config --bindir)
export postgres_bin PATH=$postgres_bin:$PATH

farms=$(mktemp -d "${TMPDIR:-/tmp}/farms.XXXXXX") || exit 111
export farms
private_cluster "$farms/pg"
psql -qX -c 'ALTER SYSTEM SET max_connections = 200'
pg_ctl -w -l "$PGHOST/log" restart >/dev/null
trap 'stop_cluster; rm -rf "$farms"' EXIT
mkdir "$farms/bin"
cp tests/faults/bin/cargo "$farms/bin/"
cc -D_GNU_SOURCE -o "$farms/bin/cut-proxy" tests/claim/cut-proxy.c || exit 111
echo 'int answer(void) { return 42; }' |
    cc -shared -fPIC -x c -o "$farms/bin/library.so" - || exit 111
