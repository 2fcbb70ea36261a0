/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that would undo the sandbox or open the kernel's depths. */

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acct.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

enum { OPEN_TREE_COPY = 1, UFFD_USER_ONLY = 1 };

static int
wait_for(long pid)
{
	int status;

	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : (int)waitpid((pid_t)pid, &status, 0);
}

static enum verdict
mount_tmpfs(void)
{
	return judge(
	    mount("x", fact("CARGO_TARGET_DIR"), "tmpfs", 0, NULL), "a mount");
}

static enum verdict
mount_again(void)
{
	return judge(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL),
	    "a writable root");
}

static enum verdict
unmount(void)
{
	return judge(umount2("/proc", MNT_DETACH), "what lies below /proc");
}

static enum verdict
open_file_system(void)
{
	return judge(syscall(SYS_fsopen, "tmpfs", 0), "a file system");
}

static enum verdict
copy_tree(void)
{
	return judge(syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_COPY),
	    "a copy of the mounts");
}

static enum verdict
move_mounts(void)
{
	return judge(syscall(SYS_move_mount, AT_FDCWD, "/proc", AT_FDCWD,
			 fact("CARGO_TARGET_DIR"), 0),
	    "a moved mount");
}

static enum verdict
set_mounts(void)
{
	struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY};

	return judge(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attributes,
			 sizeof attributes),
	    "a writable root");
}

static enum verdict
change_root(void)
{
	return judge(chroot(fact("CARGO_TARGET_DIR")), "another root");
}

static enum verdict
pivot(void)
{
	return judge(syscall(SYS_pivot_root, fact("CARGO_TARGET_DIR"),
			 fact("CARGO_TARGET_DIR")),
	    "another root");
}

static enum verdict
unshare_user(void)
{
	return judge(unshare(CLONE_NEWUSER), "a user namespace");
}

static enum verdict
clone_user(void)
{
	return judge(
	    wait_for(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)),
	    "a user namespace");
}

static enum verdict
clone3_user(void)
{
	uint64_t arguments[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};

	return judge(
	    wait_for(syscall(SYS_clone3, arguments, 64)), "a user namespace");
}

/* A limit of 0 that was put in the way is the first thing to go. */
static enum verdict
raise_and_unshare(void)
{
	int fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY);

	if (fd != -1 && write(fd, "1000", 4) == 4)
		return leaked("the limit");
	return judge(unshare(CLONE_NEWUSER | CLONE_NEWNS), "a namespace");
}

static enum verdict
enter_namespace(void)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY);

	return judge(fd == -1 ? -1 : setns(fd, 0), "a namespace");
}

/* getpid(2) by the door of 32-bit programs. */
static enum verdict
use_int80(void)
{
	long result = -1;

	errno = ENOSYS;
#ifdef __x86_64__
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
#endif
	return judge(result > 0 ? 0 : -1, "a call of 32 bits");
}

/* x32: where the kernel has none the number is unknown to it. */
static enum verdict
use_x32(void)
{
	return judge(syscall(0x40000000 | SYS_getpid), "a call of x32");
}

static enum verdict
set_up_ring(void)
{
	static unsigned char parameters[120];

	return judge(syscall(425, 4, parameters), "a ring");
}

static enum verdict
load_bpf(void)
{
	static const struct bpf_insn steps[] = {
	    {.code = 0xb7, .dst_reg = 0, .imm = 0}, {.code = 0x95}};
	union bpf_attr attributes = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
	    .insn_cnt = 2,
	    .insns = (uint64_t)(uintptr_t)steps,
	    .license = (uint64_t)(uintptr_t) "GPL"};

	return judge(
	    syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes),
	    "a program in the kernel");
}

static enum verdict
measure(void)
{
	struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE,
	    .size = sizeof attributes,
	    .config = PERF_COUNT_SW_CPU_CLOCK,
	    .exclude_kernel = 1,
	    .exclude_hv = 1};

	return judge(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0),
	    "a counter");
}

static enum verdict
handle_faults(void)
{
	return judge(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_ONLY),
	    "its own page faults");
}

static enum verdict
change_descriptor_table(void)
{
	static unsigned char entry[16] = {0};

	return judge(syscall(SYS_modify_ldt, 0, entry, sizeof entry),
	    "the descriptor table");
}

static enum verdict
use_ports(void)
{
	return judge(syscall(SYS_iopl, 3), "the machine's ports");
}

static enum verdict
fix_addresses(void)
{
	return judge(personality(ADDR_NO_RANDOMIZE), "fixed addresses");
}

