/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call that the policy knows, by its fate. One that libseccomp
 * knows and no list does is answered as "absent" is: the generator names it
 * in a line on stderr, of which lint makes a failure, so that none is left
 * out unseen.
 */
#ifndef SECCOMP_CALLS_H
#define SECCOMP_CALLS_H

static const char *const allowed[] = {"access", "alarm", "arch_prctl", "brk",
    "capget", "capset", "chdir", "chmod", "chown", "clock_getres",
    "clock_gettime", "clock_nanosleep", "close", "close_range",
    "copy_file_range", "creat", "dup", "dup2", "dup3", "epoll_create",
    "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
    "eventfd", "eventfd2", "exit", "exit_group", "faccessat", "faccessat2",
    "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchown",
    "fchownat", "fcntl", "fdatasync", "fgetxattr", "file_getattr", "flistxattr",
    "flock", "fremovexattr", "fsetxattr", "fstat", "fstatfs", "fsync",
    "ftruncate", "futex", "futex_requeue", "futex_wait", "futex_waitv",
    "futex_wake", "futimesat", "get_robust_list", "getcpu", "getcwd",
    "getdents", "getdents64", "getegid", "geteuid", "getgid", "getgroups",
    "getitimer", "getpgid", "getpgrp", "getpid", "getppid", "getpriority",
    "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid",
    "gettid", "gettimeofday", "getuid", "getxattr", "getxattrat", "ioctl",
    "ioprio_get", "kill", "landlock_add_rule", "landlock_create_ruleset",
    "landlock_restrict_self", "lchown", "lgetxattr", "link", "linkat",
    "listxattr", "listxattrat", "llistxattr", "lremovexattr", "lseek",
    "lsetxattr", "lsm_get_self_attr", "lsm_list_modules", "lstat", "madvise",
    "map_shadow_stack", "membarrier", "memfd_create", "mincore", "mkdir",
    "mkdirat", "mknod", "mknodat", "mlock", "mlock2", "mlockall", "mmap",
    "mprotect", "mremap", "mseal", "msync", "munlock", "munlockall", "munmap",
    "nanosleep", "newfstatat", "open", "openat", "pause", "pidfd_open",
    "pidfd_send_signal", "pipe", "pipe2", "pkey_alloc", "pkey_free",
    "pkey_mprotect", "poll", "ppoll", "pread64", "preadv", "preadv2",
    "prlimit64", "pselect6", "pwrite64", "pwritev", "pwritev2", "read",
    "readahead", "readlink", "readlinkat", "readv", "removexattr",
    "removexattrat", "rename", "renameat", "renameat2", "restart_syscall",
    "rmdir", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
    "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min",
    "sched_getaffinity", "sched_getattr", "sched_getparam",
    "sched_getscheduler", "sched_rr_get_interval", "sched_setaffinity",
    "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield",
    "select", "sendfile", "set_robust_list", "set_tid_address", "setfsgid",
    "setfsuid", "setgid", "setgroups", "setitimer", "setpgid", "setpriority",
    "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid",
    "setuid", "setxattr", "setxattrat", "sigaltstack", "signalfd", "signalfd4",
    "splice", "stat", "statfs", "statx", "symlink", "symlinkat",
    "sync_file_range", "sysinfo", "tee", "tgkill", "time", "timer_create",
    "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
    "timerfd_create", "timerfd_gettime", "timerfd_settime", "times", "tkill",
    "truncate", "umask", "uname", "unlink", "unlinkat", "utime", "utimensat",
    "utimes", "vmsplice", "wait4", "waitid", "write", "writev", NULL};

/* What a program that only reads and writes files has no use for. */
static const char *const starting[] = {
    "clone", "execve", "execveat", "fork", "vfork", NULL};

/*
 * What our own programs use to stay below a directory. To others it would be
 * a way to make setuid files, because its mode lies in memory.
 */
static const char *const resolving[] = {"openat2", NULL};

/* What a connected pair of sockets needs. */
static const char *const paired[] = {"accept", "accept4", "getpeername",
    "getsockname", "getsockopt", "listen", "recvfrom", "recvmmsg", "recvmsg",
    "sendto", "setsockopt", "shutdown", "socketpair", NULL};

/*
 * What reaches anybody else. Descriptors that are under way in messages count
 * for the user, whatever the namespace: enough of them, and no other sandbox
 * of this user could hand out its directory.
 */
