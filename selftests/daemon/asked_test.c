// SPDX-License-Identifier: GPL-2.0
/* What comes from the module for those who ask, what goes back, and is lost. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <ev.h>

#include "config.h"
#include "log.h"
#include "message.h"
#include "netlink.h"
#include "walk.h"

#define FAMILY	0x77
#define XID	0x1e6ee96au

static const uint8_t mac[] = { 2, 0, 0, 0, 1, 1 };

/* ---- a socket of the module's ---- */

static struct {
	char in[16][2048];		/* datagrams to be read */
	size_t in_len[16];
	uint32_t in_from[16];
	unsigned int n_in;
	unsigned int n_sent;		/* messages, in all datagrams */
	size_t sent_len;
	int send_err;
	unsigned int n_walks;
	int walk_err;
} kernel;

static int asked_recvmmsg(int fd, struct mmsghdr *m, unsigned int n, int flags,
			  struct timespec *timeout)
{
	unsigned int i;

	(void)fd;
	(void)timeout;
	assert_int_equal(flags, MSG_DONTWAIT);
	for (i = 0; i < n && i < kernel.n_in; i++) {
		struct sockaddr_nl *from = m[i].msg_hdr.msg_name;

		assert_true(kernel.in_len[i] <= m[i].msg_hdr.msg_iov->iov_len);
		memcpy(m[i].msg_hdr.msg_iov->iov_base, kernel.in[i],
		       kernel.in_len[i]);
		m[i].msg_len = (unsigned int)kernel.in_len[i];
		*from = (struct sockaddr_nl){ .nl_pid = kernel.in_from[i] };
	}
	kernel.n_in = 0;
	return (int)i;
}

static ssize_t asked_send(int fd, const void *buf, size_t len, int flags)
{
	const struct nlmsghdr *nlh = buf;
	int left = (int)len;

	(void)fd;
	(void)flags;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		assert_int_equal(nlh->nlmsg_flags, NLM_F_REQUEST);
		kernel.n_sent++;
	}
	errno = kernel.send_err;
	return kernel.send_err ? -1 : (ssize_t)len;
}

static struct nlmsghdr *asked_nl_genl(void *buf, uint16_t family, uint8_t cmd,
				      uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	return nlh;
}

/* What is made here is as its rules have it. */
static int asked_nl_genl_attrs(const struct nlattr **tb,
			       const struct nl_attr_rule *rules, uint16_t max,
			       const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	memset(tb, 0, (max + 1u) * sizeof(*tb));
	nl_for_each_genl(attr, nlh) {
		assert_in_range(mnl_attr_get_type(attr), 1, max);
		assert_true(mnl_attr_validate(attr, rules[mnl_attr_get_type(attr)].type) >= 0);
		tb[mnl_attr_get_type(attr)] = attr;
	}
	return 0;
}

static int asked_nl_request(struct nl_sock *nl, struct nlmsghdr *nlh,
			    nl_handler handler, void *data)
{
	(void)nl;
	(void)nlh;
	(void)handler;
	(void)data;
	return 0;
}

static int asked_walk_begin(const struct request *request,
			    const struct client *client)
{
	assert_int_equal(request->requestor, ip("198.18.0.9"));
	assert_int_equal(client->xid, htonl(XID));
	kernel.n_walks++;
	return kernel.walk_err;
}

/* The box itself, with that for its socket. */
#define recvmmsg	asked_recvmmsg
#define send		asked_send
#define nl_genl		asked_nl_genl
#define nl_genl_attrs	asked_nl_genl_attrs
#define nl_request	asked_nl_request
#define walk_begin	asked_walk_begin
#include "../../userspace-helper/asked.c"
#undef recvmmsg
#undef send
#undef nl_genl
#undef nl_genl_attrs
#undef nl_request
#undef walk_begin

static int set_up(void **state)
{
	/* The budget of walks outlives a test. */
	static double start = 2e6;

	(void)state;
	fake_reset();
	fake.now = start += 1000.;
	log_open(&(struct log_style){ .json = false });
	memset(&kernel, 0, sizeof(kernel));
	config.n_requestors = 1;
	config.requestors[0] = (struct config_requestor){
		.addr = ip("198.18.0.9"), .giaddr = ip("10.77.0.1"),
	};
	dialect_default(&config.requestors[0].dialect);
	return 0;
}