static enum verdict
load_kernel(void)
{
	return judge(syscall(SYS_kexec_load, 0, 0, NULL, 0), "another kernel");
}

static enum verdict
load_module(void)
{
	int fd = open("/usr/bin/env", O_RDONLY);

	return judge(syscall(SYS_finit_module, fd, "", 0), "a module");
}

/* The one command of reboot(2) that would do no harm. */
static enum verdict
restart(void)
{
	return judge(reboot(RB_DISABLE_CAD), "the machine's power");
}

static enum verdict
swap(void)
{
	return judge(swapon("/dev/vda", 0), "a swap device");
}

static enum verdict
account(void)
{
	return judge(acct(below_target("acct")), "everybody's accounts");
}

static enum verdict
set_quota(void)
{
	return judge(quotactl(QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL), "quotas");
}

static enum verdict
set_clock(void)
{
	struct timeval now;

	(void)gettimeofday(&now, NULL);
	return judge(settimeofday(&now, NULL), "the clock");
}

static enum verdict
tune_clock(void)
{
	struct timex parameters = {.modes = ADJ_MAXERROR};

	return judge(adjtimex(&parameters), "the clock");
}

static enum verdict
name_host(void)
{
	return judge(sethostname("hostile", 7), "the host's name");
}

static enum verdict
hang_up(void)
{
	return judge(syscall(SYS_vhangup), "the terminal");
}

static enum verdict
watch_all(void)
{
	return judge(fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY),
	    "a watch");
}

static enum verdict
open_by_handle(void)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} file = {.handle.handle_bytes = 128};
	int mount;

	if (name_to_handle_at(AT_FDCWD, "/usr", &file.handle, &mount, 0) == -1)
		return judge(-1, NULL);
	return leaked("a handle");
}

static enum verdict
hide_memory(void)
{
	return judge(syscall(447, 0), "memory that nobody sees");
}

static enum verdict
move_memory(void)
{
	unsigned long from = 1, to = 1;

	return judge(syscall(SYS_migrate_pages,
			 (pid_t)fact_number("VICTIM_PID"), 64, &from, &to),
	    "its pages moved");
}

static enum verdict
type_into_terminal(unsigned long request)
{
	char key = '\n';
	int fd = open("/dev/tty", O_RDWR);

	errno = 0;
	if (syscall(SYS_ioctl, fd == -1 ? 0 : fd, request, &key) != -1)
		return leaked("a key typed");
	/* /dev/null is no terminal, and the host would have said so. */
	return errno == ENOTTY ? leaked("a call that a terminal would obey") :
				 judge(-1, NULL);
}

static enum verdict
type_key(void)
{
	return type_into_terminal(TIOCSTI);
}

/* The kernel reads 32 bits; a filter that compares 64 would be passed by. */
static enum verdict
type_key_high(void)
{
	return type_into_terminal(TIOCSTI | 1UL << 32);
}

static enum verdict
paste(void)
{
	return type_into_terminal(TIOCLINUX);
}

static enum verdict
paste_high(void)
{
	return type_into_terminal(TIOCLINUX | 0xffffffffUL << 32);
}

static enum verdict
take_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR);

	return judge(fd, "the terminal");
}

static int
ask_terminal(void)
{
	struct winsize size;

	return ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == -1 && errno != ENOTTY ?
	    -1 :
	    0;
}