static const char *const reaching[] = {
    "bind", "connect", "sendmmsg", "sendmsg", "socket", NULL};

/*
 * Options of prctl(2), which is a door to much else and gets new ones with
 * every kernel: what a process needs to know and arrange of itself, as C
 * libraries, language runtimes, sanitizers and supervisors do. Not among them
 * are system call filters, the other threads of a core (PR_SCHED_CORE), tables
 * whose size the caller chooses (PR_FUTEX_HASH), merged memory, and what needs
 * privileges. Those are answered as calls that a kernel lacks.
 */
static const char *const selected[] = {"prctl", NULL};

static const uint32_t options_of_processes[] = {PR_SET_PDEATHSIG,
    PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE, PR_GET_KEEPCAPS,
    PR_SET_KEEPCAPS, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_CAPBSET_READ,
    PR_CAPBSET_DROP, PR_GET_SECUREBITS, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK,
    PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS,
    PR_GET_NO_NEW_PRIVS, PR_GET_TID_ADDRESS, PR_SET_THP_DISABLE,
    PR_GET_THP_DISABLE, PR_CAP_AMBIENT, PR_SVE_SET_VL, PR_SVE_GET_VL,
    PR_GET_SPECULATION_CTRL, PR_PAC_RESET_KEYS, PR_SET_TAGGED_ADDR_CTRL,
    PR_GET_TAGGED_ADDR_CTRL, PR_SET_VMA, PR_SET_PTRACER, 65,
    66 /* memory that is never executed */, 0x41555856 /* PR_GET_AUXV */};

/*
 * Answered with EPERM: what would undo the sandbox, reach into another
 * process, outlive the build, take from a pool of the whole machine, or is
 * attack surface that no build needs. Landlock lets a watch be laid on files
 * that it does not let be read. A filter of system calls is compiled into
 * memory of which the machine has little; without any left, nobody can confine
 * himself. Any process may put its own disk accesses before everybody else's,
 * and a file system's sync waits for what all have written.
 */
static const char *const refused[] = {"acct", "add_key", "adjtimex", "bpf",
    "cachestat", "chroot", "clock_adjtime", "clock_settime", "delete_module",
    "fanotify_init", "fanotify_mark", "file_setattr", "finit_module",
    "fsconfig", "fsmount", "fsopen", "fspick", "get_mempolicy", "init_module",
    "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch",
    "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup",
    "io_submit", "io_uring_enter", "io_uring_register", "io_uring_setup",
    "ioperm", "iopl", "ioprio_set", "kcmp", "kexec_file_load", "kexec_load",
    "keyctl", "listmount", "listns", "lookup_dcookie", "lsm_set_self_attr",
    "mbind", "memfd_secret", "migrate_pages", "modify_ldt", "mount",
    "mount_setattr", "move_mount", "move_pages", "mq_getsetattr", "mq_notify",
    "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink", "msgctl",
    "msgget", "msgrcv", "msgsnd", "name_to_handle_at", "open_by_handle_at",
    "open_tree", "open_tree_attr", "perf_event_open", "personality",
    "pidfd_getfd", "pivot_root", "process_madvise", "process_mrelease",
    "process_vm_readv", "process_vm_writev", "ptrace", "quotactl",
    "quotactl_fd", "reboot", "remap_file_pages", "request_key", "seccomp",
    "semctl", "semget", "semop", "semtimedop", "set_mempolicy",
    "set_mempolicy_home_node", "setdomainname", "sethostname", "setns",
    "settimeofday", "shmat", "shmctl", "shmdt", "shmget", "statmount",
    "swapoff", "swapon", "sync", "syncfs", "syslog", "umount2", "unshare",
    "userfaultfd", "vhangup", NULL};

/*
 * Answered with ENOSYS, so that a C library falls back to the older call
 * whose arguments a filter can read (the flags of these lie in memory); what
 * Linux itself has given up; and what it answers before it asks any filter
 * (uretprobe).
 */
static const char *const absent[] = {"_sysctl", "afs_syscall", "clone3",
    "create_module", "epoll_ctl_old", "epoll_wait_old", "fchmodat2",
    "get_kernel_syms", "get_thread_area", "getpmsg", "nfsservctl", "putpmsg",
    "query_module", "security", "set_thread_area", "sysfs", "tuxcall",
    "uretprobe", "uselib", "ustat", "vserver", NULL};

#endif
