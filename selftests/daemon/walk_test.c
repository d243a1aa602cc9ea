// SPDX-License-Identifier: GPL-2.0
/* Walks of the table: a piece at a time, one after the other, and told of. */
#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ev.h>

#include "message.h"
#include "netlink.h"
#include "walk.h"

#define FAMILY	0x77

static const uint8_t mac[] = { 2, 0, 0, 0, 1, 1 };

/* ---- a kernel that answers by a script ---- */

/* One datagram: what reading it comes to, and the leases in it. */
struct piece {
	int err;
	unsigned int rows;
};

static struct {
	struct piece script[32];
	unsigned int n_script;
	unsigned int n_read;
	struct known rows[8];
	unsigned int n_rows;
	unsigned int n_open;		/* sockets, now */
	unsigned int n_sent;
	char sent[1024];
	int open_err;
	int send_err;
	int fd;
} kernel;

int nl_open(struct nl_sock *nl, int protocol)
{
	assert_int_equal(protocol, NETLINK_GENERIC);
	memset(nl, 0, sizeof(*nl));
	if (kernel.open_err)
		return kernel.open_err;
	assert_int_equal(kernel.n_open++, 0);
	/* readable, whenever it is looked at */
	kernel.fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_true(kernel.fd >= 0);
	return 0;
}

void nl_close(struct nl_sock *nl)
{
	(void)nl;
	if (!kernel.n_open)
		return;
	kernel.n_open--;
	close(kernel.fd);
}

int nl_fd(const struct nl_sock *nl)
{
	(void)nl;
	return kernel.fd;
}

struct nlmsghdr *nl_genl(void *buf, uint16_t family, uint8_t cmd,
			 uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	assert_int_equal(family, FAMILY);
	assert_int_equal(cmd, LEASEGLEAN_CMD_LEASE_GET);
	assert_int_equal(flags, NLM_F_DUMP);
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	return nlh;
}

int nl_send(struct nl_sock *nl, struct nlmsghdr *nlh)
{
	(void)nl;
	assert_int_equal(kernel.n_open, 1);
	assert_true(nlh->nlmsg_len <= sizeof(kernel.sent));
	memcpy(kernel.sent, nlh, nlh->nlmsg_len);
	kernel.n_sent++;
	return kernel.send_err;
}