/* Puts unshare(2) before a supervisor, says which descriptor, and calls it. */
static _Noreturn void
ask_supervisor(int told)
{
	struct sock_filter steps[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {4, steps};

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (listener == -1)
		listener = -errno;
	(void)!write(told, &listener, sizeof listener);
	_exit(unshare(CLONE_NEWUSER) == -1 ? errno : 0);
}

/* A supervisor that answers "go on" to what was refused before. */
static enum verdict
supervise_calls(void)
{
	struct seccomp_notif question = {0};
	int pair[2], listener, status;

	if (pipe(pair) == -1)
		return broken("no pipe");
	long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		ask_supervisor(pair[1]);
	if (read(pair[0], &listener, sizeof listener) != sizeof listener)
		return broken("no supervisor");
	if (listener < 0) {
		errno = -listener;
		return judge(-1, NULL);
	}
	struct pollfd asked = {.fd = listener, .events = POLLIN};
	while (waitpid((pid_t)pid, &status, WNOHANG) == 0) {
		if (poll(&asked, 1, 50) != 1 ||
		    ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) == -1)
			continue;
		struct seccomp_notif_resp answer = {.id = question.id,
		    .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	errno = WEXITSTATUS(status);
	return judge(errno == 0 ? 0 : -1, "a call that was refused before");
}

static enum verdict
set_line_discipline(void)
{
	return type_into_terminal(TIOCSETD);
}

static enum verdict
set_line_discipline_high(void)
{
	return type_into_terminal(TIOCSETD | 1UL << 32);
}

/* A new one of the machine's terminals, of which it has 4096. */
static enum verdict
open_terminal(void)
{
	return judge(open("/dev/ptmx", O_RDONLY | O_NOCTTY), "a terminal");
}

/* The other threads of our core would stand still for us. */
static enum verdict
take_core(void)
{
	enum { SCHED_CORE = 62, SCHED_CORE_CREATE = 1 };

	int result = prctl(SCHED_CORE, SCHED_CORE_CREATE, 0, 0, 0);

	/* A kernel, or a processor, that has none was asked, too. */
	if (result == -1 && (errno == EINVAL || errno == ENODEV))
		return leaked("what there is of it here");
	return judge(result, "a core");
}

static enum verdict
set_capabilities(void)
{
	unsigned header[2] = {0x20080522, 0};
	unsigned data[6] = {1U << 21, 1U << 21, 0, 0, 0, 0};

	return judge(syscall(SYS_capset, header, data), "CAP_SYS_ADMIN");
}

static enum verdict
become_root(void)
{
	if (syscall(SYS_setresuid, 0, 0, 0) == -1 && errno == EINVAL)
		return contained("EINVAL: there is none");
	return judge(getuid() == 0 ? 0 : -1, "root");
}

/* Another program under /proc/self/exe than the one that runs. */
static enum verdict
pretend_program(void)
{
	int fd = open("/usr/bin/env", O_RDONLY);

	return judge(
	    prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0), "another name");
}

/* A setuid program may be run, and gives nothing. */
static enum verdict
run_setuid(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ?
	    contained("no_new_privs") :
	    leaked("what a setuid program gives");
}

const struct attack attacks_on_calls[] = {
    {"mount", write_in_target, mount_tmpfs},
    {"remount", write_in_target, mount_again},
    {"unmount", write_in_target, unmount},
    {"fsopen", write_in_target, open_file_system},
    {"open-tree", write_in_target, copy_tree},
    {"move-mount", write_in_target, move_mounts},
    {"mount-setattr", write_in_target, set_mounts},
    {"chroot", write_in_target, change_root},
    {"pivot-root", write_in_target, pivot},
    {"unshare-user", start_child, unshare_user},
    {"clone-user", start_child, clone_user},
    {"clone3-user", start_child, clone3_user},
    {"raise-and-unshare", start_child, raise_and_unshare},
    {"setns", start_child, enter_namespace},
    {"int80", ask_own_process, use_int80},
    {"x32", ask_own_process, use_x32},
    {"io-uring", read_usr, set_up_ring},
    {"bpf", read_usr, load_bpf},
    {"perf", ask_own_process, measure},
    {"userfaultfd", ask_own_process, handle_faults},
    {"modify-ldt", ask_own_process, change_descriptor_table},
    {"ports", ask_own_process, use_ports},
    {"personality", ask_own_process, fix_addresses},
    {"kexec", read_usr, load_kernel},
    {"module", read_usr, load_module},
    {"reboot", ask_own_process, restart},
    {"swap", write_in_target, swap},
    {"accounts", write_in_target, account},
    {"quota", write_in_target, set_quota},
    {"set-clock", ask_own_process, set_clock},
    {"tune-clock", ask_own_process, tune_clock},
    {"hostname", ask_own_process, name_host},
    {"hang-up", ask_terminal, hang_up},
    {"fanotify", read_usr, watch_all},
    {"handles", read_usr, open_by_handle},
    {"secret-memory", ask_own_process, hide_memory},
    {"migrate-pages", ask_own_process, move_memory},
    {"tiocsti", ask_terminal, type_key},
    {"tiocsti-high-bits", ask_terminal, type_key_high},
    {"tioclinux", ask_terminal, paste},
    {"tioclinux-high-bits", ask_terminal, paste_high},
    {"controlling-terminal", ask_terminal, take_terminal},
    {"line-discipline", ask_terminal, set_line_discipline},
    {"line-discipline-high-bits", ask_terminal, set_line_discipline_high},
    {"terminals", ask_terminal, open_terminal},
    {"core-scheduling", ask_own_process, take_core},
    {"own-filter", start_child, supervise_calls},
    {"capabilities", ask_own_process, set_capabilities},
    {"set-uid", ask_own_process, become_root},
    {"pretend-program", read_usr, pretend_program},
    {"run-setuid", read_usr, run_setuid},
    {0},
};
