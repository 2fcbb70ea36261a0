/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which order the hosts of a connection string are tried. libpq goes on to
 * the next of them when one refuses; when one is silent, only connect_timeout
 * makes it go on, which has no effect on a connection that does not block.
 * So after such an attempt the next one begins with another host.
 */
#ifndef DATABASE_HOSTS_H
#define DATABASE_HOSTS_H

#include <libpq-fe.h>

/* Parameters of the next attempt; zero, to begin with: as the string says. */
struct database_hosts {
	char *host, *hostaddr, *port;
	int count; /* of the hosts, once it was turned */
};

/* The order of that attempt, with its first host last. */
void database_hosts_turn(struct database_hosts *hosts, PGconn *attempt);

void database_hosts_free(struct database_hosts *hosts);

#endif