/* ---- what comes ---- */

static struct nlmsghdr *datagram(uint32_t from)
{
	struct nlmsghdr *nlh;

	assert_true(kernel.n_in < 16);
	kernel.in_from[kernel.n_in] = from;
	nlh = mnl_nlmsg_put_header(kernel.in[kernel.n_in]);
	return nlh;
}

static void datagram_end(const struct nlmsghdr *nlh)
{
	kernel.in_len[kernel.n_in++] = nlh->nlmsg_len;
}

static void query(const char *ciaddr, uint32_t from)
{
	struct nlmsghdr *nlh = datagram(from);
	struct genlmsghdr *genl;
	struct message m;

	message_begin(&m, LG_DHCPLEASEQUERY, XID, ciaddr ? ip(ciaddr) : 0,
		      ip("10.77.0.1"));
	m.bytes[MSG_OP] = LG_BOOTREQUEST;
	if (!ciaddr) {
		m.bytes[MSG_HTYPE] = 1;
		m.bytes[MSG_HLEN] = sizeof(mac);
		memcpy(m.bytes + MSG_CHADDR, mac, sizeof(mac));
	}
	nlh->nlmsg_type = FAMILY;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = LEASEGLEAN_CMD_REQUEST_NTF;
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_REQUEST_REQUESTOR,
			 ip("198.18.0.9"));
	mnl_attr_put_u32(nlh, LEASEGLEAN_A_REQUEST_SERVER, ip("198.18.0.1"));
	mnl_attr_put(nlh, LEASEGLEAN_A_REQUEST_MESSAGE, m.len, m.bytes);
	datagram_end(nlh);
}

/* What the module says of an answer. */
static void verdict(int error)
{
	struct nlmsghdr *nlh = datagram(0);
	struct nlmsgerr *said;

	nlh->nlmsg_type = NLMSG_ERROR;
	said = mnl_nlmsg_put_extra_header(nlh, sizeof(*said));
	said->error = error;
	datagram_end(nlh);
}

static void readable(void)
{
	asked_readable(EV_DEFAULT, NULL, EV_READ);
	assert_int_equal(kernel.n_in, 0);
}

static void each_query_is_answered(void **state)
{
	(void)state;
	query("10.77.1.10", 0);
	query("10.77.1.11", 0);
	/* another process says that the module said so */
	query("10.77.1.12", 4711);
	readable();
	assert_int_equal(kernel.n_sent, 2);
	assert_int_equal(counters.asked, 2);
	assert_int_equal(counters.answered_unknown, 2);
	assert_int_equal(counters.answer_errors, 0);
}

static void what_is_refused_is_counted(void **state)
{
	(void)state;
	verdict(-EADDRNOTAVAIL);
	verdict(0);
	verdict(-ENOENT);
	readable();
	assert_int_equal(counters.answer_errors, 2);
}

/* However many go in one datagram. */
static void each_answer_that_is_lost_is_counted(void **state)
{
	(void)state;
	query("10.77.1.10", 0);
	query("10.77.1.11", 0);
	query("10.77.1.12", 0);
	kernel.send_err = ENOBUFS;
	readable();
	assert_int_equal(kernel.n_sent, 3);
	assert_int_equal(counters.answer_errors, 3);
	kernel.send_err = 0;
	query("10.77.1.10", 0);
	readable();
	assert_int_equal(kernel.n_sent, 4);
	assert_int_equal(counters.answer_errors, 3);
}

static void who_has_to_wait_is_counted_by_reason(void **state)
{
	(void)state;
	query(NULL, 0);
	readable();
	kernel.walk_err = -EALREADY;
	query(NULL, 0);
	readable();
	assert_int_equal(counters.asked_repeated, 1);
	assert_int_equal(counters.asked_busy, 0);
	kernel.walk_err = -EBUSY;
	query(NULL, 0);
	readable();
	assert_int_equal(counters.asked_repeated, 1);
	assert_int_equal(counters.asked_busy, 1);
	assert_int_equal(kernel.n_walks, 3);
	assert_int_equal(kernel.n_sent, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static const struct CMUnitTest tests[] = {
	TEST(each_query_is_answered),
	TEST(what_is_refused_is_counted),
	TEST(each_answer_that_is_lost_is_counted),
	TEST(who_has_to_wait_is_counted_by_reason),
};

const struct fake_tests asked_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
