// SPDX-License-Identifier: GPL-2.0
/*
 * Leasequeries by address, as fast as they are answered, and what they are
 * compared with.
 *
 *   ask query SERVER GIADDR FIRST N COUNT  asks for COUNT random addresses of
 *                                          the N from FIRST on; prints how many
 *                                          were answered ACTIVE, and nanoseconds
 *   ask echo ADDRESS                       sends back what comes to port 67,
 *                                          once it has said "ready"
 *
 * Both read and write many datagrams by one system call.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH		32
/* Queries that are unanswered at a time. */
#define WINDOW		256
#define QUERY_LEN	300
#define ROOM		1500
#define BUFFER		(8 << 20)
#define PATIENCE_MS	2000

static unsigned char data[BATCH][ROOM];
static struct iovec iov[BATCH];
static struct sockaddr_in peer[BATCH];
static struct mmsghdr msgs[BATCH];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in at_67(const char *text)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(67),
	};

	if (inet_pton(AF_INET, text, &sin.sin_addr) != 1)
		die(text);
	return sin;
}

static int bound(const char *text)
{
	struct sockaddr_in sin = at_67(text);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = BUFFER;

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static void rooms(size_t len)
{
	int i;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], len };
		msgs[i].msg_hdr = (struct msghdr){
			.msg_iov = &iov[i], .msg_iovlen = 1,
			.msg_name = &peer[i],
			.msg_namelen = sizeof(peer[i]),
		};
	}
}

static int echo(const char *here)
{
	int fd = bound(here), i, n;

	puts("ready");
	fflush(stdout);
	for (;;) {
		rooms(ROOM);
		n = recvmmsg(fd, msgs, BATCH, MSG_WAITFORONE, NULL);
		if (n < 0)
			die("recvmmsg");
		for (i = 0; i < n; i++)
			iov[i].iov_len = msgs[i].msg_len;
		if (sendmmsg(fd, msgs, n, 0) < 0)
			die("sendmmsg");
	}
}

/* As leasegleand asks: RFC 4388, 6.2. */
static void query(unsigned char *p, uint32_t xid, uint32_t addr,
		  struct in_addr giaddr)
{
	static const unsigned char options[] = {
		99, 130, 83, 99, 53, 1, 10,
		55, 7, 51, 54, 58, 59, 61, 82, 91, 255,
	};

	memset(p, 0, QUERY_LEN);
	p[0] = 1;
	p[3] = 16;
	xid = htonl(xid);
	addr = htonl(addr);
	memcpy(p + 4, &xid, 4);
	memcpy(p + 12, &addr, 4);
	memcpy(p + 24, &giaddr, 4);
	memcpy(p + 236, options, sizeof(options));
}

static int send_some(int fd, const struct sockaddr_in *to, uint32_t xid,
		     int n, uint32_t first, uint32_t of, struct in_addr giaddr)
{
	int i;

	rooms(QUERY_LEN);
	for (i = 0; i < n; i++) {
		peer[i] = *to;
		query(data[i], xid + i, first + random() % of, giaddr);
	}
	n = sendmmsg(fd, msgs, n, 0);
	if (n < 0)
		die("sendmmsg");
	return n;
}

/* An ACTIVE in a BOOTREPLY, or one's own words. */
static int counts(const unsigned char *p, unsigned int len)
{
	return len >= QUERY_LEN && p[240] == 53 &&
	       ((p[0] == 2 && p[242] == 13) || (p[0] == 1 && p[242] == 10));
}

static int ask(char **argv)
{
	struct sockaddr_in to = at_67(argv[0]), from = at_67(argv[1]);
	uint32_t first = strtoul(argv[2], NULL, 0);
	uint32_t of = strtoul(argv[3], NULL, 0);
	long count = atol(argv[4]), sent = 0, got = 0, good = 0;
	struct pollfd fd = { .fd = bound(argv[1]), .events = POLLIN };
	struct timespec begin, end;
	int i, n;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (got < count) {
		while (sent < count && sent - got <= WINDOW - BATCH) {
			n = count - sent < BATCH ? count - sent : BATCH;
			sent += send_some(fd.fd, &to, sent, n, first, of,
					  from.sin_addr);
		}
		if (poll(&fd, 1, PATIENCE_MS) <= 0) {
			fprintf(stderr, "%ld of %ld are not answered\n",
				sent - got, sent);
			return 1;
		}
		rooms(ROOM);
		n = recvmmsg(fd.fd, msgs, BATCH, MSG_DONTWAIT, NULL);
		for (i = 0; i < n; i++)
			good += counts(data[i], msgs[i].msg_len);
		got += n > 0 ? n : 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%ld %lld\n", good, (end.tv_sec - begin.tv_sec) * 1000000000LL +
	       end.tv_nsec - begin.tv_nsec);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "echo"))
		return echo(argv[2]);
	if (argc == 7 && !strcmp(argv[1], "query"))
		return ask(argv + 2);
	fprintf(stderr, "usage: see ask.c\n");
	return 2;
}
