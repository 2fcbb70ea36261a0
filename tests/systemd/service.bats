# SPDX-License-Identifier: Apache-2.0
# The package as an operator lives with it, from installation to purge. One
# machine, so each test begins where the one before has ended.

setup() {
	load helper
}

workers_are_idle() {
	[ "$(sql "SELECT count(*) FROM workflow_packages
	    WHERE build_status IN ('pending', 'building')")" = 0 ]
}

all_workers_build() {
	[ "$(sql "SELECT count(*) FROM workflow_packages
	    WHERE build_status = 'building'")" = 2 ]
}

build_script_runs() {
	pgrep -u cloacina-compiler -x build-script-bu >/dev/null
}

# restarted UNIT: by systemd, and not yet down again.
restarted() {
	[ "$(property "$1" NRestarts)" != 0 ] && systemctl -q is-active "$1"
}

@test "installing makes the user, the directories and the units" {
	install_package
	run getent passwd cloacina-compiler
	assert_output --regexp \
	    ':/var/lib/cloacina-compiler:/usr/s?bin/nologin$'
	run id -Gn cloacina-compiler
	assert_output cloacina-compiler
	run stat -c '%A %U %G %n' /etc/cloacina-compiler /var/log/cloacina \
	    /var/lib/cloacina-compiler/cargo
	assert_output 'drwxr-xr-x root root /etc/cloacina-compiler
drwxr-x--- cloacina-compiler adm /var/log/cloacina
drwxr-xr-x root root /var/lib/cloacina-compiler/cargo'
	systemctl cat cc-worker@1.service cc-sweep.timer cc-status.socket
}

@test "installing starts and enables nothing" {
	run systemctl list-units --all --plain --no-legend 'cc-*' \
	    'cloacina-compiler*'
	refute_output
	run systemctl is-enabled cloacina-compiler.target cc-worker@1.service \
	    cc-sweep.timer cc-status.socket
	assert_output 'disabled
disabled
disabled
disabled'
}

@test "without a database URL a worker does not start" {
	run systemctl start cc-worker@1
	assert_failure
	assert_output 'Assertion failed on job for cc-worker@1.service.'
}

@test "five commands make two workers and the sweep" {
	configure
	systemctl enable --now cloacina-compiler.target cc-worker@1 cc-worker@2
	run systemctl is-active cc-worker@1 cc-worker@2 cc-sweep.timer
	assert_output 'active
active
active'
}

@test "systemd finds little left that the units may do" {
	systemd-analyze security --no-pager --threshold=25 cc-worker@1.service
	for unit in cc-sweep.service cc-status@1.service; do
		systemd-analyze security --no-pager --threshold=15 "$unit"
	done
}

@test "a package with crates is built, behind the whole sandbox" {
	package=$BATS_TEST_TMPDIR/greeter-1.0.0
	cp -r /machine/packages/greeter "$package"
	CLOACINA_COMPILER_VENDOR_DIR=/var/lib/cloacina-compiler/cargo \
	    lock_crate
	queue_package
	finish_build
	run row "build_status || ' ' || (length(compiled_data) > 10000) ||
	    coalesce(build_error, '')"
	assert_output 'success true'
	run event finished sandbox_level
	assert_output bwrap
}

@test "two workers build side by side" {
	for name in left right; do
		new_crate "$name"
		# Each waits for the other's claim.
		with_build_script <<-'EOS'
		std::thread::sleep(std::time::Duration::from_secs(3600));
		EOS
		queue_package
	done
	until_true all_workers_build
	run sql "SELECT count(DISTINCT compiler_instance_id) FROM build_claims
	    WHERE ended_as IS NULL"
	assert_output 2
	sql "UPDATE workflow_packages SET superseded = true,
	    build_status = 'failed' WHERE build_status = 'building'"
	until_true workers_are_idle
}

@test "a build sees neither the credential nor what else is the worker's" {
	pid=$(property cc-worker@1 MainPID)
	secret=/run/credentials/cc-worker@1.service/database-url
	# It is there for the worker, which shows that the path is right.
	run cat "/proc/$pid/root$secret"
	assert_output --partial secret
	new_crate spy
	with_build_script <<-'EOS'
	let mut seen = String::new();
	for path in ["/run/credentials", "/run/credentials/cc-worker@1.service",
	    "/run/credentials/cc-worker@2.service", "/etc/cloacina-compiler",
	    "/var/log/cloacina", "/var/lib/cloacina-compiler/home",
	    "/run/systemd/notify", "/sys/fs/cgroup"] {
	    if std::fs::metadata(path).is_ok() { seen += path; seen += " "; }
	}
	for (name, value) in std::env::vars() {
	    if value.contains("secret") || name.contains("DATABASE") ||
	        name.contains("CREDENTIALS") || name.contains("NOTIFY") ||
	        name.contains("WATCHDOG") { seen += &name; seen += " "; }
	}
	if std::path::Path::new("/usr/bin/cargo").exists() { seen += "usr"; }
	panic!("seen: {}.", seen);
	EOS
	queue_package
	finish_build
	run row build_error
	assert_output --partial 'seen: usr.'
}

