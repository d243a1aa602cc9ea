// SPDX-License-Identifier: GPL-2.0
/*
 * The reader, the writer and the results of procfs.sh.
 *
 *   procfs ROWS ROUNDS [NETLINK-ROWS]
 *
 * While the table changes, netlink dumps NETLINK-ROWS of it, or all.
 *
 * All that a row says follows from its number and one bit, so that a row that
 * is torn, or of two leases, shows. Even numbers are there all the time: every
 * other one of them changes, its bit that is. Odd ones come, change and go.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "leaseglean.h"

#define LEASES		"/proc/thread-self/net/leaseglean/leases"
#define STATS		"/proc/thread-self/net/leaseglean/stats"
#define FIRST		0x64400000u	/* 100.64.0.0 */
#define ROWS_MAX	2000000
#define MESSAGE_MAX	65536
#define ROOM		256	/* of one lease in a message, at most */
#define WINDOW		200	/* numbers that change at a time */
#define AHEAD		2000	/* of the reader, at most */
#define CHANGES_MIN	1000	/* while it is read */
#define TURNS		200	/* of the writer, while all is read once */
#define PATIENCE	300	/* s */

struct row {
	uint8_t mac[6];
	uint32_t giaddr;	/* host order, as server */
	uint32_t server;
	uint8_t agent[32];
	unsigned int agent_len;
	unsigned int circuit_len;
	uint8_t client[16];
	unsigned int client_len;
};

/* What one look at the whole table found. */
struct look {
	unsigned int rows;
	unsigned int passing;	/* odd ones */
	unsigned int changed;	/* with the bit set */
	unsigned int bad;
	char why[512];		/* of the first bad one */
	int64_t last;		/* number of the row before */
};

/* With the writer. */
static struct {
	_Atomic uint32_t at;	/* the number last read */
	_Atomic unsigned long changes;
} *shared;

/*
 * A byte for each turn of the writer. Left to itself it would take as much of
 * an emulated processor as the reader, for changes that nobody needs.
 */
static int turns[2];

static struct mnl_socket *sock;
static unsigned int portid;
static uint16_t family;
static char out[MESSAGE_MAX];
static char in[4 * MESSAGE_MAX];
static unsigned int numbers;	/* even and odd ones */
static uint8_t *seen;
static struct look look;
static int results, failures;

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void result(bool holds, const char *name, const char *detail)
{
	printf("%sok %d %s\n", holds ? "" : "not ", ++results, name);
	if (!holds) {
		failures++;
		printf("# %s\n", detail);
	}
	fflush(stdout);
}

/* ---------------------------------------------------------------- rows */

static bool stays(uint32_t number)
{
	return !(number & 1);
}

static bool may_change(uint32_t number)
{
	return number & 3;
}

static void fill(uint8_t *to, unsigned int len, uint32_t number, bool bit)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		to[i] = (number >> (8 * (i & 3))) ^ (bit ? 0xff : 0) ^ i;
}

/* Lengths follow from the number too, for a row's place in a page to vary. */
static void row_make(struct row *row, uint32_t number, bool bit)
{
	unsigned int remote_len = 1 + number % 7 + 5 * bit;

	row->mac[0] = 2;
	row->mac[1] = bit;
	fill(row->mac + 2, 4, number, bit);
	row->giaddr = 0x0a000000 + number + (bit << 23);
	row->server = 0xac000000 + number + (bit << 23);
	row->circuit_len = 4;
	row->agent[0] = 1;
	row->agent[1] = row->circuit_len;
	fill(row->agent + 2, row->circuit_len, number, bit);
	row->agent[6] = 2;
	row->agent[7] = remote_len;
	fill(row->agent + 8, remote_len, number + 1, bit);
	row->agent_len = 8 + remote_len;
	row->client_len = 7 - bit;
	fill(row->client, row->client_len, number + 2, bit);
}

static char *text_hex(char *to, const uint8_t *from, unsigned int len,
		      bool colons)
{
	static const char digit[] = "0123456789abcdef";

	while (len--) {
		*to++ = digit[*from >> 4];
		*to++ = digit[*from++ & 15];
		if (colons && len)
			*to++ = ':';
	}
	*to++ = ' ';
	return to;
}