int nl_answer_read(struct nl_sock *nl, struct nl_answer *answer, int flags)
{
	char buf[64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	const struct piece *piece = &kernel.script[kernel.n_read++];
	unsigned int i;

	(void)nl;
	assert_int_equal(flags, MSG_DONTWAIT);
	assert_true(kernel.n_read <= kernel.n_script);
	mnl_nlmsg_put_extra_header(nlh, GENL_HDRLEN);
	for (i = 0; i < piece->rows; i++)
		assert_int_equal(answer->handler(nlh, answer->data), 0);
	return piece->err;
}

int known_read(struct known *known, const void *attrs, size_t len)
{
	(void)attrs;
	assert_int_equal(len, 0);
	*known = kernel.rows[kernel.n_rows++];
	return 0;
}

uint16_t module_family(void)
{
	return FAMILY;
}

/* ---- what becomes of walks ---- */

static struct {
	unsigned int n;
	unsigned int failed;
	uint32_t last;			/* whose turn it was */
	struct leases_found found;
} told;

/* Who asks, where it does not matter who. */
static __be32 requestor;

static void on_walked(const struct request *request,
		      const struct leases_found *found)
{
	told.n++;
	told.failed += !found;
	assert_int_equal(request->len, sizeof(told.last));
	memcpy(&told.last, request->message, sizeof(told.last));
	assert_null(request->known);
	if (found) {
		told.found = *found;
		told.found.newest.hwaddr = told.found.hwaddr;
	}
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	memset(&kernel, 0, sizeof(kernel));
	memset(&told, 0, sizeof(told));
	requestor = ip("198.18.0.9");
	walk_open(on_walked);
	return 0;
}

/* Nothing is left over, whatever happened. */
static int tear_down(void **state)
{
	(void)state;
	walk_close();
	assert_int_equal(kernel.n_open, 0);
	assert_int_equal(fake_timers(), 0);
	return 0;
}

/*
 * Its xid is number, and so is its message, which is not there any more
 * afterwards.
 */
static int walk(uint32_t number, const struct client *client)
{
	struct known known = { 0 };
	struct request request = {
		.requestor = requestor,
		.message = (const uint8_t *)&number, .len = sizeof(number),
		.known = &known,
	};
	struct client looked_for = *client;
	int err;

	looked_for.xid = number;
	err = walk_begin(&request, &looked_for);
	number = 0;
	return err;
}

static void script(int err, unsigned int rows)
{
	kernel.script[kernel.n_script++] = (struct piece){ err, rows };
}

/* A turn of the loop reads a piece, and no more. */
static void turn(void)
{
	unsigned int was = kernel.n_read;

	ev_run(EV_DEFAULT, EVRUN_NOWAIT);
	assert_int_equal(kernel.n_read, was + 1);
}

static struct known *row(unsigned int at, const char *addr, uint32_t age)
{
	struct known *known = &kernel.rows[at];

	*known = (struct known){
		.addr = ip(addr), .dated = true, .age = age, .expires = 600,
		.htype = 1,
		.origin = LEASEGLEAN_ORIGIN_GLEANED,
	};
	return known;
}

static struct client any = { .hlen = 0, .reservations = true };

static void goes_on_a_piece_at_a_time(void **state)
{
	uint8_t buf[sizeof(mac)];
	struct known *known;

	(void)state;
	memcpy(buf, mac, sizeof(mac));
	known = row(0, "10.77.1.10", 5);
	known->hlen = sizeof(buf);
	known->hwaddr = buf;
	row(1, "10.77.1.11", 7);
	script(-EINPROGRESS, 1);
	script(-EINPROGRESS, 0);
	script(0, 1);
	assert_int_equal(walk(1, &any), 0);
	assert_int_equal(kernel.n_sent, 1);
	assert_int_equal(kernel.n_read, 0);
	turn();
	/* what the next datagram overwrites */
	memset(buf, 0, sizeof(buf));
	turn();
	assert_int_equal(told.n, 0);
	turn();
	assert_int_equal(told.n, 1);
	assert_int_equal(told.failed, 0);
	assert_int_equal(told.last, 1);
	assert_int_equal(told.found.n, 2);
	assert_int_equal(told.found.newest.addr, ip("10.77.1.10"));
	assert_memory_equal(told.found.newest.hwaddr, mac, sizeof(mac));
	assert_int_equal(kernel.n_open, 0);
}

static void has(uint16_t type, const void *value, size_t len)
{
	const struct nlmsghdr *nlh = (const void *)kernel.sent;
	const struct nlattr *attr;

	nl_for_each_genl(attr, nlh)
		if (mnl_attr_get_type(attr) == type) {
			assert_int_equal(mnl_attr_get_payload_len(attr), len);
			if (len)
				assert_memory_equal(mnl_attr_get_payload(attr),
						    value, len);
			return;
		}
	fail_msg("attribute %u is not there", type);
}

static void looks_for_the_client(void **state)
{
	static const uint8_t info[] = { 2, 3, 'm', 0, 0xff };
	static const uint32_t vrf = 7, active = LEASEGLEAN_STATE_ACTIVE;
	struct client client = {
		.vrf = vrf, .htype = 1, .hlen = sizeof(mac),
		.client_id_len = 2, .client_id = { 1, 0 },
		.remote_id_len = 3, .remote_id = { 'm', 0, 0xff },
	};

	(void)state;
	memcpy(client.hwaddr, mac, sizeof(mac));
	script(0, 0);
	assert_int_equal(walk(1, &client), 0);
	has(LEASEGLEAN_A_LEASE_STATE, &active, 4);
	has(LEASEGLEAN_A_LEASE_VRF, &vrf, 4);
	has(LEASEGLEAN_A_LEASE_HWADDR, mac, sizeof(mac));
	has(LEASEGLEAN_A_LEASE_CLIENT_ID, client.client_id, 2);
	has(LEASEGLEAN_A_LEASE_AGENT_INFO, info, sizeof(info));
	has(LEASEGLEAN_A_LEASE_PIECES, NULL, 0);
	turn();
	assert_int_equal(told.found.n, 0);
}

static void what_the_kernel_cannot_look_for(void **state)
{
	struct client client = { .htype = 1, .hlen = sizeof(mac) };

	(void)state;
	row(0, "10.77.1.10", 1);
	row(1, "10.77.1.11", 2)->htype = 6;
	row(2, "10.77.1.12", 3)->origin = LEASEGLEAN_ORIGIN_STATIC;
	script(0, 3);
	assert_int_equal(walk(1, &client), 0);
	turn();
	assert_int_equal(told.found.n, 1);
	assert_int_equal(told.found.addr[0], ip("10.77.1.10"));
	/* by another key its hardware is all the same, and reservations count */
	kernel.n_rows = 0;
	script(0, 3);
	assert_int_equal(walk(2, &any), 0);
	turn();
	assert_int_equal(told.found.n, 3);
}

static void one_after_the_other(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 1; i <= WALKS_MAX; i++)
		assert_int_equal(walk(i, &any), 0);
	assert_int_equal(walk(i, &any), -EBUSY);
	assert_int_equal(kernel.n_sent, 1);
	script(0, 0);
	turn();
	assert_int_equal(told.last, 1);
	/* there is room again */
	assert_int_equal(walk(i, &any), 0);
	assert_int_equal(walk(i + 1, &any), -EBUSY);
	for (i = 2; i <= WALKS_MAX + 1; i++) {
		assert_int_equal(kernel.n_sent, i);
		script(-EINPROGRESS, 0);
		turn();
		script(0, 0);
		turn();
		assert_int_equal(told.n, i);
		assert_int_equal(told.last, i);
	}
	assert_int_equal(told.failed, 0);
	assert_int_equal(kernel.n_open, 0);
}