@test "the worker's unit cannot write but to its log and its scratch" {
	pid=$(property cc-worker@1 MainPID)
	# As the worker: in its mounts, with its user.
	inside() {
		nsenter --target "$pid" --mount -- setpriv \
		    --reuid=cloacina-compiler --regid=cloacina-compiler \
		    --clear-groups "$@"
	}
	inside touch /var/log/cloacina/x /var/lib/cloacina-compiler/home/x
	inside rm /var/log/cloacina/x /var/lib/cloacina-compiler/home/x
	for path in / /tmp/../usr /etc /var/lib/cloacina-compiler/cargo \
	    /dev/shm /var/lib; do
		run inside touch "$path/x"
		assert_failure
	done
	run inside df --output=size,itotal /var/lib/cloacina-compiler/home
	assert_line --regexp '^ *2097152 +102400$'
}

@test "stopping a worker hands its row back at once, uncounted" {
	new_crate sleeper
	with_build_script <<-'EOS'
	std::thread::sleep(std::time::Duration::from_secs(3600));
	EOS
	systemctl stop cc-worker@2
	queue_package
	until_true is_now building
	until_true build_script_runs
	systemctl stop cc-worker@1
	run is_now pending
	assert_success
	run sql "SELECT attempts FROM build_claims WHERE package_id = '$id'"
	assert_output 0
	run pgrep -u cloacina-compiler
	refute_output
	run event finished outcome
	assert_output internal_error
	sql "DELETE FROM workflow_packages WHERE id = '$id'"
	systemctl start cc-worker@1 cc-worker@2
}

# cloacina-operate(7)'s "Drain this host: its builds go back to the queue at once, no attempt counts", "Let it work again" and "One worker more".
@test "stopping the target stops the workers, starting it starts them" {
	systemctl enable --now cc-worker@3
	systemctl stop cloacina-compiler.target
	run systemctl is-active cc-worker@1 cc-worker@2 cc-sweep.timer
	refute_line active
	systemctl start cloacina-compiler.target
	until_true systemctl -q is-active cc-worker@1 cc-worker@2 cc-worker@3 \
	    cc-sweep.timer
	systemctl disable --now cc-worker@3
}

@test "a worker that is killed is started again, and nothing of it is left" {
	drop_in cc-worker@.service <<<$'[Service]\nRestartSec=100ms'
	new_crate killed
	with_build_script <<-'EOS'
	std::thread::sleep(std::time::Duration::from_secs(3600));
	EOS
	systemctl stop cc-worker@2
	queue_package
	until_true is_now building
	until_true build_script_runs
	kill -9 "$(property cc-worker@1 MainPID)"
	until_true restarted cc-worker@1
	run build_script_runs
	assert_failure
	drop_out cc-worker@.service
	systemctl start cc-worker@2
}