static char *text_addr(char *to, uint32_t addr)
{
	unsigned int byte;
	int shift;

	for (shift = 24; shift >= 0; shift -= 8) {
		byte = (addr >> shift) & 255;
		if (byte >= 100)
			*to++ = '0' + byte / 100;
		if (byte >= 10)
			*to++ = '0' + byte / 10 % 10;
		*to++ = '0' + byte % 10;
		*to++ = shift ? '.' : ' ';
	}
	return to;
}

static char *text_word(char *to, const char *word)
{
	return stpcpy(to, word);
}

/* The line that procfs must print. */
static size_t row_text(char *text, uint32_t number, bool bit)
{
	struct row row;
	char *to = text;

	row_make(&row, number, bit);
	to = text_addr(to, FIRST + number);
	to = text_word(to, "active static ");
	to = text_hex(to, row.mac, sizeof(row.mac), true);
	to = text_word(to, "- - ");
	to = text_addr(to, row.giaddr);
	to = text_addr(to, row.server);
	to = text_word(to, "never ");
	to = text_hex(to, row.agent + 2, row.circuit_len, false);
	to = text_hex(to, row.agent + 8, row.agent_len - 8, false);
	to = text_hex(to, row.client, row.client_len, false);
	to = text_word(to, "-");
	return to - text;
}

/* ------------------------------------------------------------- looking */

static void look_start(void)
{
	memset(&look, 0, sizeof(look));
	look.last = -1;
	memset(seen, 0, numbers);
}

__attribute__((format(printf, 1, 2)))
static void look_bad(const char *format, ...)
{
	va_list args;

	if (look.bad++)
		return;
	va_start(args, format);
	vsnprintf(look.why, sizeof(look.why), format, args);
	va_end(args);
}

/* Full, the writer has turns enough. */
static void turn_give(void)
{
	if (write(turns[1], "", 1) < 0 && errno != EAGAIN)
		die("pipe");
}

/* A row that is what one of that number and bit is. */
static void look_row(uint32_t number, bool bit)
{
	look.rows++;
	look.passing += !stays(number);
	look.changed += bit;
	if (seen[number]++)
		look_bad("number %u is seen again", number);
	if (number <= look.last)
		look_bad("number %u after %lld", number, (long long)look.last);
	look.last = number;
	shared->at = number;
	if (look.rows % (numbers / 2 / TURNS + 1) == 0)
		turn_give();
}

static bool number_of(uint32_t addr, uint32_t *number)
{
	*number = addr - FIRST;
	return *number < numbers;
}

static void look_line(const char *line, size_t len)
{
	uint32_t number, addr = 0;
	char text[512];
	int dots = 0, bit;
	unsigned int byte = 0;
	const char *c;

	for (c = line; c < line + len && *c != ' '; c++) {
		if (*c != '.') {
			byte = byte * 10 + (*c - '0');
			continue;
		}
		addr = addr << 8 | byte;
		byte = 0;
		dots++;
	}
	addr = addr << 8 | byte;
	if (dots != 3 || !number_of(addr, &number)) {
		look_bad("no such row: '%.*s'", (int)len, line);
		return;
	}
	for (bit = 0; bit <= may_change(number); bit++) {
		if (row_text(text, number, bit) == len &&
		    !memcmp(text, line, len)) {
			look_row(number, bit);
			return;
		}
	}
	look_bad("torn or wrong: '%.*s'", (int)len, line);
}

/* None that stays was missed, and nothing is wrong. */
static bool look_good(void)
{
	unsigned int number;

	for (number = 0; number < numbers; number += 2)
		if (!seen[number])
			look_bad("number %u is missing", number);
	return !look.bad;
}

static void look_end(const char *name)
{
	char detail[sizeof(look.why) + 32];
	bool good = look_good();

	snprintf(detail, sizeof(detail), "%u are wrong; %s", look.bad,
		 look.why);
	result(good, name, detail);
}

