# SPDX-License-Identifier: Apache-2.0
# For the suites that run as root in a booted machine, whose /machine holds
# the package and the tests. `load helper` gives them what the others have.

load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
bats_require_minimum_version 1.5.0
export PGDATABASE=postgres LC_ALL=C.UTF-8
export CLOACINA_COMPILER_AUDIT_LOG=/var/log/cloacina/compiler.log
. /machine/packages.bash

sql() {
	psql -qXAt -v ON_ERROR_STOP=1 -c "$1"
}

# until_true COMMAND...: polls a condition, and fails when it is not to be.
until_true() {
	local end=$((SECONDS + 240))
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.5
	done
}

# The five commands of cloacina-compiler(7), and a role for the tests.
install_package() {
	runuser -u postgres -- createuser -s root
	dpkg -i /machine/*.deb
}

configure() {
	psql -qX -v ON_ERROR_STOP=1 -c 'SET client_min_messages = warning' \
	    -f /usr/share/cloacina-compiler/sql/queue.sql \
	    -f /usr/share/cloacina-compiler/sql/compiler.sql \
	    -c "ALTER ROLE cloacina_compiler PASSWORD 'secret'" \
	    -c "ALTER ROLE cloacina_status PASSWORD 'secret'"
	(
		umask 077
		cd /etc/cloacina-compiler || exit
		echo postgres://cloacina_compiler:secret@127.0.0.1/postgres \
		    >database-url
		echo postgres://cloacina_status:secret@127.0.0.1/postgres \
		    >status-database-url
	)
	CLOACINA_COMPILER_VENDOR_DIR=/var/lib/cloacina-compiler/cargo
	cat >$CLOACINA_COMPILER_VENDOR_DIR/config.toml <<-'EOS'
	[source.crates-io]
	replace-with = "vendored-sources"
	[source.vendored-sources]
	directory = "/usr/share/cargo/registry"
	EOS
}

# drop_in UNIT <<EOF: settings for this machine; drop_out takes them away.
drop_in() {
	mkdir -p "/run/systemd/system/$1.d"
	cat >"/run/systemd/system/$1.d/test.conf"
	systemctl daemon-reload
}

drop_out() {
	rm -rf "/run/systemd/system/$1.d"
	systemctl daemon-reload
}

# is_now STATUS: what the row of $id says.
is_now() {
	[ "$(row build_status)" = "$1" ]
}

# Waits until the build of $id has ended and its events are written.
finish_build() {
	until_true is_finished
}

# Without jq, which is what an emulated machine would then be busy with.
is_finished() {
	grep "\"build_claim_id\":\"$id\"" $CLOACINA_COMPILER_AUDIT_LOG |
	    grep -q '"event_type":"compiler.build.finished"'
}

property() {
	systemctl show --value -p "$2" "$1"
}