@test "the timer sweeps what a lost worker left" {
	# What was killed above is building still, without a heartbeat.
	id=$(sql "SELECT id FROM workflow_packages
	    WHERE package_name = 'killed' AND build_status = 'building'")
	assert [ -n "$id" ]
	run property cc-sweep.timer TimersCalendar
	assert_output --partial 'OnCalendar=*-*-* *:*:00/30'
	drop_in cc-sweep.timer <<-'EOS'
	[Timer]
	OnCalendar=
	OnCalendar=*:*:*
	RandomizedDelaySec=0
	EOS
	systemctl restart cc-sweep.timer
	sql "UPDATE workflow_packages SET
	    build_claimed_at = build_claimed_at - interval '1 hour'
	    WHERE id = '$id'"
	until_true grep -q '"event_type":"compiler.build.swept"' \
	    $CLOACINA_COMPILER_AUDIT_LOG
	drop_out cc-sweep.timer
	systemctl restart cc-sweep.timer
	sql "DELETE FROM workflow_packages WHERE id = '$id'"
}

@test "a wrong configuration ends the worker for good, an unfit host does not" {
	drop_in cc-worker@.service <<-'EOS'
	[Service]
	Environment=CLOACINA_COMPILER_POLL_INTERVAL_MS=soon
	RestartSec=100ms
	EOS
	run systemctl restart cc-worker@2
	until_true systemctl -q is-failed cc-worker@2
	run property cc-worker@2 ExecMainStatus
	assert_output 100
	run property cc-worker@2 NRestarts
	assert_output 0
	run journalctl -b -o cat -u cc-worker@2
	assert_output --partial \
	    "bad value 'soon' for \$CLOACINA_COMPILER_POLL_INTERVAL_MS"
	drop_in cc-worker@.service <<-'EOS'
	[Service]
	RestrictNamespaces=yes
	RestartSec=100ms
	EOS
	run systemctl restart cc-worker@2
	# Again and again: the host may be mended.
	until_true sh -c '[ "$(systemctl show --value -p NRestarts \
	    cc-worker@2)" -gt 1 ]'
	drop_out cc-worker@.service
	systemctl reset-failed cc-worker@2
	systemctl restart cc-worker@2
}

@test "the journal tells what became of each build" {
	run journalctl -b -o cat -u 'cc-worker@*'
	assert_line --regexp "^cc-claim: 'greeter' version '1.0.0', attempt 1: success after "
	assert_line --regexp "^cc-claim: 'sleeper' .*: released after "
}

# builds: the events of builds among what comes in.
builds() {
	grep -hE '"event_type":"compiler.build.(started|finished)"' | sort
}

@test "the journal has the audit lines, each once and as the log has them" {
	journalctl --sync
	journalctl -b -o cat -u 'cc-worker@*' | builds >"$BATS_TEST_TMPDIR/journal"
	builds <$CLOACINA_COMPILER_AUDIT_LOG >"$BATS_TEST_TMPDIR/log"
	run grep -c '"package_name":"greeter"' "$BATS_TEST_TMPDIR/log"
	assert_output 2
	run diff "$BATS_TEST_TMPDIR/log" "$BATS_TEST_TMPDIR/journal"
	assert_success
	# cloacina-operate(7)'s "And in the journal".
	id=$(sql "SELECT id FROM workflow_packages WHERE package_name = 'greeter'")
	run bash -c "journalctl -o cat -u 'cc-worker@*' | grep '\"build_claim_id\":\"$id\"'"
	assert_equal "${#lines[@]}" 2
	run journalctl -b -o cat -u cc-sweep
	assert_line --regexp '"event_type":"compiler.build.swept".*"package_name":"killed"'
}

@test "rotation continues the chain, and the package's user owns the log" {
	logrotate --force /etc/logrotate.d/cloacina-compiler
	new_crate rotated
	queue_package
	finish_build
	run cc-audit-verify /var/log/cloacina/compiler.log.1 \
	    /var/log/cloacina/compiler.log
	assert_success
	# It does look across the seam.
	cp /var/log/cloacina/compiler.log* "$BATS_TEST_TMPDIR/"
	sed -i '$d' "$BATS_TEST_TMPDIR/compiler.log.1"
	run cc-audit-verify "$BATS_TEST_TMPDIR/compiler.log.1" \
	    "$BATS_TEST_TMPDIR/compiler.log"
	assert_failure 1
	run stat -c '%a %U %G' /var/log/cloacina/compiler.log
	assert_output '640 cloacina-compiler adm'
}

# ask PATH: what the endpoint answers.
ask() {
	exec 8<>/dev/tcp/127.0.0.1/9000
	printf 'GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n' "$1" >&8
	timeout 20 cat <&8
	exec 8>&-
}

@test "the socket answers health, status and metrics, and nothing else" {
	systemctl enable --now cc-status.socket
	run ask /health
	assert_line --partial ' 200 '
	assert_line --partial '{"status":"ok"}'
	run ask /v1/status
	assert_line --partial '"pending"'
	run ask /metrics
	assert_line --regexp '^cloacina_compiler_builds_total\{status="ok"\} [1-9]'
	run ask /etc/passwd
	assert_line --partial ' 404 '
}

@test "the socket is on the loopback alone" {
	run ss -Hltn 'sport = :9000'
	assert_output --partial 127.0.0.1:9000
	assert_equal "${#lines[@]}" 1
}

@test "removing stops everything, purging leaves nothing" {
	dpkg -r cloacina-compiler
	run pgrep -u cloacina-compiler
	refute_output
	run ss -Hltn 'sport = :9000'
	refute_output
	assert [ -e /var/log/cloacina/compiler.log ]
	dpkg -P cloacina-compiler
	run find /etc /usr /var -xdev -name '*cloacina*' \
	    -not -path '/var/lib/dpkg/*' -not -path '/var/log/journal/*'
	assert_output /var/lib/cloacina-compiler
	run find /etc/systemd/system -name 'cc-*'
	refute_output
}