/* All that wait are answered, in that order. */
static void are_told(const uint32_t *numbers, unsigned int n)
{
	unsigned int i, was = told.n;

	for (i = 0; i < n; i++) {
		script(0, 0);
		turn();
		assert_int_equal(told.n, was + i + 1);
		assert_int_equal(told.last, numbers[i]);
	}
	assert_int_equal(kernel.n_open, 0);
}

static void a_query_that_is_repeated_waits_once(void **state)
{
	static const uint32_t order[] = { 1, 2, 1 };
	struct client other = any;

	(void)state;
	other.hlen = sizeof(mac);
	memcpy(other.hwaddr, mac, sizeof(mac));
	assert_int_equal(walk(1, &other), 0);
	assert_int_equal(walk(2, &other), 0);
	/* of the walk under way, and of one that waits */
	assert_int_equal(walk(1, &other), -EALREADY);
	assert_int_equal(walk(2, &other), -EALREADY);
	/* by whom, and for whom, matters: it need not be that one's number */
	other.hwaddr[5]++;
	assert_int_equal(walk(1, &other), 0);
	are_told(order, 3);
	assert_int_equal(told.failed, 0);
	/* an answer that was given is asked for again */
	assert_int_equal(walk(1, &other), 0);
	requestor = ip("198.18.0.10");
	assert_int_equal(walk(1, &other), 0);
	are_told((const uint32_t[]){ 1, 1 }, 2);
}

/* Who has asked for all of the places leaves one to each of the others. */
static void nobody_keeps_others_from_their_walk(void **state)
{
	static const uint32_t order[] = { 1, 12, 11, 10 };
	uint32_t i;

	(void)state;
	for (i = 1; i <= WALKS_MAX; i++)
		assert_int_equal(walk(i, &any), 0);
	for (i = 10; i < 13; i++) {
		requestor = htonl(i);
		assert_int_equal(walk(i, &any), 0);
		/* the last of who has most is told that it is over */
		assert_int_equal(told.n, i - 9);
		assert_int_equal(told.last, 13 - i + 1);
		assert_int_equal(walk(i + 10, &any), -EBUSY);
	}
	assert_int_equal(told.failed, 3);
	/* each has one: they come first who came first */
	requestor = htonl(13);
	assert_int_equal(walk(i, &any), -EBUSY);
	assert_int_equal(kernel.n_sent, 1);
	are_told(order, 4);
	assert_int_equal(told.failed, 3);
}

