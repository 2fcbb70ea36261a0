/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of every family, and what System V and POSIX share by name. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <stddef.h>
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

const struct attack attacks_on_network[] = {
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