/* Reads of many sizes: a row may end in any of them, and does. */
static void look_procfs(void)
{
	static const size_t sizes[] = { 65536, 777, 4096, 128, 16384, 3 };
	static char text[2 * 65536];
	char *line, *end;
	size_t have = 0;
	bool header = true;
	unsigned int turn = 0;
	ssize_t len;
	int fd;

	look_start();
	fd = open(LEASES, O_RDONLY);
	if (fd < 0)
		die(LEASES);
	while ((len = read(fd, text + have, sizes[turn++ % 6])) > 0) {
		have += len;
		line = text;
		while ((end = memchr(line, '\n', text + have - line))) {
			if (!header)
				look_line(line, end - line);
			header = false;
			line = end + 1;
		}
		have = text + have - line;
		memmove(text, line, have);
	}
	if (len < 0)
		die("read");
	if (have)
		look_bad("half a line at the end: '%.*s'", (int)have, text);
	close(fd);
}

/* ------------------------------------------------------------- netlink */

static void open_socket(void)
{
	int size = 4 << 20;

	sock = mnl_socket_open(NETLINK_GENERIC);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_SNDBUFFORCE,
		       &size, sizeof(size)))
		die("netlink socket");
	portid = mnl_socket_get_portid(sock);
}

static struct nlmsghdr *request(char *at, uint16_t type, uint16_t flags,
				uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

/* Sends @len bytes of out[], and waits for ACK or the dump's end. */
static void transact(size_t len, mnl_cb_t cb)
{
	ssize_t got;
	int ret;

	if (mnl_socket_sendto(sock, out, len) < 0)
		die("send");
	do {
		got = mnl_socket_recvfrom(sock, in, sizeof(in));
		if (got < 0)
			die("receive");
		ret = mnl_cb_run(in, got, 0, portid, cb, NULL);
	} while (ret > 0);
	if (ret < 0)
		die("refused");
}

static int family_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static void find_family(void)
{
	struct nlmsghdr *nlh = request(out, GENL_ID_CTRL, NLM_F_ACK,
				       CTRL_CMD_GETFAMILY);

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, LEASEGLEAN_FAMILY_NAME);
	transact(nlh->nlmsg_len, family_cb);
}

static void put_lease(struct nlmsghdr *nlh, uint32_t number, bool bit)
{
	struct nlattr *nest;
	struct row row;

	row_make(&row, number, bit);
	nest = mnl_attr_nest_start(nlh, LEASEGLEAN_A_LEASES_LEASE);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR, htonl(FIRST + number));
	mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_HWADDR, sizeof(row.mac), row.mac);
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_GIADDR, htonl(row.giaddr));
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_SERVER, htonl(row.server));
	mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_AGENT_INFO, row.agent_len,
		     row.agent);
	mnl_attr_put(nlh, LEASEGLEAN_A_LEASE_CLIENT_ID, row.client_len,
		     row.client);
	mnl_attr_nest_end(nlh, nest);
}

/* Of those from @from and below @to each @step-th, in as few messages as may. */
static void put(uint32_t from, uint32_t to, uint32_t step, bool bit)
{
	struct nlmsghdr *nlh = NULL;

	for (; from < to; from += step) {
		if (!nlh)
			nlh = request(out, family, NLM_F_ACK,
				      LEASEGLEAN_CMD_LEASE_PUT);
		put_lease(nlh, from, bit);
		if (nlh->nlmsg_len + ROOM <= sizeof(out))
			continue;
		transact(nlh->nlmsg_len, NULL);
		nlh = NULL;
	}
	if (nlh)
		transact(nlh->nlmsg_len, NULL);
}

/* A message each; only the last one asks for the answer. */
static void delete(uint32_t from, uint32_t to, uint32_t step)
{
	struct nlmsghdr *nlh = NULL;
	size_t used = 0;

	for (; from < to; from += step) {
		nlh = request(out + used, family, 0, LEASEGLEAN_CMD_LEASE_DEL);
		mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ADDR,
				 htonl(FIRST + from));
		used += nlh->nlmsg_len;
	}
	if (!nlh)
		return;
	nlh->nlmsg_flags |= NLM_F_ACK;
	transact(used, NULL);
}

