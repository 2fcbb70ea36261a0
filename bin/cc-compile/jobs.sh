# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# How many jobs cargo runs at once: inside it sees no quota, and it knows no
# limit of processes.

# $processors: those of this process, or what its cgroups leave of them.
count_processors() {
	processors=$(nproc)
	group=$(sed -n 's/^0:://p' /proc/self/cgroup)
	while :; do
		file=/sys/fs/cgroup$group/cpu.max
		if [ -r "$file" ] && IFS=' ' read -r quota period <"$file" &&
		    [ "$quota" != max ]; then
			quota=$(((quota + period - 1) / period))
			[ "$quota" -ge "$processors" ] || processors=$quota
		fi
		[ -n "${group#/}" ] || break
		group=${group%/*}
	done
}

# $jobs: a job of rustc's takes 6 processes, threads among them.
count_jobs() {
	count_processors
	jobs=1000
	case $procs in
	0* | *[!0-9]* | ?????*) ;;
	*) jobs=$(((procs + 7) / 8)) ;;
	esac
	[ "$jobs" -le "$processors" ] || jobs=$processors
}
