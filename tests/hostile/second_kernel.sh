#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# second_kernel.sh USER: the attacks in a machine of our own, where we are
# root and may also set up what a host may have: a handler of core dumps,
# which the kernel starts as root.
set -u
user=$1
mkdir -m 755 /run/hostile
# Not in /run, where nothing may be executed.
printf '#!/bin/sh\ncat >/dev/null\necho ran >>/run/hostile/core\n' \
    >/usr/local/sbin/handler
chmod 755 /usr/local/sbin/handler
echo '|/usr/local/sbin/handler' >/proc/sys/kernel/core_pattern
chown -R "$user:$user" /machine/tools /machine/hostile
chmod 755 /machine

attack() {
	setpriv --reuid="$user" --regid="$user" --clear-groups env -i \
	    PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp TMPDIR=/tmp \
	    HOSTILE_CORE=/run/hostile/core BATCH=yes ONLY="${ONLY:-}" \
	    /machine/hostile/level.sh /machine/bin /machine/tools "$@"
}
attack bwrap landlock
# What each process is limited in by itself, in a cgroup is limited in all.
group=/sys/fs/cgroup/hostile
mkdir "$group"
echo '+memory +pids +cpu' >/sys/fs/cgroup/cgroup.subtree_control
chown "$user:$user" "$group" "$group"/cgroup.procs \
    "$group"/cgroup.subtree_control "$group"/cgroup.threads
(echo 0 >"$group/cgroup.procs" && attack cgroup) | grep -v '^kernel'
# The handler does start, where nothing is in its way.
ONLY=core-handler
rm -f /run/hostile/core
attack none | grep -v '^kernel'
grep -qs ran /run/hostile/core || echo '0 passed, 1 failed'