static void begun_anew_where_the_table_changed(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++)
		row(i, "10.77.1.10", 1);
	script(-EINTR, 1);
	script(-EINPROGRESS, 1);
	script(0, 1);
	assert_int_equal(walk(1, &any), 0);
	turn();
	assert_int_equal(kernel.n_sent, 2);
	assert_int_equal(told.n, 0);
	turn();
	turn();
	assert_int_equal(told.found.n, 2);
	/* not for ever */
	kernel.n_sent = 0;
	for (i = 0; i < 4; i++)
		script(-EINTR, 0);
	assert_int_equal(walk(2, &any), 0);
	for (i = 0; i < 4; i++)
		turn();
	assert_int_equal(kernel.n_sent, 4);
	assert_int_equal(told.failed, 1);
	assert_int_equal(told.n, 2);
}

static void one_that_fails_is_told_and_the_next_begun(void **state)
{
	(void)state;
	assert_int_equal(walk(1, &any), 0);
	assert_int_equal(walk(2, &any), 0);
	script(-ENOBUFS, 0);
	turn();
	assert_int_equal(told.failed, 1);
	assert_int_equal(told.last, 1);
	script(0, 0);
	turn();
	assert_int_equal(told.failed, 1);
	assert_int_equal(told.last, 2);
	kernel.open_err = -EMFILE;
	assert_int_equal(walk(3, &any), 0);
	assert_int_equal(told.failed, 2);
	kernel.open_err = 0;
	kernel.send_err = -ENOENT;
	assert_int_equal(walk(4, &any), 0);
	assert_int_equal(told.failed, 3);
	assert_int_equal(told.n, 4);
	assert_int_equal(kernel.n_open, 0);
	assert_int_equal(fake_timers(), 0);
}

static void one_that_hangs_is_given_up(void **state)
{
	(void)state;
	assert_int_equal(walk(1, &any), 0);
	fake_advance(6.);
	assert_int_equal(walk(2, &any), 0);
	script(-EINPROGRESS, 0);
	turn();
	fake_advance(3.9);
	assert_int_equal(told.n, 0);
	fake_advance(.2);
	assert_int_equal(told.failed, 1);
	assert_int_equal(told.last, 1);
	assert_int_equal(kernel.n_sent, 2);
	/* the time of one does not count for the next */
	fake_advance(9.);
	script(0, 0);
	turn();
	assert_int_equal(told.failed, 1);
	assert_int_equal(told.last, 2);
}

static void all_end_with_the_module(void **state)
{
	(void)state;
	assert_int_equal(walk(1, &any), 0);
	assert_int_equal(walk(2, &any), 0);
	script(-EINPROGRESS, 0);
	turn();
	walk_close();
	assert_int_equal(told.failed, 2);
	assert_int_equal(kernel.n_open, 0);
	assert_int_equal(fake_timers(), 0);
	ev_run(EV_DEFAULT, EVRUN_NOWAIT);
	assert_int_equal(kernel.n_read, 1);
	walk_open(on_walked);
	script(0, 0);
	assert_int_equal(walk(3, &any), 0);
	turn();
	assert_int_equal(told.last, 3);
	assert_int_equal(told.failed, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(goes_on_a_piece_at_a_time),
	TEST(looks_for_the_client),
	TEST(what_the_kernel_cannot_look_for),
	TEST(one_after_the_other),
	TEST(a_query_that_is_repeated_waits_once),
	TEST(nobody_keeps_others_from_their_walk),
	TEST(begun_anew_where_the_table_changed),
	TEST(one_that_fails_is_told_and_the_next_begun),
	TEST(one_that_hangs_is_given_up),
	TEST(all_end_with_the_module),
};

const struct fake_tests walk_tests = {
	tests, sizeof(tests) / sizeof(tests[0])
};
