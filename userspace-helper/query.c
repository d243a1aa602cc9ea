// SPDX-License-Identifier: GPL-2.0
/*
 * Sends DHCPLEASEQUERY messages. One socket for each address that is asked
 * from, bound to an ephemeral port: servers answer to giaddr:67 whatever the
 * source port is, the module takes the answer from there, and port 67 stays
 * with the relay agent. Nothing is ever received here.
 */
#include "query.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <uthash.h>

#include "../module/dhcp.h"
#include "clock.h"
#include "config.h"

/* Relay agents drop what has come this far, so none relays a query again. */
#define QUERY_HOPS	16
#define SOCKETS_MAX	128
#define BIND_TRIES	8
#define RETRY_SECONDS	0.25

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

/* Where a socket is bound. No padding: it is hashed as bytes. */
struct source {
	__be32 giaddr;
	uint32_t vrf;
};

struct query_socket {
	struct source source;
	int fd;			/* negative errno when there is none now */
	double retry;		/* when to try to make one again */
	UT_hash_handle hh;
};

static struct query_socket *sockets;

static void query_socket_close(struct query_socket *s)
{
	HASH_DEL(sockets, s);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static int receive_nothing(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &drop };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			  sizeof(prog));
}

/* The ephemeral range is the operator's to set, down to where DHCP lives. */
static int port_is_free_of_dhcp(int fd)
{
	struct sockaddr_in sin = { 0 };
	socklen_t len = sizeof(sin);

	if (getsockname(fd, (struct sockaddr *)&sin, &len) < 0)
		return -errno;
	switch (ntohs(sin.sin_port)) {
	case LG_DHCP_SERVER_PORT:
	case LG_DHCP_CLIENT_PORT:
		return -EADDRINUSE;
	default:
		return 0;
	}
}

static int bound_socket(__be32 giaddr, uint32_t device)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_addr.s_addr = giaddr,
	};
	int index = (int)device, err;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if ((device && setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index,
				  sizeof(index)) < 0) ||
	    receive_nothing(fd) < 0 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		err = -errno;
	else
		err = port_is_free_of_dhcp(fd);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/*
 * The relay agent of a VRF may live in it or outside of it: an address of
 * the VRF is preferred, then one of the default table.
 */
static int source_socket(const struct source *source)
{
	int tries, fd = -EADDRINUSE;

	for (tries = 0; tries < BIND_TRIES && fd == -EADDRINUSE; tries++) {
		fd = bound_socket(source->giaddr, source->vrf);
		if (source->vrf && (fd == -EADDRNOTAVAIL || fd == -ENODEV))
			fd = bound_socket(source->giaddr, 0);
	}
	return fd;
}

static struct query_socket *query_socket_new(const struct source *source)
{
	struct query_socket *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	/* The oldest is first in the hash's order. */
	if (HASH_COUNT(sockets) >= SOCKETS_MAX)
		query_socket_close(sockets);
	s->source = *source;
	s->fd = -EADDRNOTAVAIL;
	HASH_ADD(hh, sockets, source, sizeof(s->source), s);
	return s;
}

/* The socket for @source, or why there is none now. */
static int query_socket_get(const struct source *source,
			    struct query_socket **found)
{
	struct query_socket *s;

	HASH_FIND(hh, sockets, source, sizeof(*source), s);
	if (!s)
		s = query_socket_new(source);
	if (!s)
		return -ENOMEM;
	if (s->fd < 0 && clock_now() >= s->retry) {
		s->fd = source_socket(source);
		s->retry = clock_now() + RETRY_SECONDS;
	}
	*found = s;
	return s->fd < 0 ? s->fd : 0;
}

/**
 * query_source() - can a query be sent from an address?
 * @vrf: interface index of the VRF that is asked for, or 0
 * @giaddr: the address
 *
 * Return: 0, or a negative errno: try again later.
 */
int query_source(uint32_t vrf, __be32 giaddr)
{
	struct source source = { .giaddr = giaddr, .vrf = vrf };
	struct query_socket *s;

	return query_socket_get(&source, &s);
}

/**
 * query_send() - ask a server, in its dialect
 * @vrf: interface index of the VRF that is asked from, or 0
 * @giaddr: an address of this host, that the answer goes to
 * @server: who is asked
 * @xid: transaction id, host order
 * @query: what
 *
 * Return: 0; -EADDRNOTAVAIL when @giaddr is not an address of this host now;
 * another negative errno when the server cannot be reached now.
 */
int query_send(uint32_t vrf, __be32 giaddr, __be32 server, uint32_t xid,
	       const struct query *query)
{
	struct source source = { .giaddr = giaddr, .vrf = vrf };
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(LG_DHCP_SERVER_PORT),
		.sin_addr.s_addr = server,
	};
	uint8_t options[DIALECT_OPTIONS_MAX], value[LG_OPTION_MAX];
	uint8_t buf[LG_LEASEQUERY_MAX];
	struct lg_leasequery q = query->key;
	const struct auth *auth = config_auth(server);
	struct query_socket *s;
	int len, err;

	q.xid = htonl(xid);
	q.giaddr = giaddr;
	q.hops = QUERY_HOPS;
	err = query_socket_get(&source, &s);
	if (err)
		return err;
	err = dialect_ask(config_dialect(server), &q, options);
	if (err)
		return err;
	if (query->all)
		dialect_ask_all(config_dialect(server), &q, options);
	q.auth = value;
	q.auth_len = auth_option(auth, value);
	len = lg_leasequery_build(buf, sizeof(buf), &q);
	if (len < 0)
		return len;
	auth_sign(auth, buf, (size_t)len);
	if (sendto(s->fd, buf, (size_t)len, 0, (struct sockaddr *)&to,
		   sizeof(to)) >= 0)
		return 0;
	err = -errno;
	/*
	 * Addresses and VRFs go and come back under the same name: bind anew.
	 * EINVAL is how a route is refused to an address that went.
	 */
	if (err != -EAGAIN && err != -ENOBUFS)
		query_socket_close(s);
	return err == -EINVAL || err == -ENODEV ? -EADDRNOTAVAIL : err;
}

void query_close_all(void)
{
	while (sockets)
		query_socket_close(sockets);
}