static void flush(void)
{
	struct nlmsghdr *nlh = request(out, family, NLM_F_ACK,
				       LEASEGLEAN_CMD_LEASE_FLUSH);

	mnl_attr_put_u32(nlh, LEASEGLEAN_A_LEASE_ORIGIN,
			 LEASEGLEAN_ORIGIN_STATIC);
	transact(nlh->nlmsg_len, NULL);
}

static bool same_u32(const struct nlattr *attr, uint32_t value)
{
	return attr && mnl_attr_get_u32(attr) == value;
}

static bool same_bytes(const struct nlattr *attr, const void *bytes, size_t len)
{
	return attr && mnl_attr_get_payload_len(attr) == len &&
	       !memcmp(mnl_attr_get_payload(attr), bytes, len);
}

static bool same_row(const struct nlattr **tb, uint32_t number, bool bit)
{
	struct row row;

	row_make(&row, number, bit);
	return same_u32(tb[LEASEGLEAN_A_LEASE_STATE],
			LEASEGLEAN_STATE_ACTIVE) &&
	       same_u32(tb[LEASEGLEAN_A_LEASE_ORIGIN],
			LEASEGLEAN_ORIGIN_STATIC) &&
	       same_u32(tb[LEASEGLEAN_A_LEASE_GIADDR], htonl(row.giaddr)) &&
	       same_u32(tb[LEASEGLEAN_A_LEASE_SERVER], htonl(row.server)) &&
	       same_bytes(tb[LEASEGLEAN_A_LEASE_HWADDR], row.mac,
			  sizeof(row.mac)) &&
	       same_bytes(tb[LEASEGLEAN_A_LEASE_AGENT_INFO], row.agent,
			  row.agent_len) &&
	       same_bytes(tb[LEASEGLEAN_A_LEASE_CLIENT_ID], row.client,
			  row.client_len) &&
	       !tb[LEASEGLEAN_A_LEASE_EXPIRES] && !tb[LEASEGLEAN_A_LEASE_PORT];
}

static int dump_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[LEASEGLEAN_A_LEASE_MAX + 1] = {};
	const struct nlattr *attr;
	uint32_t number;
	int bit;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) <= LEASEGLEAN_A_LEASE_MAX)
			tb[mnl_attr_get_type(attr)] = attr;
	attr = tb[LEASEGLEAN_A_LEASE_ADDR];
	if (!attr || !number_of(ntohl(mnl_attr_get_u32(attr)), &number)) {
		look_bad("no such row");
		return MNL_CB_OK;
	}
	for (bit = 0; bit <= may_change(number); bit++) {
		if (same_row(tb, number, bit)) {
			look_row(number, bit);
			return MNL_CB_OK;
		}
	}
	look_bad("number %u is torn or wrong", number);
	return MNL_CB_OK;
}

static void look_netlink(void)
{
	struct nlmsghdr *nlh;

	look_start();
	nlh = request(out, family, NLM_F_DUMP, LEASEGLEAN_CMD_LEASE_GET);
	transact(nlh->nlmsg_len, dump_cb);
}

/* ---------------------------------------------------------- the writer */

/* Come, change, go; and change and back, of those that stay. */
static void change(uint32_t from)
{
	uint32_t to = from + WINDOW < numbers ? from + WINDOW : numbers;

	from &= ~3u;
	put(from + 1, to, 2, false);
	put(from + 2, to, 4, true);
	put(from + 1, to, 2, true);
	delete(from + 1, to, 2);
	put(from + 2, to, 4, false);
	shared->changes += (to - from) / 4 * 8;
}

/*
 * Ahead of the reader, who gets many rows at a time; then anywhere. Turns that
 * were given during the last are one.
 */
static void churn(void)
{
	char turn[TURNS];

	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		die("prctl");
	open_socket();
	while (read(turns[0], turn, sizeof(turn)) > 0) {
		change((shared->at + random() % AHEAD) % numbers);
		change(random() % numbers);
	}
	die("pipe");
}

