/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of every family, and what System V and POSIX share by name. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "attack.h"

enum { KEYCTL_SEARCH = 10, KEYCTL_READ = 11, USER_KEYRING = -4 };

static int
make_pair(void)
{
	int pair[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 ||
	    write(pair[0], "x", 1) != 1)
		return -1;
	return read(pair[1], &byte, 1) == 1 ? 0 : -1;
}

static int
connect_internet(int type, const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons((in_port_t)atoi(port))};
	int fd = socket(AF_INET, type, 0);

	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof address) ==
		-1)
		return -1;
	return (int)write(fd, "x", 1);
}

static enum verdict
reach_tcp(void)
{
	return judge(
	    connect_internet(SOCK_STREAM, fact("TCP_PORT")), "a connection");
}

static enum verdict
reach_udp(void)
{
	return judge(
	    connect_internet(SOCK_DGRAM, fact("UDP_PORT")), "a datagram");
}

/* The question goes to a name server if there is a network at all. */
static enum verdict
reach_dns(void)
{
	return judge(connect_internet(SOCK_DGRAM, "53"), "a question");
}

static enum verdict
listen_tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return judge(fd == -1 ? -1 : listen(fd, 1), "a port");
}

static enum verdict
open_raw(void)
{
	if (socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) != -1 ||
	    socket(AF_PACKET, SOCK_RAW, 0) != -1)
		return leaked("a raw socket");
	return judge(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP), "a ping");
}

static enum verdict
open_netlink(void)
{
	return judge(socket(AF_NETLINK, SOCK_RAW, 0), "a netlink socket");
}

static enum verdict
open_vsock(void)
{
	return judge(socket(AF_VSOCK, SOCK_STREAM, 0), "a vsock");
}

static enum verdict
open_crypto(void)
{
	return judge(socket(AF_ALG, SOCK_SEQPACKET, 0), "the kernel's crypto");
}

/* Families whose protocols the kernel would load for us. */
static enum verdict
open_rare(void)
{
	static const int families[] = {AF_AX25, AF_X25, AF_APPLETALK, AF_KEY,
	    AF_RDS, AF_CAN, AF_TIPC, AF_BLUETOOTH, AF_NFC, AF_KCM, AF_QIPCRTR,
	    AF_SMC, AF_XDP};

	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (socket(families[i], SOCK_RAW, 0) != -1 ||
		    socket(families[i], SOCK_DGRAM, 0) != -1 ||
		    socket(families[i], SOCK_SEQPACKET, 0) != -1 ||
		    socket(families[i], SOCK_STREAM, 0) != -1)
			return leaked("a socket of a rare family");
	return judge(-1, NULL);
}

/* A name that begins with '@' is an abstract one. */
static socklen_t
unix_address(struct sockaddr_un *address, const char *name)
{
	size_t length = strlen(name);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, name, length);
	if (*name == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length +
	    (*name == '@' ? 0 : 1));
}

static enum verdict
reach_unix(const char *name)
{
	struct sockaddr_un address;
	socklen_t length = unix_address(&address, name);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return judge(fd == -1 ?
		-1 :
		connect(fd, (const struct sockaddr *)&address, length),
	    "a connection");
}

static enum verdict
reach_path(void)
{
	return reach_unix(fact("UNIX_PATH"));
}

static enum verdict
reach_abstract(void)
{
	return reach_unix(fact("UNIX_ABSTRACT"));
}

/* Without socket(2): one of a pair sends where it was not connected to. */
static enum verdict
reach_from_pair(void)
{
	static const int types[] = {SOCK_DGRAM, SOCK_RAW, SOCK_STREAM};
	struct sockaddr_un address;
	socklen_t length = unix_address(&address, fact("UNIX_DATAGRAM"));
	int pair[2], reason = EPERM;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (socketpair(AF_UNIX, types[i], 0, pair) != -1 &&
		    sendto(pair[0], "x", 1, MSG_NOSIGNAL,
			(const struct sockaddr *)&address, length) == 1)
			return leaked("a datagram");
		else if (errno != EISCONN)
			reason = errno;
	errno = reason;
	return judge(-1, NULL);
}

static enum verdict
attach_memory(void)
{
	const char *text = shmat((int)fact_number("SHM_ID"), NULL, SHM_RDONLY);

	if ((intptr_t)text == -1)
		return errno == EINVAL ? contained("EINVAL: no such segment") :
					 judge(-1, NULL);
	return leaked("the secret");
}

static enum verdict
receive_message(void)
{
	struct {
		long type;
		char text[64];
	} message;
	ssize_t n = msgrcv((int)fact_number("MSG_ID"), &message,
	    sizeof message.text, 0, IPC_NOWAIT);

	if (n == -1 && errno == EINVAL)
		return contained("EINVAL: no such queue");
	return judge(n, "a message");
}

static enum verdict
change_semaphore(void)
{
	struct sembuf step = {0, 1, IPC_NOWAIT};
	int n = semop((int)fact_number("SEM_ID"), &step, 1);

	if (n == -1 && errno == EINVAL)
		return contained("EINVAL: no such semaphore");
	return judge(n, "a semaphore");
}

