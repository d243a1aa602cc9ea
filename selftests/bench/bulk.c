// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk leasequery (RFC 6926) by who does nothing with what comes: reads the
 * messages of one query and counts them.
 *
 *   bulk SERVER SOURCE REMOTE-ID  asks SERVER's port 67 from SOURCE for all
 *                                 leases of a remote-id, which is text; prints
 *                                 how many there were, and nanoseconds from
 *                                 before connect() to the end of it
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Of a query, and of one read. */
#define QUERY_ROOM	640
#define READ_BYTES	65536
/* What stands before each message, and up to the value of option 53. */
#define LENGTH		2
#define TYPE		242
#define MESSAGE_MAX	65535
/* Option 53: DHCPBULKLEASEQUERY, DHCPLEASEACTIVE, DHCPLEASEQUERYDONE. */
#define BULKLEASEQUERY	14
#define LEASEACTIVE	13
#define LEASEQUERYDONE	15

static unsigned char in[LENGTH + MESSAGE_MAX + READ_BYTES];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in at(const char *text, uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};

	if (inet_pton(AF_INET, text, &sin.sin_addr) != 1)
		die(text);
	return sin;
}

static int connected(const char *server, const char *source)
{
	struct sockaddr_in to = at(server, 67), from = at(source, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	return fd;
}

/* As leasegleand asks: RFC 6926, 7.2. Returns its length. */
static size_t query(unsigned char *buf, const char *remote_id)
{
	static const unsigned char options[] = {
		99, 130, 83, 99, 53, 1, BULKLEASEQUERY,
		55, 6, 51, 61, 82, 91, 152, 157,
		82,
	};
	unsigned char *message = buf + LENGTH, *p = message + 236;
	size_t id_len = strlen(remote_id);

	memset(buf, 0, QUERY_ROOM);
	message[0] = 1;
	message[7] = 1;
	memcpy(p, options, sizeof(options));
	p += sizeof(options);
	*p++ = 2 + id_len;
	*p++ = 2;
	*p++ = id_len;
	memcpy(p, remote_id, id_len);
	p += id_len;
	*p++ = 255;
	buf[0] = (p - message) >> 8;
	buf[1] = (p - message) & 255;
	return p - buf;
}

/*
 * Takes the messages that are whole from the first @len bytes; returns how
 * many bytes they were. @left is set to false by the last one.
 */
static size_t count(size_t len, long *leases, int *left)
{
	size_t pos = 0, n;

	while (*left && len - pos >= LENGTH) {
		n = (size_t)in[pos] << 8 | in[pos + 1];
		if (len - pos < LENGTH + n)
			break;
		if (n <= TYPE || in[pos + LENGTH + TYPE - 2] != 53) {
			fprintf(stderr, "no DHCP message\n");
			exit(1);
		}
		*leases += in[pos + LENGTH + TYPE] == LEASEACTIVE;
		*left = in[pos + LENGTH + TYPE] != LEASEQUERYDONE;
		pos += LENGTH + n;
	}
	return pos;
}

static long read_all(int fd)
{
	size_t len = 0, done;
	long leases = 0;
	ssize_t n;
	int left = 1;

	while (left) {
		n = recv(fd, in + len, READ_BYTES, 0);
		if (n <= 0)
			die("receive");
		len += n;
		done = count(len, &leases, &left);
		memmove(in, in + done, len - done);
		len -= done;
	}
	return leases;
}

int main(int argc, char **argv)
{
	unsigned char buf[QUERY_ROOM];
	struct timespec begin, end;
	ssize_t len;
	long leases;
	int fd;

	if (argc != 4 || strlen(argv[3]) > 253) {
		fprintf(stderr, "usage: bulk SERVER SOURCE REMOTE-ID\n");
		return 2;
	}
	len = query(buf, argv[3]);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	fd = connected(argv[1], argv[2]);
	if (send(fd, buf, len, 0) != len)
		die("send");
	leases = read_all(fd);
	clock_gettime(CLOCK_MONOTONIC, &end);
	close(fd);
	printf("%ld %lld\n", leases,
	       (end.tv_sec - begin.tv_sec) * 1000000000LL +
	       end.tv_nsec - begin.tv_nsec);
	return 0;
}
