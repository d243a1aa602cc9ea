// SPDX-License-Identifier: GPL-2.0
/*
 * The connections of bulk leasequery: never waited for, and read a bounded
 * part at a time, so that traffic's own questions have their turn.
 */
#include "bulk_io.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ev.h>

#include "bulk_peer.h"

#define READ_BYTES	65536
/*
 * A host that has gone once it had the query is seen in a minute, and asked
 * again when it is back.
 */
#define KEEPALIVE_IDLE	20
#define KEEPALIVE_EACH	10
#define KEEPALIVE_TRIES	4

/**
 * struct bulk_io - one connection
 * @w: libev's own
 * @peer: told of what happens
 * @open: the connection stands
 */
struct bulk_io {
	ev_io w;
	struct bulk_peer *peer;
	bool open;
};

static void on_connected(struct bulk_io *io)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (getsockopt(io->w.fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if (err) {
		bulk_closed(io->peer, -err);
		return;
	}
	io->open = true;
	ev_io_stop(EV_DEFAULT, &io->w);
	ev_io_set(&io->w, io->w.fd, EV_READ);
	ev_io_start(EV_DEFAULT, &io->w);
	bulk_connected(io->peer);
}

static void on_event(struct ev_loop *loop, ev_io *w, int revents)
{
	static uint8_t bytes[READ_BYTES];
	struct bulk_io *io = w->data;
	ssize_t n;

	(void)loop;
	(void)revents;
	if (!io->open) {
		on_connected(io);
		return;
	}
	n = recv(w->fd, bytes, sizeof(bytes), 0);
	if (n > 0)
		bulk_data(io->peer, bytes, (size_t)n);
	else if (!n)
		bulk_closed(io->peer, 0);
	else if (errno != EAGAIN && errno != EINTR)
		bulk_closed(io->peer, -errno);
}

static int keep_alive(int fd)
{
	static const struct {
		int level, name, value;
	} set[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE },
		{ IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_EACH },
		{ IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_TRIES },
	};
	size_t i;

	for (i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		if (setsockopt(fd, set[i].level, set[i].name, &set[i].value,
			       sizeof(set[i].value)) < 0)
			return -errno;
	return 0;
}

static int connect_from(int fd, __be32 server, uint16_t port, __be32 from)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = server,
	};
	struct sockaddr_in own = {
		.sin_family = AF_INET, .sin_addr.s_addr = from,
	};

	if (from && bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	return 0;
}

/**
 * bulk_io_open() - begin to connect
 * @peer: told by bulk_connected(), bulk_data() and bulk_closed(), from the loop
 * @server: to whom
 * @port: TCP port
 * @from: address of this host, 0 for any
 * @err: why not
 *
 * Return: the connection, or NULL.
 */
struct bulk_io *bulk_io_open(struct bulk_peer *peer, __be32 server,
			     uint16_t port, __be32 from, int *err)
{
	struct bulk_io *io = calloc(1, sizeof(*io));
	int fd;

	*err = -ENOMEM;
	if (!io)
		return NULL;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*err = fd < 0 ? -errno : keep_alive(fd);
	if (!*err)
		*err = connect_from(fd, server, port, from);
	if (*err) {
		if (fd >= 0)
			close(fd);
		free(io);
		return NULL;
	}
	io->peer = peer;
	ev_io_init(&io->w, on_event, fd, EV_WRITE);
	io->w.data = io;
	ev_io_start(EV_DEFAULT, &io->w);
	return io;
}

/* A query fits into the empty buffer of a new connection, or it is broken. */
int bulk_io_send(struct bulk_io *io, const uint8_t *bytes, size_t len)
{
	ssize_t n = send(io->w.fd, bytes, len, MSG_NOSIGNAL);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EPIPE;
}

void bulk_io_close(struct bulk_io *io)
{
	ev_io_stop(EV_DEFAULT, &io->w);
	close(io->w.fd);
	free(io);
}