/* ----------------------------------------------------------- the cases */

static unsigned int active(void)
{
	unsigned int value = 0;
	char line[128];
	FILE *file = fopen(STATS, "re");

	if (!file)
		die(STATS);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "active %u", &value) == 1)
			break;
	fclose(file);
	return value;
}

static void counts_agree(const char *name)
{
	char detail[128];
	unsigned int counted = active();

	snprintf(detail, sizeof(detail), "%u are counted, %u are there",
		 counted, look.rows);
	result(counted == look.rows, name, detail);
}

static void at_rest(void)
{
	char detail[64];

	look_netlink();
	look_end("at rest, by netlink: every row once, whole and in order");
	snprintf(detail, sizeof(detail), "%u rows, not %u", look.rows,
		 numbers / 2);
	result(look.rows == numbers / 2, "they are as many as were put", detail);
	counts_agree("and as many as are counted");
}

/* A look is worth something only if enough changed while it lasted. */
static void while_it_changes(const char *by, void (*read_all)(void),
			     unsigned int rounds)
{
	unsigned long changes = 0, before, passing = 0, changed = 0;
	time_t deadline = time(NULL) + PATIENCE;
	unsigned int round = 0;
	char text[160];

	do {
		before = shared->changes;
		read_all();
		changes += shared->changes - before;
		passing += look.passing;
		changed += look.changed;
		if (!look_good())
			break;
	} while (++round < rounds ||
		 ((changes < CHANGES_MIN || !passing || !changed) &&
		  time(NULL) < deadline));
	snprintf(text, sizeof(text),
		 "by %s, while it changes: what stays once, whole and in order",
		 by);
	look_end(text);
	snprintf(text, sizeof(text),
		 "%u rounds, %lu changes; seen %lu that come and go, %lu changed",
		 round, changes, passing, changed);
	result(changes >= CHANGES_MIN && passing && changed,
	       "it did change meanwhile, and that was seen", text);
	printf("# %s\n", text);
}

/* What is there when nothing changes any more is whole, and is taken away. */
static void after_changes(void)
{
	look_netlink();
	look_end("at rest again, by netlink: every row once, whole and in order");
	counts_agree("as many as are counted");
	flush();
	look_procfs();
	result(!look.rows && !active(), "after a flush only the header is left",
	       "there are rows");
}

static pid_t writer_start(void)
{
	pid_t writer = fork();

	if (writer < 0)
		die("fork");
	if (!writer)
		churn();
	return writer;
}

static void writer_stop(pid_t writer)
{
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
}

static pid_t begin_again(pid_t writer, unsigned int rows)
{
	writer_stop(writer);
	after_changes();
	numbers = 2 * rows;
	shared->at = 0;
	put(0, numbers, 2, false);
	return writer_start();
}

int main(int argc, char **argv)
{
	unsigned int rows = argc > 1 ? atoi(argv[1]) : 0;
	unsigned int rounds = argc > 2 ? atoi(argv[2]) : 1;
	unsigned int netlink_rows = argc > 3 ? atoi(argv[3]) : rows;
	pid_t writer;

	if (!rows || rows > ROWS_MAX || !netlink_rows || netlink_rows > rows)
		return 2;
	numbers = 2 * rows;
	seen = malloc(numbers);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!seen || shared == MAP_FAILED)
		die("memory");
	if (pipe(turns) || fcntl(turns[1], F_SETFL, O_NONBLOCK))
		die("pipe");
	printf("KTAP version 1\n# %u rows\n", rows);
	fflush(stdout);
	open_socket();
	find_family();
	put(0, numbers, 2, false);
	at_rest();

	writer = writer_start();
	while_it_changes("procfs", look_procfs, rounds);
	if (netlink_rows < rows)
		writer = begin_again(writer, netlink_rows);
	while_it_changes("netlink", look_netlink, rounds);
	writer_stop(writer);

	after_changes();
	printf("1..%d\n", results);
	return failures ? 1 : 0;
}