static enum verdict
open_queue(void)
{
	return judge(mq_open(fact("MQ_NAME"), O_RDONLY | O_NONBLOCK),
	    "its message queue");
}

/* For the next build of the same user to find: nothing else would clear it. */
static enum verdict
leave_segment(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	if (id != -1)
		(void)shmctl(id, IPC_RMID, NULL);
	return judge(id, "a segment that stays");
}

static enum verdict
leave_key(void)
{
	return judge(
	    syscall(SYS_add_key, "user", "hostile", "x", 1, USER_KEYRING),
	    "a key that the next build finds");
}

static enum verdict
read_key(void)
{
	char text[64];

	return judge(syscall(SYS_keyctl, KEYCTL_READ, fact_number("KEY_ID"),
			 text, sizeof text),
	    "the key");
}

static enum verdict
find_key(void)
{
	return judge(syscall(SYS_keyctl, KEYCTL_SEARCH, USER_KEYRING, "user",
			 fact("KEY_NAME"), 0),
	    "the key");
}

/* A listener and who connects to it, on a loopback of our own. */
static int
talk_to_itself(int ends[2])
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (listener == -1 || ends[0] == -1 || listen(listener, 1) == -1 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) == -1 ||
	    connect(ends[0], (struct sockaddr *)&address, length) == -1)
		return -1;
	ends[1] = accept(listener, NULL, NULL);
	(void)close(listener);
	return ends[1] == -1 ? -1 : 0;
}

static int
talk(void)
{
	int ends[2];
	char byte;

	if (talk_to_itself(ends) == -1 || write(ends[0], "x", 1) != 1)
		return -1;
	return read(ends[1], &byte, 1) == 1 ? 0 : -1;
}

/* The first datagram goes out; that nobody had it comes back with the next. */
static enum verdict
reach_udp_twice(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons((in_port_t)fact_number("UDP_PORT"))};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof address) ==
		-1 ||
	    write(fd, "x", 1) != 1)
		return broken("no socket");
	return judge(write(fd, "x", 1), "a datagram");
}

static int
reach_address(int family, int type, const char *text)
{
	struct sockaddr_in four = {
	    .sin_family = AF_INET, .sin_port = htons(53)};
	struct sockaddr_in6 six = {
	    .sin6_family = AF_INET6, .sin6_port = htons(53)};
	bool is_four = family == AF_INET;
	const int yes = 1;
	int fd = socket(family, type | SOCK_NONBLOCK, 0);

	if (inet_pton(family, text,
		is_four ? (void *)&four.sin_addr : (void *)&six.sin6_addr) != 1)
		return 0;
	(void)setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
	if (connect(fd,
		is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six,
		is_four ? sizeof four : sizeof six) == -1)
		return errno == EINPROGRESS ? 0 : -1;
	return (int)write(fd, "x", 1);
}

static enum verdict
reach_outside(void)
{
	static const struct {
		int family;
		const char *address;
	} places[] = {{AF_INET, "192.0.2.1"}, {AF_INET, "10.0.0.1"},
	    {AF_INET, "169.254.169.254"}, {AF_INET, "224.0.0.1"},
	    {AF_INET, "255.255.255.255"}, {AF_INET6, "2001:db8::1"},
	    {AF_INET6, "fe80::1"}, {AF_INET6, "ff02::1"}};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++)
			if (reach_address(places[i].family, type,
				places[i].address) != -1)
				return leaked(places[i].address);
	return contained(strerrorname_np(errno));
}

static enum verdict
open_every_family(void)
{
	static const int types[] = {
	    SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET};

	for (int family = 0; family < 64; family++)
		for (size_t i = 0; i < sizeof types / sizeof *types; i++)
			if (family != AF_UNIX && family != AF_INET &&
			    family != AF_INET6 &&
			    (socket(family, types[i], 0) != -1 ||
				errno != EPERM))
				return leaked("a socket of another family");
	return judge(syscall(SYS_socket, AF_NETLINK | 1UL << 32, SOCK_RAW, 0),
	    "netlink by high bits");
}

static enum verdict
open_every_protocol(void)
{
	static const int families[] = {AF_INET, AF_INET6};

	for (int i = 0; i < 2; i++)
		for (int type = 0; type < 16; type++)
			for (int protocol = 0; protocol < 300; protocol++) {
				int fd = socket(families[i], type, protocol);
				bool is_plain =
				    (type == SOCK_STREAM &&
					(protocol == 0 ||
					    protocol == IPPROTO_TCP)) ||
				    (type == SOCK_DGRAM &&
					(protocol == 0 ||
					    protocol == IPPROTO_UDP));
				if (fd != -1 && !is_plain)
					return leaked("another protocol");
				if (fd != -1)
					(void)close(fd);
			}
	return judge(socket(AF_INET, SOCK_STREAM, 262), "MPTCP");
}

/* Pinned memory, IPsec, TLS in the kernel; then what privileges give. */
static enum verdict
set_options(void)
{
	enum { ENCAPSULATE = 100, PROTOCOL = 31, REPAIR = 19, REPLACE = 64 };
	static const struct {
		int type, level, option;
	} options[] = {{SOCK_STREAM, SOL_SOCKET, SO_ZEROCOPY},
	    {SOCK_DGRAM, IPPROTO_UDP, ENCAPSULATE},
	    {SOCK_STREAM, IPPROTO_TCP, PROTOCOL},
	    {SOCK_STREAM, SOL_SOCKET, SO_SNDBUFFORCE},
	    {SOCK_STREAM, SOL_SOCKET, SO_RCVBUFFORCE},
	    {SOCK_STREAM, SOL_SOCKET, SO_MARK},
	    {SOCK_STREAM, IPPROTO_TCP, REPAIR},
	    {SOCK_STREAM, IPPROTO_IP, IP_TRANSPARENT},
	    {SOCK_STREAM, IPPROTO_IP, REPLACE}};
	union {
		int yes;
		char bytes[256];
	} value = {1};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		int fd = socket(AF_INET, options[i].type, 0);
		if (options[i].option == PROTOCOL)
			strcpy(value.bytes, "tls");
		else
			value.yes = 1;
		if (setsockopt(fd, options[i].level, options[i].option, &value,
			i == 2 ? 3 : sizeof value) != -1)
			return leaked("an option");
		if (errno != EPERM && errno != ENOPROTOOPT)
			return broken(strerrorname_np(errno));
	}
	return contained("EPERM");
}

/* What /proc/net/unix lists before we have made one. */
static enum verdict
reach_own_names(void)
{
	char line[400], name[100];
	FILE *list = fopen("/proc/net/unix", "r");
	int count = 0;

	if (list == NULL)
		return judge(-1, NULL);
	while (fgets(line, sizeof line, list) != NULL) {
		struct sockaddr_un address;
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %99s", name) !=
			1 ||
		    strcmp(name, "Path") == 0)
			continue;
		count++;
		socklen_t length = unix_address(&address, name);
		for (int type = SOCK_STREAM; type <= SOCK_SEQPACKET; type++)
			if (connect(socket(AF_UNIX, type, 0),
				(const struct sockaddr *)&address, length) == 0)
				return leaked(name);
	}
	return contained(count == 0 ? "none has a name" : "none answers");
}

static bool
can_take(int process, int number)
{
	int pidfd = (int)syscall(SYS_pidfd_open, process, 0);
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd/%d", process, number);
	bool can =
	    (pidfd != -1 && syscall(SYS_pidfd_getfd, pidfd, number, 0) != -1) ||
	    (number > 2 && open(path, O_RDWR) != -1);
	int saved = errno;
	(void)close(pidfd);
	errno = saved;
	return can;
}

/* The processes of the sandbox that are not ours are its first ones. */
static enum verdict
take_own_sockets(void)
{
	for (int process = 1; process < getpid(); process++)
		for (int number = 0; number < 64; number++)
			if (can_take(process, number))
				return leaked("a descriptor");
	return judge(-1, NULL);
}

/* As much as the buffers of connections that nobody reads from hold. */
static enum verdict
fill_connections(void)
{
	static char block[1 << 16];
	const long most = 40L << 20;
	long total = 0;

	for (int i = 0; i < 60 && total < most; i++) {
		int ends[2];
		ssize_t n;
		if (talk_to_itself(ends) == -1)
			return broken("no connection");
		while ((n = send(ends[0], block, sizeof block,
			    MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
			total += n;
	}
	return total < most ? contained("less than 40 MiB") :
			      leaked("40 MiB of the kernel's memory");
}

const struct attack attacks_on_network[] = {
    {"local-udp", talk, reach_udp_twice},
    {"local-outside", talk, reach_outside},
    {"local-families", talk, open_every_family},
    {"local-protocols", talk, open_every_protocol},
    {"local-options", talk, set_options},
    {"local-names", talk, reach_own_names},
    {"local-descriptors", talk, take_own_sockets},
    {"local-tcp-memory", talk, fill_connections},
    {"tcp", make_pair, reach_tcp},
    {"udp", make_pair, reach_udp},
    {"dns", make_pair, reach_dns},
    {"listen", make_pair, listen_tcp},
    {"raw-socket", make_pair, open_raw},
    {"netlink", make_pair, open_netlink},
    {"vsock", make_pair, open_vsock},
    {"kernel-crypto", make_pair, open_crypto},
    {"rare-families", make_pair, open_rare},
    {"unix-path", make_pair, reach_path},
    {"unix-abstract", make_pair, reach_abstract},
    {"unix-from-pair", make_pair, reach_from_pair},
    {"sysv-memory", write_in_target, attach_memory},
    {"sysv-message", write_in_target, receive_message},
    {"sysv-semaphore", write_in_target, change_semaphore},
    {"sysv-leave", write_in_target, leave_segment},
    {"message-queue", write_in_target, open_queue},
    {"key-read", write_in_target, read_key},
    {"key-find", write_in_target, find_key},
    {"key-leave", write_in_target, leave_key},
    {0},
};
